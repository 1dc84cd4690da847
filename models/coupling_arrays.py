"""The regression flow in plain numpy: latent to parameters and back, one pass each way.

This is what plays. It needs no torch, starts in milliseconds, and is the reference for the other backends.
`models/flows.py` holds the same map as a trainable module with the same tensor names, so a checkpoint loads
into either.

One block maps x = (a, b) to y = R (a, b * exp(s(a)) + t(a)), with R a fixed rotation. The last step undoes
the standardisation and squashes: v = (sigmoid(u * scale + shift) - e) / (1 - 2e), held inside 0 to 1. The
margin e keeps u finite at v = 0 and v = 1, so the very ends have a latent, too. If the space has a volume,
`models/steering/level_arrays.py` adds it.

References:
    Dinh et al., "Density estimation using Real NVP", ICLR 2017, arXiv 1605.08803.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from core.errors import CheckpointError
from models.steering.free_values import squash, unsquash
from models.steering.level_arrays import LEVEL_DB, LevelArrays

__all__ = [
    "CONTEXT_LIMIT",
    "LOG_SCALE_LIMIT",
    "Block",
    "CouplingArrays",
]

LOG_SCALE_LIMIT = 1.0  # |s(a)| stays below this, so that an extreme patch stays invertible in float32
CONTEXT_LIMIT = 4.0  # a is read as 4 tanh(a / 4): outliers steer the network no further than this


@dataclass(frozen=True)
class Block:
    """One affine coupling: three dense layers that read a and move b, then a rotation.

    Shapes, with d = D // 2, e = D - d and hidden H: `w0 (H, d)`, `w1 (H, H)`, `w2 (2e, H)`,
    `rotation (D, D)`.
    """

    w0: np.ndarray
    b0: np.ndarray
    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray
    rotation: np.ndarray


class CouplingArrays:
    """An invertible map between latents `(..., D)` and patches `(..., D)`.

    Args:
        blocks: The couplings, the one nearest the latent first.
        shift, scale: Mean and standard deviation of the unsquashed parameters, `(C,)`.
        leveler: Sets the volume; the last latent is then the level, and C, the number of coupled latents, is
            D - 1. Without one, C is D.
    """

    def __init__(
        self, blocks: list[Block], shift: np.ndarray, scale: np.ndarray, leveler: LevelArrays | None = None
    ) -> None:
        self.blocks = blocks
        self.shift = shift
        self.scale = scale
        self.leveler = leveler
        self.n_coupled = int(shift.shape[0])
        self.has_level = leveler is not None
        self.n_latent = self.n_coupled + self.has_level
        self._split = self.n_coupled // 2

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Turn latents `(..., D)` into normalized parameters `(..., D)`, each within 0 to 1."""
        z = np.asarray(z, np.float32)
        x, d = z[..., : self.n_coupled], self._split
        for block in self.blocks:
            log_scale, move = _condition(block, x[..., :d])
            x = np.concatenate([x[..., :d], x[..., d:] * np.exp(log_scale) + move], -1)
            x = x @ block.rotation.T
        v = squash(x * self.scale + self.shift)
        return v if self.leveler is None else self.leveler.join(v, z[..., self.n_coupled :])

    def invert(self, v: np.ndarray) -> np.ndarray:
        """Turn normalized parameters `(..., D)` into the latents that decode to them.

        Computed in float64, so that a latent loses no more than one rounding to float32.
        """
        others, level = np.asarray(v, np.float64), None
        if self.leveler is not None:
            others, level = self.leveler.part(others)
        x = self._uncoupled((unsquash(others) - self.shift) / self.scale)
        return (x if level is None else np.concatenate([x, level], -1)).astype(np.float32)

    def _uncoupled(self, x: np.ndarray) -> np.ndarray:
        d = self._split
        for block in reversed(self.blocks):
            x = x @ block.rotation
            log_scale, move = _condition(block, x[..., :d])
            x = np.concatenate([x[..., :d], (x[..., d:] - move) * np.exp(-log_scale)], -1)
        return x

    def free_of(self, z: np.ndarray) -> np.ndarray:
        """Return the free values `(D,)` of a latent: parameters before they are squashed, volume in dB last.

        A free value has no bounds, so nothing is lost where a parameter is at its end. In float64.
        """
        x, d = np.asarray(z[: self.n_coupled], np.float64), self._split
        for block in self.blocks:
            log_scale, move = _condition(block, x[:d])
            x = np.concatenate([x[:d], x[d:] * np.exp(log_scale) + move]) @ block.rotation.T
        u = x * self.scale + self.shift
        if self.leveler is None:
            return u
        return np.append(u, self.leveler.called_for(squash(u)) + LEVEL_DB * z[-1])

    def latent_of(self, free: np.ndarray) -> np.ndarray:
        """Undo `free_of`; float64 `(D,)`."""
        u = free[: self.n_coupled]
        z = self._uncoupled((u - self.shift) / self.scale)
        if self.leveler is None:
            return z
        return np.append(z, (free[-1] - self.leveler.called_for(squash(u))[0]) / LEVEL_DB)

    def patch_of(self, free: np.ndarray) -> np.ndarray:
        """Return the normalized parameters, float32 `(D,)`, of free values."""
        v = squash(free[: self.n_coupled]).astype(np.float32)
        return v if self.leveler is None else self.leveler.scale.insert(v, free[-1:])

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        """Build the map from checkpoint tensors `blocks.<k>.<part>`, `shift`, `scale`, `leveler.<part>`.

        Raises:
            CheckpointError: A tensor is missing or has the wrong shape.
        """
        try:
            shift, scale = tensors["shift"], tensors["scale"]
            n_blocks = 1 + max(int(n.split(".")[1]) for n in tensors if n.startswith("blocks."))
            blocks = [
                Block(**{part: tensors[f"blocks.{k}.{part}"] for part in Block.__annotations__})
                for k in range(n_blocks)
            ]
        except (KeyError, ValueError) as error:
            raise CheckpointError(f"the weights hold no complete flow: {error}.") from error
        n = shift.shape[0]
        for k, block in enumerate(blocks):
            d, hidden = n // 2, block.b0.shape[0]
            wanted = {"w0": (hidden, d), "w1": (hidden, hidden), "w2": (2 * (n - d), hidden)}
            wanted["rotation"] = (n, n)
            for part, shape in wanted.items():
                if getattr(block, part).shape != shape:
                    found = getattr(block, part).shape
                    raise CheckpointError(f"flow block {k}: {part} is {found}, not {shape}.")
        return cls(blocks, shift, scale, LevelArrays.from_tensors(tensors))


def _condition(block: Block, a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    h = CONTEXT_LIMIT * np.tanh(a / CONTEXT_LIMIT)
    h = np.maximum(h @ block.w0.T + block.b0, 0.0)
    h = np.maximum(h @ block.w1.T + block.b1, 0.0)
    raw = h @ block.w2.T + block.b2
    n = raw.shape[-1] // 2
    return LOG_SCALE_LIMIT * np.tanh(raw[..., :n] / LOG_SCALE_LIMIT), raw[..., n:]
