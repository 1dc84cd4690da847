"""Trained runs, read back: settings, data, and a model that answers sounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml

from core.config import build
from core.errors import CheckpointError
from models.paper.paper_model import PaperModel
from models.regression_flow import RegressionFlow
from training.architectures import SHIPPED, new_model
from training.checkpoint import load_weights, read_counters
from training.data.dataset import DatasetFolder
from training.settings import TrainingSettings
from training.train import TAGS_FILE

__all__ = ["TrainedRun", "find_runs", "is_finished", "load_run", "unfinished_runs"]

_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class TrainedRun:
    """A trained model and what it was trained on.

    Attributes:
        settings: What it was trained with, `settings.yaml` of the run.
        folder: The dataset; answers are patches of its space.
        model: The model, in evaluation mode.
        tag_names: For Flow_dis, pairs such as `dark-bright`; latent dimension k belongs to pair k.
    """

    settings: TrainingSettings
    folder: DatasetFolder
    model: RegressionFlow | PaperModel
    tag_names: tuple[str, ...] = ()

    def answers(self, mels: np.ndarray, fine: np.ndarray | None = None) -> np.ndarray:
        """Answer sounds with patches: the same patch each time, whatever else is in the batch.

        Args:
            mels: Log-mels of levelled sounds, float32 `(n, n_mels, n_frames)`.
            fine: Their fine frames, uint8 `(n, 26, 368)`; the paper's models do not read them.

        Returns:
            Float32 `(n, P)`, each value within 0 to 1.
        """
        heard = torch.from_numpy(np.asarray(mels, np.float32)).split(_ROWS_AT_ONCE)
        with torch.no_grad():
            if isinstance(self.model, RegressionFlow) and fine is not None:
                finely = torch.from_numpy(fine).split(_ROWS_AT_ONCE)
                parts = [self.model.infer(m, f.float()) for m, f in zip(heard, finely, strict=True)]
            else:
                parts = [self.model.infer(rows) for rows in heard]
        if not parts:
            return np.zeros((0, len(self.folder.space)), np.float32)
        return torch.cat(parts).numpy()


def find_runs(paths: Sequence[Path]) -> list[Path]:
    """Return the runs that paths name: runs, or folders of runs as `training.all_models` writes them.

    A folder that is neither is returned as it is, and `load_run` reports what is wrong with it.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(page.parent for page in path.glob("*/settings.yaml"))
        found += [path] if (path / "settings.yaml").is_file() or not inside else inside
    return found


def unfinished_runs(paths: Sequence[Path]) -> list[Path]:
    """Return the runs that have not been trained to their end; a folder that is no run is not one of them."""
    runs = [path for path in paths if (path / "settings.yaml").is_file()]
    return [path for path in runs if not is_finished(path, _settings(path).architecture)]


def is_finished(run: Path, architecture: str) -> bool:
    """Whether a run was trained to its end; one that never began was not."""
    last = "flow" if architecture == SHIPPED else "model"
    page = run / f"{last}.run.safetensors"
    return page.exists() and bool(read_counters(page)["done"])


def load_run(path: Path) -> TrainedRun:
    """Read a run that `train.py` wrote. If it is still training, its best weights so far are used.

    Raises:
        CheckpointError: The run has no weights yet, or they do not fit.
        ConfigError: Its dataset is gone.
    """
    if not (path / "settings.yaml").exists():
        raise CheckpointError(f"{path} is not a run of train.py. Train one: python train.py CONFIG.yaml")
    settings = _settings(path)
    phase = "flow" if settings.architecture == SHIPPED else "model"
    weights = path / f"{phase}.best.safetensors"
    if not weights.exists():
        raise CheckpointError(f"{path} has no weights yet. Run the command that started it again.")
    folder = DatasetFolder(settings.data)
    tags = path / TAGS_FILE
    names = tuple(yaml.safe_load(tags.read_text("utf-8"))) if tags.exists() else ()
    model = new_model(settings, folder, len(names))
    load_weights(weights, model)
    return TrainedRun(settings, folder, model.eval(), names)


def _settings(run: Path) -> TrainingSettings:
    return build(TrainingSettings, yaml.safe_load((run / "settings.yaml").read_text("utf-8")))
