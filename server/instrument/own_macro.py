"""A macro that the player made: from the sounds of one handful to those of another."""

from dataclasses import dataclass

import numpy as np

from core.errors import ProtocolError
from server.instrument.loaded_model import LoadedModel

__all__ = ["MAX_SOUNDS", "Handfuls", "OwnMacro", "training_of"]

MAX_SOUNDS = 64  # in a handful
_LEAST = 0.1  # between the means of the handfuls; less is hardly heard
_ENOUGH = 8  # presets that show how far the sounds of a model lie apart


@dataclass(frozen=True, kw_only=True)
class OwnMacro:
    """A direction of the latent space, with a dial.

    Attributes:
        name: As it was made.
        training: Of the model, see `training_of`; to another training the direction means nothing.
        direction: Unit vector `(D,)`.
        low, high: Distance along it where the dial is at 0 and at 1.
    """

    name: str
    training: str
    direction: tuple[float, ...]
    low: float
    high: float


def training_of(loaded: LoadedModel) -> str:
    """Return what tells one training of a model from another: the checksum of its weights."""
    return str(loaded.model.files.get("weights.safetensors", ""))[:16]


class Handfuls:
    """The sounds that a macro is to lead from (side 0) and to (side 1)."""

    def __init__(self) -> None:
        self._sides: tuple[list[np.ndarray], list[np.ndarray]] = [], []

    @property
    def counts(self) -> tuple[int, int]:
        """How many sounds are on each side."""
        return len(self._sides[0]), len(self._sides[1])

    def add(self, side: int, latent: np.ndarray) -> None:
        """Add a latent `(D,)` to a side.

        Raises:
            ProtocolError: There are too many.
        """
        if len(self._sides[side]) >= MAX_SOUNDS:
            raise ProtocolError(f"a side holds at most {MAX_SOUNDS} sounds; send /flow/own/clear.")
        self._sides[side].append(latent.astype(np.float64))

    def clear(self) -> None:
        """Forget the sounds of both sides."""
        for side in self._sides:
            side.clear()

    def macro(self, name: str, loaded: LoadedModel) -> OwnMacro:
        """Return the macro from the mean of one side to the mean of the other, as loud.

        Its dial reaches the sounds at both ends, as far as they lie within what the model has seen.

        Args:
            name: Of the macro.
            loaded: The model whose latents they are.

        Raises:
            ProtocolError: A side has no sound, or both sound the same.
        """
        if not all(self._sides):
            raise ProtocolError(
                "a macro leads from one sound to another. Add one to each side with /flow/own/add."
            )
        starts, ends = (np.stack(side) for side in self._sides)
        presets = loaded.model.presets.latents
        if len(presets) >= _ENOUGH:
            starts, ends = (
                np.clip(side, presets.min(axis=0), presets.max(axis=0)) for side in (starts, ends)
            )
        way = ends.mean(axis=0) - starts.mean(axis=0)
        if loaded.model.flow.has_level:
            way[-1] = 0.0
        length = float(np.linalg.norm(way))
        if length < _LEAST:
            raise ProtocolError("the two sides sound the same; add sounds that differ.")
        direction = way / length
        along = np.concatenate([starts, ends]) @ direction
        return OwnMacro(
            name=name,
            training=training_of(loaded),
            direction=tuple(direction.tolist()),
            low=float(along.min()),
            high=float(along.max()),
        )
