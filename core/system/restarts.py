"""How often a process that ends by itself is started again: not without end."""

from collections import deque

__all__ = ["Restarts"]


class Restarts:
    """Counts restarts; too many in a short time mean that something is wrong that a start does not mend.

    Args:
        most: Restarts within the time.
        within_s: The time, seconds.
    """

    def __init__(self, most: int, within_s: float) -> None:
        self._recent: deque[float] = deque(maxlen=most)
        self._within_s = within_s

    def allow(self, now: float) -> bool:
        """Count one more restart, if there may be one.

        Args:
            now: Seconds, of any clock that does not go back.
        """
        recent = self._recent
        if len(recent) == recent.maxlen and now - recent[0] < self._within_s:
            return False
        recent.append(now)
        return True
