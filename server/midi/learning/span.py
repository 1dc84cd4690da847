"""The range that a program's control sends, from what came of a sweep."""

from collections.abc import Iterable

__all__ = ["span_of"]

_USUAL = (
    *((0.0, 1.0), (-1.0, 1.0), (0.0, 10.0), (0.0, 100.0), (0.0, 127.0), (0.0, 255.0), (0.0, 360.0)),
    *((-90.0, 90.0), (-100.0, 100.0), (-180.0, 180.0), (0.0, 1_000.0), (0.0, 1_023.0), (0.0, 4_095.0)),
    *((0.0, 16_383.0), (0.0, 65_535.0)),
)
_NEAR_END = 0.06  # of a usual range: a hand seldom misses its ends by more


def span_of(values: Iterable[float]) -> tuple[float, float]:
    """Return the range that a control most likely has: a usual one with these ends, else what was swept.

    >>> span_of([0.2, 0.9]), span_of([-0.97, 1.0]), span_of([2, 64, 127]), span_of([20, 5000])
    ((0.0, 1.0), (-1.0, 1.0), (0.0, 127.0), (20.0, 5000.0))
    """
    swept = list(values)
    low, high = min(swept), max(swept)
    if 0.0 <= low and high <= 1.0:
        return 0.0, 1.0
    for bottom, top in _USUAL:
        slack = _NEAR_END * (top - bottom)
        if bottom <= low <= bottom + slack and top - slack <= high <= top:
            return bottom, top
    return float(low), float(high)
