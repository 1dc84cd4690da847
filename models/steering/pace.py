"""How fast a dial goes along its way, so that each part of the dial changes the sound about as much."""

from bisect import bisect_right
from collections.abc import Sequence

__all__ = ["Pace"]


class Pace:
    """Positions on the way at even positions of the dial, with lines between; past an end, one for one.

    Args:
        values: From the dial's 0 to its 1, strictly rising, two at least.
    """

    __slots__ = ("_last", "values")

    def __init__(self, values: Sequence[float]) -> None:
        self.values = tuple(float(value) for value in values)
        self._last = len(self.values) - 1
        assert self._last > 0
        assert all(a < b for a, b in zip(self.values, self.values[1:], strict=False))

    def at(self, position: float) -> float:
        """Return the position on the way where the dial is at a position."""
        if position <= 0.0:
            return self.values[0] + position
        if position >= 1.0:
            return self.values[-1] + position - 1.0
        j = int(position * self._last)
        return self.values[j] + (position * self._last - j) * (self.values[j + 1] - self.values[j])

    def inverse(self, way: float) -> float:
        """Undo `at`."""
        if way <= self.values[0]:
            return way - self.values[0]
        if way >= self.values[-1]:
            return 1.0 + way - self.values[-1]
        j = bisect_right(self.values, way) - 1
        return (j + (way - self.values[j]) / (self.values[j + 1] - self.values[j])) / self._last

    def part(self, low: float, high: float) -> "Pace":
        """Return the pace of a dial that goes over a part of this one's positions."""
        return Pace([self.at(low + k / self._last * (high - low)) for k in range(self._last + 1)])
