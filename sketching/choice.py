"""Which of many patches to offer: the nearest, and others that are not nearly the same."""

import numpy as np

__all__ = ["choose"]


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
