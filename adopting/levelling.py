"""Gives dials their pace and their loudness, and judges them by renders that neither was made from.

The pace comes from renders with pinned phases, where small steps are heard. The loudness comes from the
preset as it is: phases that are pinned add up otherwise, and what is drawn anew has to be averaged out. A
dial is judged by fresh draws, for one that was levelled with some draws is always level in these.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adopting.controls import SOFTEST_DB
from adopting.dials import Dial
from adopting.draws import Draws, mean_lufs
from adopting.hearing import Ears, Heard
from adopting.macros import PacedDial, own_macros
from adopting.walks import FLAT, POSITIONS, STEADY, Figures, figures_of, louder, pace_of
from core.space import ParameterSpace
from models.macros import LoudnessCurve
from models.served_flow import ServedFlow
from models.steering.pace import Pace

__all__ = ["Judged", "Walker", "judged", "paced"]

_N_WAY, _N_CHECKED = 9, 7  # renders along a dial: before it has a pace, and then
_SPARE_DB = 1.0  # of the volume, so that a dial's ends are not at its limit
_UNEVEN = 1.35  # a pace that leaves more than this is mended once
_TWO_DRAWS_DB = 0.25  # standard deviation of a preset's loudness from which it takes two draws


@dataclass(frozen=True, eq=False)
class Walker:
    """Hears dials from end to end.

    Attributes:
        space: The preset's controls.
        flow: The preset's.
        most_db: By how much its volume can be raised.
    """

    space: ParameterSpace
    flow: ServedFlow
    most_db: float

    def walk(self, dials: Sequence[PacedDial], ears: Ears, n: int) -> list[list[Heard]]:
        """Hear each dial at n even positions."""
        if not dials:
            return []
        macros = own_macros(dials, self.flow, self.space.index("volume"))
        heard = ears.hear(
            [patch for macro in macros for patch in self.flow.decode(macro.walk(macros.resting, n))]
        )
        return [heard[at : at + n] for at in range(0, len(heard), n)]


@dataclass(frozen=True, eq=False)
class Judged:
    """A dial as it is on the preset with whatever is random in it.

    Attributes:
        dial: The dial.
        figures: Of fresh draws.
        walks: What was heard, each walk at even positions: what it was levelled with, and the fresh one.
    """

    dial: PacedDial
    figures: Figures
    walks: Sequence[Sequence[Heard]]


def paced(dials: Sequence[Dial], walker: Walker, ears: Ears, point: Heard) -> list[PacedDial]:
    """Hear each dial along its way, with phases pinned, and give it pace and a first loudness."""
    made = [PacedDial(dial, STEADY, FLAT) for dial in dials]
    ways = walker.walk(made, ears, _N_WAY)
    least_lufs = point.lufs - walker.most_db + _SPARE_DB
    soft = [k for k, heard in enumerate(ways) if _shortened(made[k].dial, heard, least_lufs)]
    for k, heard in zip(soft, walker.walk([made[k] for k in soft], ears, _N_WAY), strict=True):
        ways[k] = heard
    for each, heard in zip(made, ways, strict=True):
        each.pace = pace_of(heard)
        positions = [each.pace.inverse(way) for way in np.linspace(0.0, 1.0, _N_WAY).tolist()]
        each.loudness = louder(FLAT, positions, [one.lufs for one in heard], point.lufs, walker.most_db)
    for each, heard in zip(made, walker.walk(made, ears, _N_CHECKED), strict=True):
        found = figures_of(each.dial, heard)
        each.heard, each.rise = heard, found.rise
        _levelled(each, [heard], point.lufs, walker.most_db)
        if found.unevenness > _UNEVEN:
            again = pace_of(heard)
            each.pace = Pace([each.pace.at(again.at(x)) for x in POSITIONS.tolist()])
            each.loudness = LoudnessCurve([each.loudness.at(again.at(x)) for x in POSITIONS.tolist()])
    return made


def _level(dials: Sequence[PacedDial], walker: Walker, plain: Ears, draws: Draws) -> list[list[list[Heard]]]:
    """Set dials to the loudness of the preset, by several draws where it varies, and return these."""
    n = 2 if draws.loudness_db > _TWO_DRAWS_DB else 1
    walks = [walker.walk(dials, plain, _N_WAY) for _ in range(n)]
    found = [list(each) for each in zip(*walks, strict=True)]
    for each, heard in zip(dials, found, strict=True):
        _levelled(each, heard, draws.lufs, walker.most_db)
    return found


def judged(dials: Sequence[PacedDial], walker: Walker, plain: Ears, draws: Draws) -> list[Judged]:
    """Level dials, and judge them by fresh draws; their loudness then learns from these as well."""
    before = _level(dials, walker, plain, draws)
    found = []
    for each, walks, fresh in zip(dials, before, walker.walk(dials, plain, _N_CHECKED), strict=True):
        found.append(Judged(each, figures_of(each.dial, fresh), [*walks, fresh]))
        _levelled(each, [fresh], draws.lufs, walker.most_db, len(walks))
    return found


def _levelled(
    each: PacedDial, walks: Sequence[Sequence[Heard]], lufs: float, most_db: float, n_before: int = 0
) -> None:
    """Have a dial play as loud as the preset, by walks that were heard with its loudness.

    Args:
        each: The dial.
        walks: Heard at the same even positions each.
        lufs: The preset's loudness.
        most_db: By how much its volume can be raised.
        n_before: How many walks have made the dial as loud as the preset before.
    """
    before = [lufs] * n_before
    loud = []
    for place in zip(*walks, strict=True):
        sounding = [one.lufs for one in place if one.lufs > lufs + SOFTEST_DB]  # volume helps no silence
        loud.append(mean_lufs([*before, *sounding] or [lufs]))
    positions = np.linspace(0.0, 1.0, len(loud)).tolist()
    each.loudness = louder(each.loudness, positions, loud, lufs, most_db)


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
