"""Endless encoders whose speed leaps: a detent sends 1, or 40, from one moment to the next.

The slower such a hand was now and then, the surer it is what its steps mean; of a hand that was always quick
the three encodings tell nothing apart, and it has to be asked to turn slowly.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor, log

__all__ = ["is_restless", "log_leaping", "slow_steps_tell", "speed_leaps"]

_LARGEST = 64  # step of any encoding
_HARMONIC = sum(1.0 / size for size in range(1, _LARGEST + 1))
_P_KEEPS, _KEEPS = 0.4, 1.6  # how often the speed stays about the same, and within which factor
_P_ZERO, _P_ONWARD = 0.03, 0.85
_N_LEAPS = 2
_MANY_SIZES, _QUICK = 5, 15
_SLOW = 8  # steps up to this size are those of a slow hand
_N_SLOW, _SHARE_SLOW, _TIMES_SLOW = 3, 0.25, 3
_SWING = 5  # positions to and fro that are no trembling any more


def log_leaping(steps: Sequence[int]) -> float:
    """Return the log-likelihood of steps of which every order of size is as likely as any other."""
    total, before = 0.0, 0
    for step in steps:
        if step == 0:
            total += log(_P_ZERO)
            continue
        total += _log_size(abs(step), abs(before)) + log(1.0 - _P_ZERO)
        if before == 0:
            total += log(0.5)
        else:
            total += log(_P_ONWARD if step * before > 0 else 1.0 - _P_ONWARD)
        before = step
    return total


@lru_cache(8192)
def _log_size(size: int, before: int) -> float:
    chance = 1.0 / (size * _HARMONIC)
    if before == 0:
        return log(chance)
    low, high = ceil(before / _KEEPS), min(_LARGEST, floor(before * _KEEPS))
    kept = 1.0 / (high - low + 1) if low <= size <= high else 0.0
    return log((1.0 - _P_KEEPS) * chance + _P_KEEPS * kept)


def speed_leaps(steps: Sequence[int]) -> bool:
    """Whether the speed leaps up and down, or is quick and never the same."""
    pairs = [(abs(a), abs(b)) for a, b in zip(steps, steps[1:], strict=False) if a * b > 0]
    n_leaps = sum(max(pair) > 2 * min(pair) + 2 for pair in pairs)
    sizes = {abs(step) for step in steps}
    return n_leaps >= _N_LEAPS or (len(sizes) >= _MANY_SIZES and max(sizes) > _QUICK)


def slow_steps_tell(steps: Sequence[int], others: Sequence[int]) -> bool:
    """Whether the slow steps among them show that values mean these, and not what another encoding has.

    Args:
        steps: Of the encoding that is likeliest.
        others: The same values, decoded by the other encoding.
    """
    sizes = [(abs(a), abs(b)) for a, b in zip(steps, others, strict=True) if abs(a) != abs(b)]
    mine = sum(0 < a <= _SLOW for a, _ in sizes)
    its = sum(0 < b <= _SLOW for _, b in sizes)
    return mine >= max(_N_SLOW, _TIMES_SLOW * its, _SHARE_SLOW * len(sizes))


def is_restless(values: Sequence[int]) -> bool:
    """Whether positions go to and fro as no knob does."""
    by = [b - a for a, b in zip(values, values[1:], strict=False)]
    n = sum(a * b < 0 and min(abs(a), abs(b)) >= _SWING for a, b in zip(by, by[1:], strict=False))
    return n >= 2 and 8 * n >= len(by)
