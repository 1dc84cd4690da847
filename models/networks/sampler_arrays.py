"""The sampler of `models/networks/latent_sampler.py` in plain numpy, with the same tensor names."""

import math
from collections.abc import Mapping

import numpy as np
import scipy.special

__all__ = ["SamplerArrays"]

_N_WAVES, _STEPS = 8, 10
_EPSILON = 1e-5  # of torch's LayerNorm


class SamplerArrays:
    """Draws latents `(D,)` given the features of a sound.

    Args:
        tensors: Tensors of the sampler.
    """

    def __init__(self, tensors: Mapping[str, np.ndarray]) -> None:
        self._t = {name: np.asarray(t, np.float32) for name, t in tensors.items()}
        self._n_blocks = len({n.split(".")[1] for n in self._t if n.startswith("blocks.")}) - 1  # last: norm

    def draw(self, features: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Return the latents `(n, D)` that noise `(n, D)` is carried to, for features `(width,)`."""
        z: np.ndarray = np.asarray(noise, np.float32)
        given = self._dense("from_features", features)
        for step in range(_STEPS):
            turns = np.full((len(z), 1), (step + 0.5) / _STEPS) * math.pi * np.arange(1, _N_WAVES + 1)
            placed = np.concatenate([z, np.cos(turns), np.sin(turns)], 1).astype(np.float32)
            h = self._dense("from_latent", placed) + given
            for k in range(self._n_blocks):
                inner = self._dense(f"blocks.{k}.layers.1", self._norm(f"blocks.{k}.layers.0", h))
                inner = 0.5 * inner * (1.0 + scipy.special.erf(inner * math.sqrt(0.5)))
                h = h + self._dense(f"blocks.{k}.layers.4", inner)
            z = z + self._dense("velocity", self._norm(f"blocks.{self._n_blocks}", h)) / _STEPS
        return np.asarray(z, np.float32)

    def _dense(self, layer: str, x: np.ndarray) -> np.ndarray:
        return x @ self._t[f"{layer}.weight"].T + self._t[f"{layer}.bias"]

    def _norm(self, layer: str, x: np.ndarray) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + _EPSILON)
        return centred / spread * self._t[f"{layer}.weight"] + self._t[f"{layer}.bias"]
