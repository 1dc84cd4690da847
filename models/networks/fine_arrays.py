"""The branch of `models/networks/fine_branch.py` in plain numpy, with the same tensor names."""

import math
from collections.abc import Mapping

import numpy as np
import scipy.special

from core.fine_frames import FINE_RATE_HZ, FINE_SHAPE, N_BANDS

__all__ = ["FineArrays"]

_FASTEST_HZ = 20.0
_N_ATTACK, _POOLED = 32, 8
_FLOOR = 0.1
_EPSILON = 1e-5  # of torch's LayerNorm


class FineArrays:
    """Fine frames to a vector that is added to the encoder's own.

    Args:
        tensors: Tensors of the branch.
        held_seconds: How long the note of the training renders is held.
    """

    def __init__(self, tensors: Mapping[str, np.ndarray], held_seconds: float) -> None:
        self._t = tensors
        self._n_held = n = min(max(round(held_seconds * FINE_RATE_HZ), 2), FINE_SHAPE[1])
        slowest_hz = FINE_RATE_HZ / n
        hz = np.arange(1, max(int(_FASTEST_HZ / slowest_hz), 1) + 1) * slowest_hz
        window = (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)) / math.sqrt(n)  # periodic, as torch's
        turns = 2.0 * math.pi * (np.arange(n) / FINE_RATE_HZ)[:, None] * hz
        self._cosines = (window[:, None] * np.cos(turns)).astype(np.float32)
        self._sines = (window[:, None] * np.sin(turns)).astype(np.float32)

    def added(self, fine: np.ndarray) -> np.ndarray:
        """Return what is added for fine frames `(26, 368)`; zeros for all zeros."""
        t = self._t
        if not fine.any():
            return np.zeros(len(t["layers.3.bias"]), np.float32)
        x = (np.asarray(fine, np.float32) - t["mean"]) / t["spread"]
        held = x[:, : self._n_held]
        held = held - held.mean(-1, keepdims=True)
        power = (held @ self._cosines) ** 2 + (held @ self._sines) ** 2
        modulation = np.log(_FLOOR + np.sqrt(power + 1e-6))
        n_pooled = x.shape[1] // _POOLED
        pitch = x[N_BANDS:, : n_pooled * _POOLED].reshape(-1, n_pooled, _POOLED).mean(2)
        read = np.concatenate([modulation.ravel(), x[:, :_N_ATTACK].ravel(), pitch.ravel()])
        centred = read - read.mean()
        read = centred / np.sqrt((centred**2).mean() + _EPSILON) * t["layers.0.weight"] + t["layers.0.bias"]
        inner = read @ t["layers.1.weight"].T + t["layers.1.bias"]
        inner = 0.5 * inner * (1.0 + scipy.special.erf(inner * math.sqrt(0.5)))
        return np.asarray(inner @ t["layers.3.weight"].T + t["layers.3.bias"], np.float32)
