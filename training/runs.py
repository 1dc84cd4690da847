"""A finished run, read back: its settings, its data, and a model that answers."""

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
from training.checkpoint import load_weights
from training.data.dataset import DatasetFolder
from training.settings import TrainingSettings
from training.train import TAGS_FILE

__all__ = ["TrainedRun", "find_runs", "load_run"]

_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class TrainedRun:
    """A trained model and what it was trained on.

    Attributes:
        settings: As they stood when it was trained, `settings.yaml` of the run.
        folder: The dataset; its space is what the answers are in.
        model: In evaluation mode.
        tag_names: Of Flow_dis, pairs such as `dark-bright`: dimension k of its latent is pair k's.
    """

    settings: TrainingSettings
    folder: DatasetFolder
    model: RegressionFlow | PaperModel
    tag_names: tuple[str, ...] = ()

    def answers(self, mels: np.ndarray) -> np.ndarray:
        """Answer sounds with patches: the same patch each time, whatever else is in the batch.

        Args:
            mels: Log-mels of levelled sounds, float32 `(n, n_mels, n_frames)`.

        Returns:
            Float32 `(n, P)`, each value within 0 to 1.
        """
        heard = torch.from_numpy(np.asarray(mels, np.float32))
        with torch.no_grad():
            parts = [self.model.infer(rows) for rows in heard.split(_ROWS_AT_ONCE)]
        if not parts:
            return np.zeros((0, len(self.folder.space)), np.float32)
        return torch.cat(parts).numpy()


def find_runs(paths: Sequence[Path]) -> list[Path]:
    """Give the runs that paths name; each is a run, or a folder of runs as `training.all_models` leaves it.

    A folder that is neither is given back as it is, for `load_run` to say what is wrong with it.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(page.parent for page in path.glob("*/settings.yaml"))
        found += [path] if (path / "settings.yaml").is_file() or not inside else inside
    return found


def load_run(path: Path) -> TrainedRun:
    """Read a run that `train.py` wrote; it may still be learning, then its best weights so far are taken.

    Raises:
        CheckpointError: The run has no weights yet, or they do not fit.
        ConfigError: Its dataset is gone.
    """
    page = path / "settings.yaml"
    if not page.exists():
        raise CheckpointError(f"{path} is no trained run; train it: python train.py CONFIG.yaml")
    settings = build(TrainingSettings, yaml.safe_load(page.read_text("utf-8")))
    phase = "flow" if settings.architecture == SHIPPED else "model"
    weights = path / f"{phase}.best.safetensors"
    if not weights.exists():
        raise CheckpointError(f"{path} has learned nothing yet; go on with the command that started it.")
    folder = DatasetFolder(settings.data)
    tags = path / TAGS_FILE
    names = tuple(yaml.safe_load(tags.read_text("utf-8"))) if tags.exists() else ()
    model = new_model(settings, folder, len(names))
    load_weights(weights, model)
    return TrainedRun(settings, folder, model.eval(), names)
