"""The path in tempo, as a foot switch starts it: there and back, over and over."""

__all__ = ["PACE_S", "PathRun"]

PACE_S = 0.02
_ONE_WAY_S = 4.0  # eight beats at 120 a minute, as the panel begins with


class PathRun:
    """Where along the path the point is."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._moved_at = 0.0

    def position(self, now: float) -> float | None:
        """Return the position along the path, 0 to 1; None if it is not time to move yet."""
        if self._began is None:
            self._began = now
        elif now - self._moved_at < PACE_S:
            return None
        self._moved_at = now
        ways = (now - self._began) / _ONE_WAY_S % 2.0
        return 2.0 - ways if ways > 1.0 else ways
