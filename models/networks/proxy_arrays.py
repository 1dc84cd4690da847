"""The proxy in plain numpy, with its gradient: what a sketch needs of a model besides encoder and flow.

`models/networks/proxy.py` holds the same network as a trainable module with the same tensor names.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.special

from core.errors import CheckpointError
from core.mel import MelConfig
from core.space import ParameterSpace
from models.networks.control_arrays import ControlArrays

__all__ = ["ProxyArrays"]

_EPSILON = 1e-5  # of torch's LayerNorm
_LOWEST, _HIGHEST = -0.01, 1.01  # patches are held to this
_LAYERS = ("enter", "matrix", "still", "pictures.0", "pictures.1", "from_state", "frame", "spectrum.1")


@dataclass(frozen=True, eq=False)
class _Norm:
    """What the gradient of a layer norm needs of its forward pass."""

    centred: np.ndarray  # divided by the spread
    spread: np.ndarray


class ProxyArrays:
    """Normalized parameters `(n, P)` to log-mels `(n, n_mels, n_frames)`; see `Proxy`.

    Args:
        tensors: Tensors of the proxy, named as in `models/networks/proxy.py`.
        space: The parameters of the patches.
        mel: How sounds become mels.
        held_seconds: How long the note is held.

    Raises:
        CheckpointError: A tensor is missing, or they do not fit together.
    """

    def __init__(
        self, tensors: Mapping[str, np.ndarray], space: ParameterSpace, mel: MelConfig, held_seconds: float
    ) -> None:
        self._t = {name: np.asarray(t, np.float32) for name, t in tensors.items()}
        names = [f"{layer}.{part}" for layer in _LAYERS for part in ("weight", "bias")]
        missing = [name for name in ("mean", "spread", *names) if name not in self._t]
        if missing:
            raise CheckpointError(f"the weights hold no complete proxy: {missing[0]} is missing.")
        self._n_blocks = len({n.split(".")[1] for n in self._t if n.startswith("blocks.")}) - 1  # last: norm
        self._heard = [k for k, name in enumerate(space.names) if name != "volume"]
        n_octaves = (self._t["enter.weight"].shape[1] // max(len(self._heard), 1) - 1) // 2
        self._turns = (math.pi * 2.0 ** np.arange(n_octaves)).astype(np.float32)
        self._signals = ControlArrays(space, mel, held_seconds)
        self._shape = mel.shape

    def mels(self, patches: np.ndarray) -> np.ndarray:
        """Return the log-mels of patches, float32."""
        return _Pass(self, patches).mels

    def gradient(self, patches: np.ndarray, mels: np.ndarray) -> np.ndarray:
        """Return the gradient `(n, P)` of the mean absolute difference from mels, by patches."""
        there = _Pass(self, patches)
        return there.gradient(np.sign(there.mels - mels) / np.float32(mels.shape[-1] * mels.shape[-2]))


class _Pass:
    """One pass through the proxy, kept for the way back."""

    def __init__(self, proxy: ProxyArrays, patches: np.ndarray) -> None:
        self._p, t = proxy, proxy._t
        patches = np.asarray(patches, np.float32)
        self._inside = (patches >= _LOWEST) & (patches <= _HIGHEST)
        self._patches = np.clip(patches, _LOWEST, _HIGHEST)
        self._signals = proxy._signals.signals(self._patches)
        v = self._patches[:, proxy._heard]
        self._angles = (v[..., None] * proxy._turns).reshape(len(v), -1)
        h = self._dense(
            "enter", np.concatenate([2.0 * v - 1.0, np.sin(self._angles), np.cos(self._angles)], 1)
        )
        self._blocks: list[tuple[_Norm, np.ndarray]] = []
        for k in range(proxy._n_blocks):
            normed, norm = self._norm(f"blocks.{k}.layers.0", h)
            inner = self._dense(f"blocks.{k}.layers.1", normed)
            self._blocks.append((norm, inner))
            h = h + self._dense(f"blocks.{k}.layers.4", _gelu(inner))
        read, self._last = self._norm(f"blocks.{proxy._n_blocks}", h)
        n_states = t["from_state.weight"].shape[1]
        self._matrix = self._dense("matrix", read).reshape(len(v), n_states, -1)
        states = self._matrix[..., 1:] @ self._signals + self._matrix[..., :1]
        self._entered = (
            self._dense("from_state", states.transpose(0, 2, 1)) + self._dense("still", read)[:, None]
        )
        first = _gelu(self._entered)
        self._framed = self._dense("frame", first)
        normed, self._seen = self._norm("spectrum.0", first + _gelu(self._framed))
        seen = self._dense("spectrum.1", normed).transpose(0, 2, 1)
        pictures = self._dense("pictures.1", self._dense("pictures.0", read)).reshape(seen.shape)
        self.mels = (seen + pictures) * t["spread"].reshape(()) + t["mean"]

    def gradient(self, slopes: np.ndarray) -> np.ndarray:
        """Return the gradient by patches `(n, P)`, given that by the mels."""
        p, t = self._p, self._p._t
        slopes = slopes * t["spread"].reshape(())
        by_read = slopes.reshape(len(slopes), -1) @ t["pictures.1.weight"] @ t["pictures.0.weight"]
        by_seen = slopes.transpose(0, 2, 1) @ t["spectrum.1.weight"]
        by_first = self._back("spectrum.0", by_seen, self._seen)
        by_first = by_first + (by_first * _gelu_slope(self._framed)) @ t["frame.weight"]
        by_entered = by_first * _gelu_slope(self._entered)
        by_read = by_read + by_entered.sum(1) @ t["still.weight"]
        by_states = (by_entered @ t["from_state.weight"]).transpose(0, 2, 1)
        by_matrix = np.concatenate(
            [by_states.sum(2, keepdims=True), by_states @ self._signals.transpose(0, 2, 1)], 2
        )
        by_signals = self._matrix[..., 1:].transpose(0, 2, 1) @ by_states
        by_read = by_read + by_matrix.reshape(len(slopes), -1) @ t["matrix.weight"]
        by_h = self._back(f"blocks.{p._n_blocks}", by_read, self._last)
        for k, (norm, inner) in reversed(list(enumerate(self._blocks))):
            by_inner = (by_h @ t[f"blocks.{k}.layers.4.weight"]) * _gelu_slope(inner)
            by_h = by_h + self._back(
                f"blocks.{k}.layers.0", by_inner @ t[f"blocks.{k}.layers.1.weight"], norm
            )
        by_entry = by_h @ t["enter.weight"]
        n, m = len(p._heard), self._angles.shape[1]
        by_angles = by_entry[:, n : n + m] * np.cos(self._angles) - by_entry[:, n + m :] * np.sin(
            self._angles
        )
        by_v = 2.0 * by_entry[:, :n] + (by_angles.reshape(len(slopes), n, -1) * p._turns).sum(2)
        found = p._signals.gradient(self._patches, by_signals)
        found[:, p._heard] += by_v
        return np.where(self._inside, found, 0.0).astype(np.float32)

    def _dense(self, layer: str, x: np.ndarray) -> np.ndarray:
        return x @ self._p._t[f"{layer}.weight"].T + self._p._t[f"{layer}.bias"]

    def _norm(self, layer: str, x: np.ndarray) -> tuple[np.ndarray, _Norm]:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + _EPSILON)
        centred = centred / spread
        return centred * self._p._t[f"{layer}.weight"] + self._p._t[f"{layer}.bias"], _Norm(centred, spread)

    def _back(self, layer: str, slopes: np.ndarray, norm: _Norm) -> np.ndarray:
        by = slopes * self._p._t[f"{layer}.weight"]
        along = (by * norm.centred).mean(-1, keepdims=True)
        return (by - by.mean(-1, keepdims=True) - norm.centred * along) / norm.spread


def _gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1.0 + scipy.special.erf(x * np.float32(math.sqrt(0.5))))


def _gelu_slope(x: np.ndarray) -> np.ndarray:
    bell = np.exp(-0.5 * x * x) * np.float32(1.0 / math.sqrt(2.0 * math.pi))
    return 0.5 * (1.0 + scipy.special.erf(x * np.float32(math.sqrt(0.5)))) + x * bell
