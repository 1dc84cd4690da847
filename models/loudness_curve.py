"""What the level latent is given along a macro, so that turning the macro does not change the loudness."""

from collections.abc import Sequence

__all__ = ["LoudnessCurve"]


class LoudnessCurve:
    """Values at even places of a dial, with lines between them; beyond the ends, the ends.

    Args:
        values: From dial 0 to 1, two at least, in units of the level latent.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.values = tuple(float(value) for value in values)
        assert len(self.values) > 1
        self._last = len(self.values) - 1
        # A line for each step, as value at dial 0 and slope: one product and one sum a look-up.
        self._lines = [
            (a - k * (b - a), (b - a) * self._last)
            for k, (a, b) in enumerate(zip(self.values, self.values[1:], strict=False))
        ]
        self._lines.append(self._lines[-1])  # for a dial that rounding brings to the end

    def at(self, dial: float) -> float:
        """Give the value at a dial. It is called for every turn of a macro, so it is plain Python."""
        if dial >= 1.0:
            return self.values[-1]
        if not dial > 0.0:
            return self.values[0]
        start, slope = self._lines[int(dial * self._last)]
        return start + dial * slope
