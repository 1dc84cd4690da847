"""Which controls each dial moves, and how far: planned from what every control does alone.

A dial has a lead, a control that it sets alone, and followers. What a dial will do is foreseen by adding up
what its controls do one by one, in descriptors and in the mel; renders along the dial then tell
(`adopting/maker.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from adopting.controls import Control
from adopting.hearing import SPREADS
from core.ruler.dial_walk import rank_correlation
from core.ruler.vocabulary import MEANINGS, Meaning, family
from models.steering.free_values import unsquash

__all__ = ["N_DIALS", "Dial", "plan_dials"]

N_DIALS = 8
_N_SPARE = 3  # for those whose loudness cannot be held
_MOST_FOLLOWERS = 5
_LEAST_RISE = 0.3  # spreads that a lead has to move what the dial is named for
_IMPURITY = 0.6  # what a spread of change elsewhere costs, in spreads
_CHANGE = 0.15  # what a dB of change is worth, in spreads, up to
_ENOUGH_DB = 10.0
_LEAST_WORTH = 0.02  # of the goal, for a follower to be taken
_BRITTLE = {"brightness_change"}  # where the end of a note is faint, another ear hears something else
_TRAITS = tuple(SPREADS)


@dataclass(eq=False)
class Dial:
    """One dial: its way goes from 0 to 1 in the free values of the lead.

    Attributes:
        name: Of the macro.
        meaning: What the name promises; None if it is the lead's own.
        lead: The control that it sets alone.
        low, high: Free value of the lead where the way is at 0 and at 1.
        gains: What is added to the free value of each follower along the way, by index in the space.
    """

    name: str
    meaning: Meaning | None
    lead: Control
    low: float
    high: float
    gains: dict[int, float] = field(default_factory=dict)

    @property
    def own(self) -> float:
        """Where the preset lies on the way."""
        value = float(unsquash(self.lead.places[self.lead.own]))
        return (value - self.low) / (self.high - self.low)


def plan_dials(controls: Sequence[Control], captions: Sequence[str], still: Iterable[int]) -> list[Dial]:
    """Choose leads and followers: of at most eight dials, and of some more to take their places.

    Args:
        controls: Those that are heard.
        captions: What each control of the space does, in words.
        still: Indices of controls that play out of tune: none leads, none follows.
    """
    out = set(still)
    free = [control for control in controls if control.index not in out and len(control.places) > 1]
    dials = _named(free)
    taken = {dial.lead.index for dial in dials}
    n = max(N_DIALS, min(N_DIALS + _N_SPARE, len(free) // 2))  # half of the controls follow
    for control in sorted(free, key=lambda one: -one.worth):
        if len(dials) == n:
            break
        if control.index not in taken:
            taken.add(control.index)
            low, high = unsquash(control.places[[0, -1]]).tolist()
            dials.append(Dial(captions[control.index], None, control, low, high))
    followers = [control for control in free if control.index not in taken]
    for dial in dials:
        _add_followers(dial, followers)
    return dials


def _named(controls: Sequence[Control]) -> list[Dial]:
    """Return the dials that are named by what they do, each word and each control once, the best first."""
    found: list[tuple[float, Dial]] = []
    promised: set[str] = set()
    for name, meaning in MEANINGS.items():
        if meaning.descriptor in SPREADS.keys() - promised - _BRITTLE:
            promised.add(meaning.descriptor)
            found += [each for control in controls for each in _leads(name, meaning, control)]
    dials: list[Dial] = []
    for _, dial in sorted(found, key=lambda each: -each[0]):
        same = any(d.name == dial.name or d.lead.index == dial.lead.index for d in dials)
        if not same and len(dials) < N_DIALS:
            dials.append(dial)
    return dials


def _leads(name: str, meaning: Meaning, control: Control) -> Iterable[tuple[float, Dial]]:
    """Return the best way of a control to do what a word says, with its score; nothing if it does not."""
    at = _TRAITS.index(meaning.descriptor)
    traits, n = control.traits, len(control.places)
    others = _others(meaning)
    best: tuple[float, int, int] | None = None
    for i in range(control.own + 1):
        for j in range(max(control.own, i + 1), n):
            along = meaning.sign * traits[i : j + 1, at]
            rise = float(along[-1] - along[0])
            if abs(rise) < _LEAST_RISE:
                continue
            monotone = abs(rank_correlation(along.tolist()))
            impure = float(np.sqrt(np.mean((traits[j] - traits[i])[others] ** 2)))
            score = abs(rise) * monotone / (1.0 + _IMPURITY * impure)
            if best is None or score > best[0]:
                best = (score, i, j) if rise > 0.0 else (score, j, i)
    if best is None:
        return ()
    score, i, j = best
    low, high = unsquash(control.places[[i, j]]).tolist()
    return ((score, Dial(name, meaning, control, low, high)),)


def _others(meaning: Meaning) -> list[int]:
    own = family(meaning.descriptor)
    return [k for k, name in enumerate(_TRAITS) if family(name) != own]


def _add_followers(dial: Dial, controls: Sequence[Control]) -> None:
    """Add followers, the most useful first, as long as one helps."""
    ends = [_at(dial.lead, dial.low), _at(dial.lead, dial.high)]
    traits = ends[1][0] - ends[0][0]
    mel = ends[1][1] - ends[0][1]
    best = _goal(dial, traits, mel)
    left = list(controls)
    while left and len(dial.gains) < _MOST_FOLLOWERS:
        tried = [
            (_goal(dial, traits + by[0], mel + by[1]), control, gain, by)
            for control in left
            for gain, by in _moves(dial, control)
        ]
        if not tried:
            return
        goal, control, gain, by = max(tried, key=lambda each: each[0])
        if goal - best < _LEAST_WORTH * abs(best):
            return
        best, traits, mel = goal, traits + by[0], mel + by[1]
        dial.gains[control.index] = gain
        left = [each for each in left if each is not control]


def _goal(dial: Dial, traits: np.ndarray, mel: np.ndarray) -> float:
    change = min(10.0 / np.log(10.0) * float(np.abs(mel).mean()), _ENOUGH_DB)
    if dial.meaning is None:
        return change
    rise = dial.meaning.sign * float(traits[_TRAITS.index(dial.meaning.descriptor)])
    impure = float(np.sqrt(np.mean(traits[_others(dial.meaning)] ** 2)))
    return rise - _IMPURITY * impure + _CHANGE * change


def _moves(dial: Dial, control: Control) -> Iterable[tuple[float, tuple[np.ndarray, np.ndarray]]]:
    """Return gains that keep a follower where it sounds, with what each adds from end to end."""
    places = unsquash(control.places)
    at, low, high = places[control.own], places[0], places[-1]
    before, after = dial.own, 1.0 - dial.own
    for sign in (1.0, -1.0):
        up, down = (high - at, at - low) if sign > 0 else (at - low, high - at)
        room = min(up / after if after > 1e-6 else np.inf, down / before if before > 1e-6 else np.inf)
        if not 0.0 < room < np.inf:
            continue
        for part in (1.0, 0.5):
            gain = sign * part * room
            first, last = _at(control, at - gain * before), _at(control, at + gain * after)
            yield float(gain), (last[0] - first[0], last[1] - first[1])


def _at(control: Control, free: float) -> tuple[np.ndarray, np.ndarray]:
    """Return descriptors and mel, less the preset's, at a free value between the places that were heard."""
    places = unsquash(control.places)
    j = int(np.clip(np.searchsorted(places, free) - 1, 0, len(places) - 2))
    part = float(np.clip((free - places[j]) / (places[j + 1] - places[j]), 0.0, 1.0))
    point, a, b = control.heard[control.own], control.heard[j], control.heard[j + 1]
    traits = (1.0 - part) * a.traits + part * b.traits - point.traits
    return traits, (1.0 - part) * a.mels[-1] + part * b.mels[-1] - point.mels[-1]
