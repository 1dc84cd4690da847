"""Encoders that send steps instead of places, in the three ways that there are, told apart by listening."""

from collections.abc import Sequence
from typing import Literal, get_args

__all__ = ["LARGEST_STEP", "RELATIVE", "SENDS", "Relative", "Sends", "encode_step", "recognise", "step"]

Relative = Literal["twos", "offset", "sign"]
Sends = Literal["absolute", "twos", "offset", "sign"]
RELATIVE: tuple[Relative, ...] = get_args(Relative)
SENDS: tuple[Sends, ...] = get_args(Sends)
LARGEST_STEP = 15  # what the quickest hand makes of one message; a place is soon further away than that
_ENOUGH = 4  # values after which repetition means something
_ACROSS = 48  # further than a hand moves a fader between two messages


def step(sends: Relative, raw: int) -> int:
    """Give the step that a raw value stands for.

    `twos`: 1 is one up, 127 one down. `offset`: 65 and 63. `sign`: 1 and 65.
    """
    match sends:
        case "twos":
            return raw if raw < 64 else raw - 128
        case "offset":
            return raw - 64
        case _:
            return raw if raw < 64 else 64 - raw


def encode_step(sends: Relative, by: int) -> int:
    """Give the raw value of a step from -63 to 63; `step` undoes it."""
    match sends:
        case "twos":
            return by & 127
        case "offset":
            return by + 64
        case _:
            return by if by >= 0 else 64 - by


def recognise(values: Sequence[int]) -> Sends | None:
    """Say how a 7-bit controller sends, from the values it sent, oldest first.

    An encoder repeats itself, or leaps across the range where it is turned back; a knob does neither.

    Returns:
        None where it is not clear yet: too few values, or steps in one direction only that two
        encodings spell alike.
    """
    fits = [sends for sends in RELATIVE if all(0 < abs(step(sends, v)) <= LARGEST_STEP for v in values)]
    if not fits:
        return "absolute"
    if len(values) < _ENOUGH:
        return None
    pairs = list(zip(values, values[1:], strict=False))
    repeats = sum(a == b for a, b in pairs)
    leaps = any(abs(a - b) >= _ACROSS for a, b in pairs)
    if 2 * repeats < len(pairs) and not leaps:
        return "absolute"
    return fits[0] if len(fits) == 1 else None
