"""What a preset draws anew: several renders of the same patch, and how far they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from adopting.hearing import Heard

__all__ = ["Draws", "mean_lufs"]


@dataclass(frozen=True, eq=False)
class Draws:
    """Renders of one patch.

    Attributes:
        heard: Two at least.
    """

    heard: Sequence[Heard]

    @property
    def distance_db(self) -> float:
        """Soft MSS between two of them."""
        return float(np.mean([a.distance(b) for a, b in combinations(self.heard, 2)]))

    @property
    def lufs(self) -> float:
        """Loudness of all together."""
        return mean_lufs([one.lufs for one in self.heard])

    @property
    def loudness_db(self) -> float:
        """Standard deviation of their loudness."""
        return float(np.std([one.lufs for one in self.heard], ddof=1))

    @property
    def traits(self) -> np.ndarray:
        """Standard deviation of each descriptor, in spreads."""
        return np.std([one.traits for one in self.heard], axis=0, ddof=1)


def mean_lufs(lufs: Sequence[float]) -> float:
    """Return the loudness of sounds averaged in power: a draw that stays silent counts for little.

    >>> round(mean_lufs([-20.0, -100.0]), 1)
    -23.0
    """
    return float(10.0 * np.log10(np.mean(10.0 ** (np.asarray(lufs) / 10.0))))
