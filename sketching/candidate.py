"""A sound that is to be answered, one candidate answer, and the progress of a refinement."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.playing.gestures import Gestures

__all__ = ["Candidate", "LeveledSound", "RefinementProgress", "TargetSound"]


class LeveledSound(Protocol):
    """What a sound to be answered without renders has."""

    @property
    def audio(self) -> np.ndarray:
        """The sound from its onset, levelled, as long as the model's note, float32 `(n_samples,)`."""

    @property
    def mel(self) -> np.ndarray:
        """Its log-mel `(n_mels, n_frames)`."""


class TargetSound(LeveledSound, Protocol):
    """A sound to be answered: a `sketching.hearing.HeardSound`, or anything with these."""

    @property
    def note(self) -> int:
        """MIDI note that answers are played at."""

    @property
    def glides(self) -> bool:
        """Whether its pitch glides, so that the note is only the middle of its range."""

    @property
    def seconds(self) -> float:
        """How long it sounds."""

    @property
    def pitch_hz(self) -> np.ndarray:
        """Its pitch at each frame of the mel, nan where there is none, `(n_frames,)`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """One answer to a sound.

    Attributes:
        patch: Normalized parameters `(P,)`, float32.
        closeness: 0 to 1, see `sketching.closeness`.
        label: The closeness in words.
        distance_db: From the rendered answer to the sound, see `sketching.rendering.distance`; None if it was
            not rendered, so that the closeness is an estimate.
        gestures: Curves that bring it nearer; None where none do.
        own: Name of the player's own preset whose controls the patch holds, in the space `vital-adopted`;
            empty for a patch of the model.
        is_refined: Whether the controls of that preset were moved.
    """

    patch: np.ndarray
    closeness: float
    label: str
    distance_db: float | None = None
    gestures: Gestures | None = None
    own: str = ""
    is_refined: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class RefinementProgress:
    """How far a refinement has come.

    Attributes:
        fraction: Share of its budget of time or renders, 0 to 1; 1 means that it is over.
        candidates: The best so far, best first, each unlike the others.
        n_renders: Made so far.
    """

    fraction: float
    candidates: list[Candidate]
    n_renders: int
