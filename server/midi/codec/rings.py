"""The values that make a ring of lights show a position.

Most take the value itself. A V-Pot of a Mackie Control takes one byte: in bits 0 to 3 how far, from 1, in
bits 4 and 5 how the lights show it, in bit 6 whether the small light beneath the middle is on.

References:
    Logic Control User's Manual (Emagic, 2001), appendix on MIDI implementation; Mackie Control repeats it.
"""

from typing import Literal, get_args

__all__ = ["RING_CODINGS", "RingCoding", "ring_value"]

RingCoding = Literal["value", "mackie dot", "mackie boost-cut", "mackie fill", "mackie spread"]
RING_CODINGS: tuple[RingCoding, ...] = get_args(RingCoding)
_MODES: dict[RingCoding, int] = {
    "mackie dot": 0,
    "mackie boost-cut": 1,
    "mackie fill": 2,
    "mackie spread": 3,
}
_N_LIGHTS = 11
_N_WIDTHS = 6  # of what spreads from the middle
_MIDDLE_LIGHT = 1 << 6
_MIDDLE_RANGE = 0.02  # so near to the middle the small light is on


def ring_value(coding: RingCoding, position: float) -> int:
    """Return the value, 0 to 127, that makes a Mackie ring show a position, 0 to 1."""
    steps = (_N_WIDTHS if coding == "mackie spread" else _N_LIGHTS) - 1
    middle = _MIDDLE_LIGHT if abs(position - 0.5) <= _MIDDLE_RANGE else 0
    return middle | _MODES[coding] << 4 | 1 + round(position * steps)
