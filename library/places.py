"""Where presets lie on a map of 0 to 1 by how they sound, and which sound alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from library.codes import coarse_codes, code_distances
from library.heard import Heard

__all__ = ["Anchors", "Near", "alike", "nearest", "places_among", "places_alone"]

_N_LOOKED_AT = 16  # anchors whose distance is worked out
_N_BLENDED = 3
_SHARPNESS = 3.0  # power of the distance that a neighbour's weight falls with
_LEAST_DB = 0.3  # a step of a code; nearer than that is the same
_CENTRE = (0.5, 0.5)
_MARGIN = 0.04  # free at the edges of a map that has no other to follow
_EDGES = (2.0, 98.0)  # percentiles that become the edges, so that one odd sound does not squeeze the others


@dataclass(frozen=True, eq=False)
class Anchors:
    """Sounds whose places are known: the loaded model's own presets.

    Attributes:
        places: (x, y), `(N, 2)`.
        codes: `(N, CODE_BYTES)`.
    """

    places: np.ndarray
    codes: np.ndarray

    def near(self, code: np.ndarray) -> np.ndarray:
        """Return some rows that may be nearest to a code."""
        apart = np.abs(self._coarse - coarse_codes(code[None])).mean(axis=1)
        return np.argsort(apart, kind="stable")[:_N_LOOKED_AT]

    @cached_property
    def _coarse(self) -> np.ndarray:
        return coarse_codes(self.codes)


@dataclass(frozen=True)
class Near:
    """A preset that sounds like something.

    Attributes:
        key: Of the preset, as it was given.
        distance_db: About how far it is, dB of soft MSS.
    """

    key: str
    distance_db: float


def places_among(heard: Sequence[Heard], anchors: Anchors) -> np.ndarray:
    """Return places among sounds whose places are known: a blend of those of the three that sound nearest.

    Args:
        heard: N presets.
        anchors: At least one.

    Returns:
        `(N, 2)`, each within what the anchors span; nan for one that is silent.
    """
    places = np.full((len(heard), 2), np.nan)
    for k, one in enumerate(heard):
        if one.is_silent:
            continue
        near = anchors.near(one.code)
        distances = np.maximum(code_distances(one.code, anchors.codes[near]), _LEAST_DB)
        order = np.argsort(distances, kind="stable")[:_N_BLENDED]
        weights = distances[order] ** -_SHARPNESS
        places[k] = weights @ anchors.places[near[order]] / weights.sum()
    return places


def places_alone(heard: Sequence[Heard]) -> np.ndarray:
    """Return places by the two main directions in which presets differ, the same each time.

    Args:
        heard: N presets.

    Returns:
        `(N, 2)`, each within 0 to 1; nan for one that is silent, the middle for one that is alone.
    """
    places = np.full((len(heard), 2), np.nan)
    rows = [k for k, one in enumerate(heard) if not one.is_silent]
    if len(rows) < 2:
        places[rows] = _CENTRE
        return places
    described = np.stack([heard[k].descriptors[1:] for k in rows]).astype(np.float64)  # without loudness
    spread = described.std(axis=0)
    seen = (described - described.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    left, sizes, right = np.linalg.svd(seen, full_matrices=False)
    shown = np.pad(left * sizes, ((0, 0), (0, 2)))[:, :2]
    # A direction may as well point the other way: its largest part is to be positive.
    signs = np.sign(right[np.arange(min(2, len(right))), np.abs(right[:2]).argmax(axis=1)])
    shown[:, : len(signs)] *= signs
    low, high = np.percentile(shown, _EDGES, axis=0)
    span = np.where(high > low, high - low, 1.0)
    places[rows] = np.clip(_MARGIN + (shown - low) / span * (1.0 - 2.0 * _MARGIN), 0.0, 1.0)
    return places


def alike(heard: dict[str, Heard], key: str, k: int) -> list[Near]:
    """Return the presets that sound most like one of them, nearest first; none if it is silent.

    Args:
        heard: Presets by any key.
        key: Of the one.
        k: How many at most.
    """
    if heard[key].is_silent:
        return []
    return nearest({other: one for other, one in heard.items() if other != key}, heard[key].code, k)


def nearest(heard: dict[str, Heard], code: np.ndarray, k: int) -> list[Near]:
    """Return the presets that sound most like a sound, nearest first.

    Args:
        heard: Presets by any key; silent ones are like nothing.
        code: Of the sound, by `library.codes.sound_code`: of a take, with its note.
        k: How many at most.
    """
    keys = [key for key, one in heard.items() if not one.is_silent]
    if not keys:
        return []
    codes = np.stack([heard[key].code for key in keys])
    distances = code_distances(code, codes)
    rows = np.argsort(distances, kind="stable")[:k]
    return [Near(keys[row], float(distances[row])) for row in rows]
