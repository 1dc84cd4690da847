"""Endless encoders send steps instead of positions, in three encodings, which are told apart by listening.

No single value settles it. Each way of sending is a small model of what a hand makes of it: positions lie
near each other and hardly ever repeat, steps are small, repeat and keep their direction. The way that makes
all values together likeliest wins, if it wins clearly.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, log
from typing import Literal, get_args

from server.midi.codec.leaping import is_restless, log_leaping, slow_steps_tell, speed_leaps

__all__ = [
    "ENCODINGS",
    "RELATIVE_ENCODINGS",
    "Encoding",
    "RelativeEncoding",
    "decode_step",
    "is_doubtful",
    "is_one_way",
    "is_switch",
    "recognize_encoding",
]

RelativeEncoding = Literal["twos", "offset", "sign"]
Encoding = Literal["absolute", "twos", "offset", "sign"]
RELATIVE_ENCODINGS: tuple[RelativeEncoding, ...] = get_args(RelativeEncoding)
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)

_ENOUGH = 4  # values after which repetition means something
_CLEAR = 2.0  # log-likelihood between the best way of sending and the next
_CLEAR_OF_LEAPS = 5.0  # the same where the speed leaps
_BEYOND_DOUBT = 20.0  # the same where nothing has to be said
_LEAPING = log(0.05)  # few encoders leap
_SOME = 8  # values after which it is clear that a knob is one
_ABSOLUTE_FIRST = log(9.0)  # most controls send positions
_TWICE = log(0.1)  # what it costs a knob to send everything twice
_FAR = 16  # between two values of a switch, where none of them is 0
_FAR_OFF = 48  # between two positions of a knob that is turned
_PATIENT = 256  # values that are looked at; more tell nothing new

# Of steps: an encoder repeats one of its steps, now and then sends none, and runs away under a quick hand.
_P_ZERO, _P_REPEAT, _P_FASTER, _P_ONWARD = 0.03, 0.35, 0.1, 0.85
# Of positions: a knob sends only what is new; a worn one flutters between two neighbours.
_P_STILL, _P_SAME_WAY = 0.01, 0.9


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

    Returns:
        None where it is not clear yet: too few values, steps in one direction only that mean the same in two
        encodings, or steps so quick that they could be of any.
    """
    values = values[:_PATIENT]
    if not values:
        return None
    if is_switch(values):
        return "absolute"
    steps = _steps(values)
    best, lead = _likeliest(values, steps)
    if best == "absolute":
        return "absolute" if len(values) < _SOME or (lead >= _CLEAR and not is_restless(values)) else None
    if len(values) < _ENOUGH or lead < _CLEAR:
        return None
    if speed_leaps(steps[best]):
        tells = all(slow_steps_tell(steps[best], steps[other]) for other in steps if other != best)
        return best if tells and lead >= _CLEAR_OF_LEAPS else None
    return best


def is_doubtful(values: Sequence[int]) -> bool:
    """Whether the way of sending that was recognized may be another all the same.

    Slow steps leave no doubt, nor does a knob that is turned through its range. A hand that is always quick
    does: what is a leap in one encoding is a step in another, and leaps may look like positions.
    """
    values = values[:_PATIENT]
    if len(values) < _ENOUGH or is_switch(values):
        return False
    steps = _steps(values)
    best, lead = _likeliest(values, steps)
    if best == "absolute":
        return _leaps_off(values) or (lead < _BEYOND_DOUBT and not _is_one_sweep(values))
    return lead < _BEYOND_DOUBT and speed_leaps(steps[best])


def _steps(values: Sequence[int]) -> dict[RelativeEncoding, list[int]]:
    return {sends: [decode_step(sends, value) for value in values] for sends in RELATIVE_ENCODINGS}


def _likeliest(values: Sequence[int], steps: dict[RelativeEncoding, list[int]]) -> tuple[Encoding, float]:
    """Return the likeliest way of sending, and by how much its log-likelihood leads the next."""
    score: dict[Encoding, float] = {"absolute": _ABSOLUTE_FIRST + _log_positions(values)}
    if (once := _sent_twice(values)) is not None:
        score["absolute"] = max(score["absolute"], _TWICE + _log_positions(once))
    for sends, each in steps.items():
        score[sends] = max(_log_steps(each), _LEAPING + log_leaping(each))
    best, second = sorted(score, key=lambda encoding: score[encoding], reverse=True)[:2]
    return best, score[best] - score[second]


def is_one_way(values: Sequence[int]) -> bool:
    """Whether values are steps in one direction, whatever the encoding; steps of nothing are in neither.

    >>> is_one_way([1, 2, 0, 1]), is_one_way([65, 65, 64]), is_one_way([1, 127])
    (True, True, False)
    """
    return all(value <= 64 for value in values) or all(value >= 64 or value == 0 for value in values)


def is_switch(values: Sequence[float]) -> bool:
    """Whether values are those of a switch: two in turns, one of them 0 or far from the other."""
    distinct = set(values)
    if len(distinct) != 2:
        return False
    repeats = sum(a == b for a, b in zip(values, values[1:], strict=False))
    far = max(distinct) - min(distinct) >= _FAR
    return 3 * repeats <= len(values) - 1 and (0 in distinct or (far and repeats == 0))


def _sent_twice(values: Sequence[int]) -> Sequence[int] | None:
    """Return the values of a knob that sends each of them twice, once; None if it does not."""
    once, again = values[::2], values[1::2]
    same = sum(a == b for a, b in zip(once, again, strict=False))
    far = max(values) - min(values) >= 2 * _FAR
    return once if far and len(again) >= 6 and same >= 0.8 * len(again) else None


def _is_one_sweep(values: Sequence[int]) -> bool:
    """Whether positions go one way, or there and back, and none comes twice."""
    once = _sent_twice(values) or values
    by = [after - before for before, after in zip(once, once[1:], strict=False)]
    return 0 not in by and sum(a * b < 0 for a, b in zip(by, by[1:], strict=False)) <= 1


def _leaps_off(values: Sequence[int]) -> bool:
    """Whether a position is far from the one before, as no knob's is."""
    return any(abs(after - before) >= _FAR_OFF for before, after in zip(values, values[1:], strict=False))


@lru_cache(256)
def _log_size(size: int) -> float:
    """Return the log-probability of a step of 1 to 64."""
    slow = 0.62 * 0.66 * 0.34 ** (size - 1)
    quick = 0.3 / 15 if size <= 15 else 0.0
    racing = 0.08 / 49 if size > 15 else 0.0
    return log(slow + quick + racing)


@lru_cache(256)
def _log_distance(distance: int) -> float:
    """Return the log-probability of the way between two positions, 1 to 127."""
    near = 0.7 * 0.35 * 0.65 ** (distance - 1)
    far = 0.28 / 40 if distance <= 40 else 0.02 / 87
    return log(near + far)


def _log_steps(steps: Sequence[int]) -> float:
    total, before, way = 0.0, 0, 0
    for step in steps:
        if step == 0:
            total += log(_P_ZERO)
            continue
        fresh = _log_size(abs(step)) + log(1.0 - _P_ZERO)
        if way == 0:
            fresh += log(0.5)
        else:
            fresh += log(_P_ONWARD if step * way > 0 else 1.0 - _P_ONWARD)
        chance = exp(fresh)
        if step == before:
            chance = max(chance, _P_REPEAT)
        elif step * before > 0 and abs(before) < abs(step) <= 2 * abs(before) + 2:
            chance += _P_FASTER / (abs(before) + 2)
        total += log(chance)
        before = way = step
    return total


def _log_positions(values: Sequence[int]) -> float:
    total, way = -log(128.0), 0
    for before, value in zip(values, values[1:], strict=False):
        by = value - before
        if by == 0:
            total += log(_P_STILL)
            continue
        total += _log_distance(abs(by))
        flutters = abs(by) == 1 or way == 0
        total += log(0.5 if flutters else _P_SAME_WAY if by * way > 0 else 1.0 - _P_SAME_WAY)
        way = by
    return total
