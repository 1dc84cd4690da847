"""Which of many patches to try, and which to offer."""

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

__all__ = ["alternating", "choose", "different"]


def choose(patches: np.ndarray, distances: np.ndarray, n: int, apart: float) -> list[int]:
    """Return up to n rows, nearest first, each apart from those before it.

    Args:
        patches: `(N, P)`.
        distances: Of each, lower is better, `(N,)`; rows at infinity are never picked.
        n: Most rows to pick.
        apart: Least mean absolute difference of any two picked patches.
    """
    picked: list[int] = []
    for row in np.argsort(distances, kind="stable"):
        if len(picked) == n or not np.isfinite(distances[row]):
            break
        if all(np.abs(patches[row] - patches[other]).mean() >= apart for other in picked):
            picked.append(int(row))
    return picked


def alternating(ones: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return patches from two lists in turn, then the rest of the longer one."""
    return [patch for pair in zip_longest(ones, others) for patch in pair if patch is not None]


def different(patches: Sequence[np.ndarray]) -> np.ndarray:
    """Stack patches in order, leaving out repetitions."""
    stacked = np.stack([np.asarray(patch, np.float32) for patch in patches])
    _, first = np.unique(stacked, axis=0, return_index=True)
    return stacked[np.sort(first)]
