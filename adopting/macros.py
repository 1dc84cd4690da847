"""The macros of an adopted preset, from its dials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adopting.dials import Dial
from adopting.hearing import SPREADS, Heard
from models.macros import LoudnessCurve, Macros
from models.served_flow import ServedFlow
from models.steering.chart import Chart
from models.steering.pace import Pace

__all__ = ["PacedDial", "own_macros"]

_N_POINTS = 50  # of a descriptor curve


@dataclass(eq=False)
class PacedDial:
    """A dial with what was heard along it.

    Attributes:
        dial: Its lead and followers.
        pace: How its positions lie on its way; of all dials with as many values.
        loudness: What the level is given along it; likewise.
        heard: Renders at even positions, two at least; empty if nothing was heard yet.
        rise: How far what it is named for changes, in spreads.
    """

    dial: Dial
    pace: Pace
    loudness: LoudnessCurve
    heard: Sequence[Heard] = ()
    rise: float = 0.0


def own_macros(dials: Sequence[PacedDial], flow: ServedFlow, volume: int) -> Macros:
    """Return the macros of dials.

    Args:
        dials: In order.
        flow: The preset's.
        volume: Index of the volume in the space.
    """
    m, n = len(dials), flow.n_latent

    def column(index: int) -> int:  # among the parameters without the volume
        return index - (index > volume)

    gains = np.zeros((n - 1, m))
    for k, each in enumerate(dials):
        for index, gain in each.dial.gains.items():
            gains[column(index), k] = gain
    chart = Chart(
        leads=np.array([column(each.dial.lead.index) for each in dials]),
        courses=np.array([[each.dial.low, each.dial.high] for each in dials]),
        gains=gains,
        base=flow.leveler,
    )
    return Macros(
        names=tuple(each.dial.name for each in dials),
        directions=np.zeros((m, n), np.float32),
        low=np.zeros(m, np.float32),
        high=np.ones(m, np.float32),
        resting=np.zeros(n, np.float32),
        descriptor_names=tuple(SPREADS) if dials[0].heard else (),
        descriptor_curves=np.array([_curves(each.heard) for each in dials], np.float32),
        rises=np.array([each.rise for each in dials], np.float32),
        loudness=tuple(each.loudness for each in dials),
        paces=tuple(each.pace for each in dials),
        chart=chart,
        charted=tuple(range(m)),
        flow=flow,
    )


def _curves(heard: Sequence[Heard]) -> np.ndarray:
    """Return each descriptor along a dial `(n_descriptors, 50)`; of none where nothing was heard."""
    if not heard:
        return np.zeros((0, _N_POINTS))
    positions, scale = np.linspace(0.0, 1.0, len(heard)), np.array(list(SPREADS.values()))
    traits = np.array([one.traits for one in heard]) * scale
    return np.array([np.interp(np.linspace(0.0, 1.0, _N_POINTS), positions, row) for row in traits.T])
