"""Hears a preset and its controls, and makes the dials."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from adopting.controls import SOFTEST_DB, Control, find_controls
from adopting.dials import Dial, plan_dials
from adopting.flow import own_flow
from adopting.hearing import Ears, Heard
from adopting.macros import PacedDial, own_macros
from adopting.preset import OwnPreset
from adopting.walks import FLAT, POSITIONS, STEADY, Figures, figures_of, keeps_its_word, louder, pace_of
from core.errors import PatchError
from core.space import ParameterSpace
from models.macros import LoudnessCurve
from models.served_flow import ServedFlow
from models.steering.free_values import unsquash
from models.steering.pace import Pace

__all__ = ["Made", "first_dials", "make"]

_N_WAY, _N_CHECKED = 9, 7  # renders along a dial: before it has a pace, and then
_LEAST_CHANGE_DB = 1.5  # of a dial that is worth having
_SPARE_DB = 1.0  # of the volume, so that a dial's ends are not at its limit
_UNEVEN = 1.35  # a pace that leaves more than this is mended once
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


def make(own: OwnPreset, space: ParameterSpace, ears: Ears, plain: Ears, repeat_db: float) -> Made:
    """Hear the controls of a preset, and make its dials.

    Args:
        own: The preset.
        space: Its controls.
        ears: Hears them, with its random phases pinned.
        plain: Hears the preset as it is, to judge names by.
        repeat_db: Soft MSS between two renders with pinned phases.

    Raises:
        PatchError: No control is heard.
    """
    names = space.names
    point = ears.hear([space.neutral])[0]
    tried = [k for k, name in enumerate(names) if name != "volume" and own.may_be_heard(name)]
    controls = list(find_controls(ears, space, tried, point, repeat_db))
    still = [k for k, name in enumerate(names) if own.plays_out_of_tune(name)]
    dials = plan_dials(controls, [parameter.caption for parameter in space], still)
    if not dials:
        raise PatchError(f"no control of {own.name} is heard on its own. Pick another preset.")
    reach = {one.index: float(np.ptp(unsquash(one.places[[0, -1]]))) for one in controls}
    made = _paced(dials, reach, space, ears, point)
    return _as_it_is(made, space, plain, point)


def _walk(
    paced: Sequence[PacedDial], space: ParameterSpace, flow: ServedFlow, ears: Ears, n: int
) -> list[list[Heard]]:
    """Hear each dial at n even positions."""
    if not paced:
        return []
    macros = own_macros(paced, flow, space.index("volume"))
    heard = ears.hear([patch for macro in macros for patch in flow.decode(macro.walk(macros.resting, n))])
    return [heard[at : at + n] for at in range(0, len(heard), n)]


def _paced(
    dials: Sequence[Dial], reach: dict[int, float], space: ParameterSpace, ears: Ears, point: Heard
) -> Made:
    """Hear each dial along its way, give it pace and loudness, and hear it again."""
    volume = space["volume"]
    most_db = volume.plain(1.0) - volume.plain(volume.neutral)
    flow = own_flow(space, reach)
    walk = partial(_walk, space=space, flow=flow, ears=ears)
    paced = [PacedDial(dial, STEADY, FLAT) for dial in dials]
    ways = walk(paced, n=_N_WAY)
    soft = [
        k
        for k, heard in enumerate(ways)
        if _shortened(paced[k].dial, heard, point.lufs - most_db + _SPARE_DB)
    ]
    for k, heard in zip(soft, walk([paced[k] for k in soft], n=_N_WAY), strict=True):
        ways[k] = heard
    for each, heard in zip(paced, ways, strict=True):
        each.pace = pace_of(heard)
        positions = [each.pace.inverse(way) for way in np.linspace(0.0, 1.0, _N_WAY).tolist()]
        each.loudness = louder(FLAT, positions, heard, point.lufs, most_db)
    kept: list[PacedDial] = []
    figures: list[Figures] = []
    for each, heard in zip(paced, walk(paced, n=_N_CHECKED), strict=True):
        found = figures_of(each.dial, heard)
        if found.change_db < _LEAST_CHANGE_DB and (kept or each is not paced[-1]):
            continue
        each.heard, each.rise = heard, found.rise
        positions = np.linspace(0.0, 1.0, _N_CHECKED).tolist()
        each.loudness = louder(each.loudness, positions, heard, point.lufs, most_db)
        if found.unevenness > _UNEVEN:
            again = pace_of(heard)
            each.pace = Pace([each.pace.at(again.at(x)) for x in POSITIONS.tolist()])
            each.loudness = LoudnessCurve([each.loudness.at(again.at(x)) for x in POSITIONS.tolist()])
        kept.append(each)
        figures.append(found)
    return Made(kept, reach, figures)


def _as_it_is(made: Made, space: ParameterSpace, plain: Ears, point: Heard) -> Made:
    """Judge dials on the preset with whatever is random in it.

    Those that fall silent are left out; those that do not keep their word are named by what leads them.
    """
    walks = _walk(made.dials, space, own_flow(space, made.reach), plain, _N_CHECKED)
    kept = [
        (each, found)
        for each, found, heard in zip(made.dials, made.figures, walks, strict=True)
        if min(one.lufs for one in heard) > point.lufs + SOFTEST_DB
    ] or [(made.dials[0], made.figures[0])]
    for each, heard in zip(made.dials, walks, strict=True):
        promises = each.dial.meaning is not None
        if promises and not all(keeps_its_word(figures_of(each.dial, w)) for w in (each.heard, heard)):
            each.dial.name, each.dial.meaning, each.rise = space[each.dial.lead.index].caption, None, 0.0
    _name_apart([each.dial for each, _ in kept])
    return Made([each for each, _ in kept], made.reach, [found for _, found in kept])


def _shortened(dial: Dial, heard: Sequence[Heard], least_lufs: float) -> bool:
    """Shorten the way of a dial to what the volume can make as loud as the preset; return whether it was."""
    own = min(max(dial.own, 0.0), 1.0)
    even = np.linspace(0.0, 1.0, len(heard))
    lufs = np.array([one.lufs for one in heard])
    below, above = even[(even < own) & (lufs < least_lufs)], even[(even > own) & (lufs < least_lufs)]
    step = even[1]
    start = min(float(below[-1]) + step, own) if len(below) else 0.0
    end = max(float(above[0]) - step, own) if len(above) else 1.0
    if (start, end) == (0.0, 1.0) or end - start < step:
        return False
    low, span = dial.low, dial.high - dial.low
    dial.low, dial.high = low + start * span, low + end * span
    dial.gains = {index: gain * (end - start) for index, gain in dial.gains.items()}
    return True


def _name_apart(dials: Sequence[Dial]) -> None:
    """Number the dials that would have the same name."""
    seen: dict[str, int] = {}
    for dial in dials:
        seen[dial.name] = seen.get(dial.name, 0) + 1
        if seen[dial.name] > 1:
            dial.name = f"{dial.name} {seen[dial.name]}"
