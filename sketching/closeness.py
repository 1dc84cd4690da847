"""Closeness: a distance as a figure and a word that people can trust.

A distance in dB means nothing by itself, so it is compared with distances that are known for this synth: how
far two random patches are apart, how far the mean patch and the nearest of many renders are from a sound that
the synth made, and how far a patch is from itself. `evaluation.packaging.closeness_scale` measures these.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import CheckpointError

__all__ = ["Closeness", "closeness_label"]

# Least closeness of each word; docs/sketching.md explains what they mean.
_WORDS = ((0.8, "very close"), (0.6, "close"), (0.4, "related"), (0.15, "inspired by"))
_OUTSIDE = "beyond this synth"
_ANCHORS = (1.0, 0.8, 0.6, 0.4, 0.15, 0.0)


@dataclass(frozen=True)
class Closeness:
    """Turns distances into closeness.

    Attributes:
        distances: In dB, rising from 0, `(n,)`.
        values: Closeness at each, falling from 1 to 0, `(n,)`; linear in between.
    """

    distances: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, anchors: Mapping[str, float]) -> "Closeness":
        """Return the closeness that known distances define.

        Args:
            anchors: `very_close`, `close`, `related` and `inspired`: the largest distance of each word;
                `unrelated`: the distance at which nothing is left in common. In dB, rising.

        Raises:
            CheckpointError: The distances do not rise.
        """
        names = ("very_close", "close", "related", "inspired", "unrelated")
        distances = np.array([0.0, *(anchors[name] for name in names)])
        return cls.checked(distances, np.array(_ANCHORS))

    @classmethod
    def checked(cls, distances: np.ndarray, values: np.ndarray) -> "Closeness":
        """Return the closeness that stored numbers define.

        Raises:
            CheckpointError: The values do not fall from 1 to 0 over rising distances.
        """
        d, v = (np.asarray(x, np.float64) for x in (distances, values))
        falling = d.ndim == 1 and d.shape == v.shape and len(d) > 1 and np.isfinite(d).all()
        if not falling or d[0] != 0.0 or (np.diff(d) <= 0.0).any() or (np.diff(v) > 0.0).any() or v[0] != 1.0:
            raise CheckpointError(
                "the known distances of this model do not rise; measure them again: "
                "python -m evaluation.packaging.sketch_data --model FOLDER --data DATASET"
            )
        return cls(d, v)

    def __call__(self, distance_db: float) -> float:
        """Return the closeness, 0 to 1, of a distance in dB; 1 at 0, and never rising."""
        if np.isnan(distance_db):
            return 0.0
        return float(np.interp(distance_db, self.distances, self.values))


def closeness_label(closeness: float) -> str:
    """Return the words for a closeness.

    >>> closeness_label(1.0), closeness_label(0.5), closeness_label(0.0)
    ('very close', 'related', 'beyond this synth')
    """
    return next((text for least, text in _WORDS if closeness >= least), _OUTSIDE)
