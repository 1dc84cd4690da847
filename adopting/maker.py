"""Hears a preset and its controls, and makes the dials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adopting.controls import Control, find_controls
from adopting.dials import N_DIALS, Dial, plan_dials
from adopting.draws import Draws
from adopting.flow import own_flow
from adopting.hearing import SPREADS, Ears
from adopting.levelling import Judged, Walker, judged, paced
from adopting.macros import PacedDial
from adopting.preset import OwnPreset
from adopting.walks import FLAT, STEADY, Figures, figures_of, keeps_its_word
from core.errors import PatchError
from core.space import ParameterSpace
from models.steering.free_values import unsquash

__all__ = ["Made", "first_dials", "make"]

_LEAST_CHANGE_DB = 1.5  # of a dial that is worth having
_FEWEST = 4  # dials, however much their loudness changes
_LEVEL_DB = 2.0  # range of loudness along a dial
_RANGE_OF_DRAWS = 3.0  # of seven draws, in standard deviations (2.7 on average)
_UNLIKE_DRAWS = 3.0  # times what the preset draws anew, so far a name's descriptor has to rise
# What leads a dial before anything was heard: what a player would reach for first.
_FIRST = (
    "filter_1_cutoff",
    "filter_2_cutoff",
    "env_1_attack",
    "env_1_release",
    "reverb_dry_wet",
    "delay_dry_wet",
    "osc_1_wave_frame",
    "osc_2_level",
    "osc_3_level",
    "modulation_1_amount",
    "chorus_dry_wet",
    "env_1_decay",
    "env_1_sustain",
    "osc_1_level",
)
_N_FIRST = 8
_FIRST_REACH = 0.3  # to either side of the preset's own value


@dataclass(frozen=True, eq=False)
class Made:
    """The dials of a preset.

    Attributes:
        dials: With what was heard along each.
        reach: From one end to the other of every control that is heard, in free values, by index.
        figures: Of each dial; empty before anything was heard.
    """

    dials: Sequence[PacedDial]
    reach: dict[int, float]
    figures: Sequence[Figures] = ()


def first_dials(own: OwnPreset, space: ParameterSpace) -> Made:
    """Return dials that were not heard: a control each, some way to either side of the preset."""
    dials = []
    for name in [name for name in _FIRST if own.may_be_heard(name)][:_N_FIRST]:
        k = space.index(name)
        at = float(space.neutral[k])
        places = np.array([max(0.0, at - _FIRST_REACH), min(1.0, at + _FIRST_REACH)])
        low, high = unsquash(places).tolist()
        lead = Control(k, places, 0, ())
        dials.append(PacedDial(Dial(space[k].caption, None, lead, low, high), STEADY, FLAT))
    return Made(dials, {each.dial.lead.index: each.dial.high - each.dial.low for each in dials})


def make(own: OwnPreset, space: ParameterSpace, ears: Ears, plain: Ears, draws: Draws) -> Made:
    """Hear the controls of a preset, and make its dials.

    Args:
        own: The preset.
        space: Its controls.
        ears: Hears them, with its random phases pinned.
        plain: Hears the preset as it is.
        draws: The preset as it is.

    Raises:
        PatchError: No control is heard.
    """
    names = space.names
    pinned = Draws(ears.hear([space.neutral] * 3))
    point = pinned.heard[0]
    tried = [k for k, name in enumerate(names) if name != "volume" and own.may_be_heard(name)]
    controls = list(find_controls(ears, space, tried, point, pinned.distance_db))
    still = [k for k, name in enumerate(names) if own.plays_out_of_tune(name)]
    dials = plan_dials(controls, [parameter.caption for parameter in space], still)
    if not dials:
        raise PatchError(f"no control of {own.name} is heard on its own. Pick another preset.")
    reach = {one.index: float(np.ptp(unsquash(one.places[[0, -1]]))) for one in controls}
    volume = space["volume"]
    most_db = volume.plain(1.0) - volume.plain(volume.neutral)
    walker = Walker(space, own_flow(space, reach), most_db)

    def heard(some: Sequence[Dial]) -> list[Judged]:
        return judged(paced(some, walker, ears, point), walker, plain, draws)

    found, left = heard(dials[:N_DIALS]), dials[N_DIALS:]
    while left and (missing := N_DIALS - sum(_is_level(each) for each in found)) > 0:
        found += heard(left[:missing])
        left = left[missing:]
    kept = _best(found, draws)
    for each in kept:
        if each.dial.dial.meaning is not None and not _keeps_its_word(each, draws):
            dial = each.dial.dial
            dial.name, dial.meaning, each.dial.rise = space[dial.lead.index].caption, None, 0.0
    _name_apart([each.dial.dial for each in kept])
    return Made([each.dial for each in kept], reach, [each.figures for each in kept])


def _is_level(each: Judged) -> bool:
    return each.figures.loudness_db <= _LEVEL_DB and each.figures.change_db >= _LEAST_CHANGE_DB


def _best(found: Sequence[Judged], draws: Draws) -> list[Judged]:
    """Return the dials that are kept: those that are level, then others as long as they are not hopeless."""
    by_loudness = sorted(found, key=lambda each: each.figures.loudness_db)
    worth = [each for each in by_loudness if each.figures.change_db >= _LEAST_CHANGE_DB] or by_loudness[:1]
    most = _LEVEL_DB + _RANGE_OF_DRAWS * draws.loudness_db
    kept = [k for k, each in enumerate(worth) if k < _FEWEST or each.figures.loudness_db <= most][:N_DIALS]
    return [each for each in found if any(each is worth[k] for k in kept)]


def _keeps_its_word(each: Judged, draws: Draws) -> bool:
    """Whether a dial does what it is named for in every draw that was heard, beyond what is drawn anew."""
    dial = each.dial.dial
    if dial.meaning is None:
        return False
    by_itself = float(draws.traits[tuple(SPREADS).index(dial.meaning.descriptor)])
    walks = [figures_of(dial, walk) for walk in (each.dial.heard, *each.walks)]
    return all(keeps_its_word(one) and one.rise >= _UNLIKE_DRAWS * by_itself for one in walks)


def _name_apart(dials: Sequence[Dial]) -> None:
    """Number the dials that would have the same name."""
    seen: dict[str, int] = {}
    for dial in dials:
        seen[dial.name] = seen.get(dial.name, 0) + 1
        if seen[dial.name] > 1:
            dial.name = f"{dial.name} {seen[dial.name]}"
