"""What a ring of lights is sent so that it shows a place.

Most take the value itself. A V-Pot of a Mackie Control takes one byte: in bits 0 to 3 how far, from 1, in
bits 4 and 5 how the lights show it, in bit 6 whether the small light beneath the middle is on.

References:
    Logic Control User's Manual (Emagic, 2001), appendix on MIDI implementation; Mackie Control repeats it.
"""

from typing import Literal, get_args

__all__ = ["CODINGS", "Coding", "ring_value"]

Coding = Literal["value", "mackie dot", "mackie boost-cut", "mackie fill", "mackie spread"]
CODINGS: tuple[Coding, ...] = get_args(Coding)
_MODES: dict[Coding, int] = {"mackie dot": 0, "mackie boost-cut": 1, "mackie fill": 2, "mackie spread": 3}
_LIGHTS = 11
_PAIRS = 6  # what spreads from the middle has so many widths
_MIDDLE = 1 << 6
_NEAR = 0.02  # of the middle: there the small light is on


def ring_value(coding: Coding, place: float) -> int:
    """Give the value from 0 to 127 that makes a Mackie ring show a place from 0 to 1."""
    steps = (_PAIRS if coding == "mackie spread" else _LIGHTS) - 1
    middle = _MIDDLE if abs(place - 0.5) <= _NEAR else 0
    return middle | _MODES[coding] << 4 | 1 + round(place * steps)
