"""Free values: parameters before they are squashed into 0 to 1, so that nothing is lost at their ends."""

import numpy as np

__all__ = ["SQUASH_MARGIN", "squash", "unsquash"]

SQUASH_MARGIN = 0.005  # a parameter of 0 has the free value -5.3


def squash(u: np.ndarray) -> np.ndarray:
    """Turn unbounded values into normalized ones."""
    inside = 1.0 / (1.0 + np.exp(-np.clip(u, -40.0, 40.0)))
    return np.clip((inside - SQUASH_MARGIN) / (1.0 - 2.0 * SQUASH_MARGIN), 0.0, 1.0)


def unsquash(v: np.ndarray) -> np.ndarray:
    """Undo `squash` for values from 0 to 1, ends included."""
    inside = SQUASH_MARGIN + (1.0 - 2.0 * SQUASH_MARGIN) * v
    return np.log(inside) - np.log1p(-inside)
