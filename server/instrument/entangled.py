"""Macros that move others along."""

import numpy as np

from models.macros import Macros
from models.steering.point import Point

__all__ = ["entangled"]

_MOVED = 1e-3  # of a dial; less comes from rounding


def entangled(macros: Macros) -> frozenset[int]:
    """Return the indices of macros that move the dials of others when they are turned.

    A model's own macros never do; one that a player made leads through whatever differs between two sounds.
    """
    point = Point(macros.flow, macros.resting.astype(np.float64))
    before = np.array([macro.position_of(point) for macro in macros])
    found = set()
    for k, macro in enumerate(macros):
        turned = macro.turned(point, 0.25 if before[k] > 0.5 else 0.75)
        moved = np.abs([other.position_of(turned) for other in macros] - before) > _MOVED
        moved[k] = False
        if moved.any():
            found.add(k)
    return frozenset(found)
