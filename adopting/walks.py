"""Renders along a dial: how even and how loud its way is, and whether its name is true."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adopting.dials import Dial
from adopting.hearing import SPREADS, Heard
from core.ruler.dial_walk import rank_correlation, steps_db, unevenness
from models.macros import LoudnessCurve
from models.steering.level_arrays import LEVEL_DB
from models.steering.pace import Pace

__all__ = ["FLAT", "POSITIONS", "STEADY", "Figures", "figures_of", "keeps_its_word", "louder", "pace_of"]

_N_CURVE = 25  # so that walks of 7 and of 9 places lie on values
POSITIONS = np.linspace(0.0, 1.0, _N_CURVE)
_EVEN = 0.08  # of a pace: so much of it stays even, which keeps it rising
_LEAST_RHO, _LEAST_RISE = 0.92, 0.25
STEADY = Pace(POSITIONS.tolist())
FLAT = LoudnessCurve([0.0] * _N_CURVE)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was heard along a dial.

    Attributes:
        rho: Rank correlation of what the dial is named for; 0 without a promise.
        rise: Its change from end to end, in spreads.
        loudness_db: Loudest less softest.
        unevenness: Largest step over mean step, soft MSS.
        change_db: Soft MSS from end to end.
    """

    rho: float
    rise: float
    loudness_db: float
    unevenness: float
    change_db: float


def figures_of(dial: Dial, heard: Sequence[Heard]) -> Figures:
    """Return the figures of a dial from renders at even positions."""
    rho = rise = 0.0
    if dial.meaning is not None:
        at = tuple(SPREADS).index(dial.meaning.descriptor)
        along = [dial.meaning.sign * float(one.traits[at]) for one in heard]
        rise = along[-1] - along[0]
        rho = rank_correlation(along)
    loud = [one.lufs for one in heard]
    return Figures(
        rho=rho,
        rise=rise,
        loudness_db=max(loud) - min(loud),
        unevenness=unevenness(_steps(heard)),
        change_db=heard[0].distance(heard[-1]),
    )


def keeps_its_word(figures: Figures) -> bool:
    """Whether a dial does what it is named for."""
    return figures.rho >= _LEAST_RHO and figures.rise >= _LEAST_RISE


def pace_of(heard: Sequence[Heard]) -> Pace:
    """Return the pace that makes a way even, from renders at even places of it."""
    covered = np.concatenate([[0.0], np.cumsum(_steps(heard))])
    covered = covered / max(float(covered[-1]), 1e-9)
    even = np.linspace(0.0, 1.0, len(covered))
    position = (1.0 - _EVEN) * covered + _EVEN * even
    return Pace(np.interp(POSITIONS, position, even).tolist())


def louder(
    curve: LoudnessCurve, positions: Sequence[float], heard: Sequence[float], lufs: float, most_db: float
) -> LoudnessCurve:
    """Return a loudness curve with which a dial would have been as loud as the preset.

    Args:
        curve: The one that it was heard with.
        positions: Of the dial, rising, where it was heard.
        heard: Loudness there, LUFS.
        lufs: The preset's.
        most_db: By how much the volume can be raised.
    """
    missing = np.interp(POSITIONS, positions, [lufs - one for one in heard])
    total = np.minimum(np.array(curve.values) * LEVEL_DB + missing, most_db)
    return LoudnessCurve((total / LEVEL_DB).tolist())


def _steps(heard: Sequence[Heard]) -> np.ndarray:
    return steps_db([one.mels for one in heard])
