"""How loud a patch is apart from its volume: the last step of the flow, in plain numpy.

Volume is set to what the other parameters call for, plus one latent of its own, the level:

    volume_db = leveler(others) + LEVEL_DB * level

So a move through the other latents keeps its loudness as far as the leveler is right, and the step can be
undone exactly.
`models/leveler.py` holds the same map as a trainable module, with the same tensor names.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import CheckpointError
from core.space import ParameterSpace

__all__ = ["LEVEL_DB", "LEVEL_PARTS", "LevelArrays", "VolumeScale"]

LEVEL_DB = 6.0  # what one unit of the level latent is worth
LEVEL_PARTS = ("w0", "b0", "w1", "b1", "w2", "b2")


@dataclass(frozen=True)
class VolumeScale:
    """Which parameter the volume is, and its normalized value in dB: dB = sqrt(raw) + offset.

    Attributes:
        index: Of the volume in the space.
        low, high: Raw values at 0 and 1.
        offset: dB at a raw value of 0.
    """

    index: int
    low: float
    high: float
    offset: float

    @classmethod
    def of(cls, space: ParameterSpace) -> "VolumeScale | None":
        """Find the volume of a space; None if it has none, or one on another scale."""
        if "volume" not in space or space["volume"].scale != "square_root":
            return None
        volume = space["volume"]
        return cls(space.index("volume"), volume.low, volume.high, volume.offset)

    def headroom_db(self, patches: np.ndarray) -> np.ndarray:
        """Return by how much the volume of patches `(..., P)` can be raised, dB `(...)`."""
        raw = patches[..., self.index].astype(np.float64) * (self.high - self.low) + self.low
        return np.sqrt(self.high) - np.sqrt(np.maximum(raw, 0.0))

    def insert(self, others: np.ndarray, volume_db: np.ndarray) -> np.ndarray:
        """Return patches `(..., P)` from all but their volume `(..., P - 1)` and that in dB `(..., 1)`."""
        s = np.maximum(volume_db - self.offset, 0.0)
        volume = np.clip((s * s - self.low) / (self.high - self.low), 0.0, 1.0)
        k = self.index
        return np.concatenate([others[..., :k], volume.astype(others.dtype), others[..., k:]], -1)


@dataclass(frozen=True)
class LevelArrays:
    """The leveler's weights.

    Shapes, with hidden H and P parameters: `w0 (H, P - 1)`, `w1 (H, H)`, `w2 (1, H)`.
    """

    scale: VolumeScale
    w0: np.ndarray
    b0: np.ndarray
    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray

    def join(self, others: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Return patches `(..., P)` from all but their volume `(..., P - 1)` and their level `(..., 1)`."""
        return self.scale.insert(others, self.called_for(others) + LEVEL_DB * level)

    def part(self, patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Undo `join`; return all but the volume, and the level."""
        k = self.scale.index
        others = np.concatenate([patches[..., :k], patches[..., k + 1 :]], -1)
        raw = patches[..., k : k + 1] * (self.scale.high - self.scale.low) + self.scale.low
        volume_db = np.sqrt(np.maximum(raw, 0.0)) + self.scale.offset
        return others, (volume_db - self.called_for(others)) / LEVEL_DB

    def called_for(self, others: np.ndarray) -> np.ndarray:
        """Return the volume, dB `(..., 1)`, that all the other parameters `(..., P - 1)` call for."""
        h = np.maximum(others @ self.w0.T + self.b0, 0.0)
        h = np.maximum(h @ self.w1.T + self.b1, 0.0)
        return np.asarray(h @ self.w2.T + self.b2)

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the tensors that `from_tensors` reads, in float32."""
        scale = self.scale.index, self.scale.low, self.scale.high, self.scale.offset
        parts = {f"leveler.{part}": getattr(self, part).astype(np.float32) for part in LEVEL_PARTS}
        return {"leveler.scale": np.array(scale, np.float32), **parts}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> "LevelArrays | None":
        """Read tensors named `leveler.<part>`; None if there are none.

        Raises:
            CheckpointError: Some are missing, or of the wrong shape.
        """
        if not any(name.startswith("leveler.") for name in tensors):
            return None
        try:
            index, low, high, offset = (float(x) for x in tensors["leveler.scale"])
            arrays = {part: tensors[f"leveler.{part}"] for part in LEVEL_PARTS}
        except (KeyError, ValueError) as error:
            raise CheckpointError(f"the weights hold no complete leveler: {error}.") from error
        hidden, n = arrays["b0"].shape[0], tensors["shift"].shape[0]
        wanted = {"w0": (hidden, n), "w1": (hidden, hidden), "w2": (1, hidden)}
        for part, shape in wanted.items():
            if arrays[part].shape != shape:
                raise CheckpointError(f"leveler: {part} is {arrays[part].shape}, not {shape}.")
        return cls(VolumeScale(int(index), low, high, offset), **arrays)
