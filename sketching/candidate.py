"""What is answered, and what answers are handed round as."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

__all__ = ["Candidate", "RefinementProgress", "TargetSound"]


class TargetSound(Protocol):
    """What is answered: a `sketching.hearing.HeardSound`, or anything that knows as much."""

    @property
    def audio(self) -> np.ndarray:
        """From its onset, levelled, as long as the model's note, float32 `(n_samples,)`."""

    @property
    def mel(self) -> np.ndarray:
        """Its log-mel `(n_mels, n_frames)`."""

    @property
    def note(self) -> int:
        """MIDI note that answers are played at."""

    @property
    def glides(self) -> bool:
        """Whether that note is but the middle of its way."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """One answer to a sound.

    Attributes:
        patch: Normalized parameters `(P,)`, float32.
        closeness: 0 to 1, see `sketching.closeness`.
        label: What that means in words.
        distance_db: Between the answer as it was rendered and the sound, see `sketching.distance`; None
            where nothing was rendered yet and the closeness is an estimate.
    """

    patch: np.ndarray
    closeness: float
    label: str
    distance_db: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class RefinementProgress:
    """How far a refinement is.

    Attributes:
        fraction: Of the time or the renders it was given, 0 to 1; 1 says that it is over.
        candidates: The best so far, best first, each unlike the others.
        n_renders: Made so far.
    """

    fraction: float
    candidates: list[Candidate]
    n_renders: int
