"""Which controls of a preset are heard, and what each does from end to end: found by single steps."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adopting.hearing import Ears, Heard
from core.space import ParameterSpace

__all__ = ["SOFTEST_DB", "Control", "find_controls"]

_PLACES, _MIDDLE = (0.25, 0.5, 0.75), (0.5,)  # beside the ends
_MUCH_DB = 2.5  # soft MSS of a control that is heard at all these places, not in the middle alone
_NEAR = 0.08  # of the preset's own value: nothing is heard there anew
_HEARD_DB = 1.2  # soft MSS that a control has to be worth at one of its ends
_TIMES_REPEAT = 2.5  # and this many times what the preset itself varies by
SOFTEST_DB = -25.0  # below the preset: as good as silent


@dataclass(frozen=True, eq=False)
class Control:
    """What one control does while all others stay as they are in the preset.

    Attributes:
        index: In the space.
        places: Normalized values that were heard and sound, rising; the preset's own is among them.
        own: Index of that one.
        heard: What each place sounds like.
    """

    index: int
    places: np.ndarray
    own: int
    heard: tuple[Heard, ...]

    @property
    def worth(self) -> float:
        """Soft MSS between the preset and the place that is farthest from it, dB."""
        return max(one.distance(self.heard[self.own]) for one in self.heard)

    @property
    def traits(self) -> np.ndarray:
        """Descriptors at each place, less the preset's: `(n_places, n_descriptors)`, in spreads."""
        return np.array([one.traits - self.heard[self.own].traits for one in self.heard])


def find_controls(
    ears: Ears, space: ParameterSpace, may_be_heard: list[int], point: Heard, repeat_db: float
) -> Iterator[Control]:
    """Hear each control alone at its ends, and those that are heard in between as well.

    Args:
        ears: Hears patches.
        space: The controls; their neutral values are the preset.
        may_be_heard: Indices of those that are worth a try.
        point: The preset as it is.
        repeat_db: Soft MSS between two renders of the preset.

    Yields:
        The controls that are heard, in order of the space.
    """
    v = space.neutral
    ends = [(k, x) for k in may_be_heard for x in (0.0, 1.0) if abs(x - v[k]) > _NEAR]
    at_ends = dict(zip(ends, ears.hear([_moved(v, k, x) for k, x in ends]), strict=True))
    least = max(_HEARD_DB, _TIMES_REPEAT * repeat_db)
    for k in may_be_heard:
        found = {x: one for (j, x), one in at_ends.items() if j == k}
        if not any(one.distance(point) >= least for one in found.values()):
            continue
        is_much = any(one.distance(point) >= _MUCH_DB for one in found.values())
        between = [x for x in (_PLACES if is_much else _MIDDLE) if x not in found and abs(x - v[k]) > _NEAR]
        found |= dict(zip(between, ears.hear([_moved(v, k, x) for x in between]), strict=True))
        found[float(v[k])] = point
        places = _sounding(found, float(v[k]), point.lufs + SOFTEST_DB)
        yield Control(k, np.array(places), places.index(float(v[k])), tuple(found[place] for place in places))


def _sounding(found: dict[float, Heard], own: float, least_lufs: float) -> list[float]:
    """Return the places around a control's own that sound, without those beyond a silent one."""
    places = sorted(found)
    at = places.index(own)
    low = high = at
    while low > 0 and found[places[low - 1]].lufs >= least_lufs:
        low -= 1
    while high < len(places) - 1 and found[places[high + 1]].lufs >= least_lufs:
        high += 1
    return places[low : high + 1]


def _moved(patch: np.ndarray, k: int, value: float) -> np.ndarray:
    moved = patch.copy()
    moved[k] = value
    return moved
