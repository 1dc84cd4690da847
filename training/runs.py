"""A finished run, read back: its settings, its data, and a model that answers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml
from torch import nn

from core.config import build
from core.errors import CheckpointError
from models.regression_flow import RegressionFlow
from training.checkpoint import load_weights
from training.dataset import DatasetFolder
from training.settings import TrainingSettings

__all__ = ["TrainedRun", "load_run"]

_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class TrainedRun:
    """A trained model and what it was trained on.

    Attributes:
        settings: As they stood when it was trained, `settings.yaml` of the run.
        folder: The dataset; its space is what the answers are in.
        model: In evaluation mode.
    """

    settings: TrainingSettings
    folder: DatasetFolder
    model: nn.Module

    def answers(self, mels: np.ndarray) -> np.ndarray:
        """Answer sounds with patches: the same patch each time, whatever else is in the batch.

        Args:
            mels: Log-mels of levelled sounds, float32 `(n, n_mels, n_frames)`.

        Returns:
            Float32 `(n, P)`, each value within 0 to 1.
        """
        heard = torch.from_numpy(np.asarray(mels, np.float32))
        with torch.no_grad():
            parts = [self.model.infer(rows) for rows in heard.split(_ROWS_AT_ONCE)]  # type: ignore[operator]
        if not parts:
            return np.zeros((0, len(self.folder.space)), np.float32)
        return torch.cat(parts).numpy()


def load_run(path: Path) -> TrainedRun:
    """Read a run that `train.py` wrote; it may still be learning, then its best weights so far are taken.

    Raises:
        CheckpointError: The run has no weights yet, or they do not fit.
        ConfigError: Its dataset is gone.
    """
    page = path / "settings.yaml"
    weights = path / "flow.best.safetensors"
    if not page.exists() or not weights.exists():
        raise CheckpointError(f"{path} is no trained run; train it: python train.py CONFIG.yaml")
    settings = build(TrainingSettings, yaml.safe_load(page.read_text("utf-8")))
    folder = DatasetFolder(settings.data)
    model = RegressionFlow(len(folder.space), folder.mel, settings.model, settings.seed)
    load_weights(weights, model)
    return TrainedRun(settings, folder, model.eval())
