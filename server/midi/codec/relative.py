"""Endless encoders send steps instead of positions, in three encodings, which are told apart by listening."""

from collections.abc import Sequence
from typing import Literal, get_args

__all__ = ["ENCODINGS", "LARGEST_STEP", "RELATIVE_ENCODINGS", "Encoding", "decode_step", "recognize_encoding"]

RelativeEncoding = Literal["twos", "offset", "sign"]
Encoding = Literal["absolute", "twos", "offset", "sign"]
RELATIVE_ENCODINGS: tuple[RelativeEncoding, ...] = get_args(RelativeEncoding)
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
LARGEST_STEP = 15  # the most that a quick hand makes of one message; positions soon exceed it
_ENOUGH = 4  # values after which repetition means something
_LEAP = 48  # further than a hand moves a fader between two messages


def decode_step(encoding: RelativeEncoding, raw: int) -> int:
    """Return the step that a raw value stands for.

    `twos`: 1 is one up, 127 one down. `offset`: 65 and 63. `sign`: 1 and 65.
    """
    match encoding:
        case "twos":
            return raw if raw < 64 else raw - 128
        case "offset":
            return raw - 64
        case _:
            return raw if raw < 64 else 64 - raw


def recognize_encoding(values: Sequence[int]) -> Encoding | None:
    """Return how a 7-bit controller sends, from the values it sent, oldest first.

    An encoder repeats itself, or leaps across the range where it is turned back; a knob does neither.

    Returns:
        None where it is not clear yet: too few values, or steps in one direction only that mean the same
        in two encodings.
    """
    fits = [
        encoding
        for encoding in RELATIVE_ENCODINGS
        if all(0 < abs(decode_step(encoding, value)) <= LARGEST_STEP for value in values)
    ]
    if not fits:
        return "absolute"
    if len(values) < _ENOUGH:
        return None
    pairs = list(zip(values, values[1:], strict=False))
    repeats = sum(a == b for a, b in pairs)
    leaps = any(abs(a - b) >= _LEAP for a, b in pairs)
    if 2 * repeats < len(pairs) and not leaps:
        return "absolute"
    return fits[0] if len(fits) == 1 else None
