"""What is measured of the renders along a dial: whether its name is true, and how even its way is."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import spearmanr

from core.ruler.soft_mss import soft_mel_distance

__all__ = ["rank_correlation", "steps_db", "unevenness"]


def rank_correlation(along: Sequence[float]) -> float:
    """Return Spearman's rho of values along a dial with its position; 0 where they do not change."""
    return float(spearmanr(range(len(along)), along).statistic) if np.ptp(along) > 1e-6 else 0.0


def steps_db(mels: Sequence[tuple[np.ndarray, ...]]) -> np.ndarray:
    """Return the soft MSS between neighbours along a dial, `(n - 1,)`.

    Args:
        mels: Of each render, see `core.ruler.soft_mss.soft_mels`.
    """
    return np.array([soft_mel_distance(a, b) for a, b in zip(mels, mels[1:], strict=False)])


def unevenness(steps: np.ndarray) -> float:
    """Return the largest step over the mean step; 1 is even."""
    return float(steps.max() / max(float(steps.mean()), 1e-9))
