"""Answers to a target sound: the model's, and the references that any model has to beat."""

import numpy as np
import torch

from models.regression_flow import FIRST_ANSWER_STEPS, RegressionFlow
from training.data.dataset import Dataset

__all__ = ["mean_patch", "model_answers", "nearest_rows"]

_ROWS_AT_ONCE = 4_096


def mean_patch(train: Dataset) -> np.ndarray:
    """Give the mean of the training patches, `(P,)`: the answer that listens to nothing."""
    return train.patches.mean(axis=0)


def nearest_rows(mels: np.ndarray, train: Dataset) -> np.ndarray:
    """Find the training render nearest each target by mean absolute log-mel difference.

    Args:
        mels: Levelled targets, `(n, n_mels, n_frames)`.
        train: Levelled renders.

    Returns:
        Row numbers `(n,)`.
    """
    targets = torch.from_numpy(np.asarray(mels, np.float32)).flatten(1)
    best = torch.full((len(targets),), torch.inf)
    rows = torch.zeros(len(targets), dtype=torch.long)
    for start in range(0, len(train), _ROWS_AT_ONCE):
        piece = torch.from_numpy(train.mels[start : start + _ROWS_AT_ONCE]).float().flatten(1)
        distance, row = torch.cdist(targets, piece, p=1.0).min(dim=1)
        closer = distance < best
        best[closer], rows[closer] = distance[closer], row[closer] + start
    return rows.numpy()


def model_answers(model: RegressionFlow, mels: np.ndarray, steps: int = FIRST_ANSWER_STEPS) -> np.ndarray:
    """Give the model's first answers `(n, P)`; with no steps, the posterior mean through the flow."""
    model.eval()
    return model.infer(torch.from_numpy(np.asarray(mels, np.float32)), steps).numpy()
