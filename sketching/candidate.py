"""What answers to a sound are handed round as."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Candidate", "Progress"]


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
class Progress:
    """How far a refinement is.

    Attributes:
        fraction: Of the time or the renders it was given, 0 to 1; 1 says that it is over.
        candidates: The best so far, best first, each unlike the others.
        n_renders: Made so far.
    """

    fraction: float
    candidates: list[Candidate]
    n_renders: int
