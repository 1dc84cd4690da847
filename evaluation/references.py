"""What a model's answers are compared with: the mean patch, and the nearest sound, as it is or refined."""

from dataclasses import dataclass

import numpy as np
import torch

from models.regression_flow import FIRST_ANSWER_STEPS, RegressionFlow
from training.data.dataset import Dataset

__all__ = ["ReferenceSounds", "mean_patch", "nearest_rows", "refined_by_proxy"]

_ROWS_AT_ONCE = 4_096
_ROWS_REFINED = 64


@dataclass(frozen=True)
class ReferenceSounds:
    """Sounds from which the nearest one and the mean patch are taken.

    Attributes:
        sounds: Patches and their levelled mels.
        description: What these sounds are, as in `252 presets`.
        names: Of the sounds, or empty.
    """

    sounds: Dataset
    description: str
    names: tuple[str, ...] = ()

    @property
    def mean_patch(self) -> np.ndarray:
        """Mean of the patches, `(P,)`."""
        return mean_patch(self.sounds)

    def nearest(self, mels: np.ndarray) -> np.ndarray:
        """Return the rows `(n,)` of the sounds nearest to levelled mels `(n, n_mels, n_frames)`."""
        return nearest_rows(mels, self.sounds)


def mean_patch(train: Dataset) -> np.ndarray:
    """Return the mean of the training patches, `(P,)`: the answer that ignores its target."""
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


@torch.no_grad()
def refined_by_proxy(model: RegressionFlow, patches: np.ndarray, mels: np.ndarray) -> np.ndarray:
    """Follow a model's proxy from patches towards sounds, for as many steps as its own answers do.

    So the encoder's part in those answers can be told from the proxy's.

    Args:
        model: Its flow says which patches are likely, its proxy how they sound.
        patches: Where to begin, `(n, P)`.
        mels: Levelled targets, `(n, n_mels, n_frames)`.

    Returns:
        Float32 `(n, P)`.
    """
    found = []
    starts = torch.from_numpy(np.asarray(patches, np.float32)).split(_ROWS_REFINED)
    targets = torch.from_numpy(np.asarray(mels, np.float32)).split(_ROWS_REFINED)
    for start, target in zip(starts, targets, strict=True):
        z = model.flow.inverse(model.flow.from_patch(start))[0]
        found.append(model.flow.decode(model.descend(z, target, FIRST_ANSWER_STEPS)).clamp(0.0, 1.0))
    return torch.cat(found).numpy()
