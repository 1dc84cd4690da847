"""Hints for names that are not known, searched for now and then: a search takes milliseconds of the loop."""

from collections.abc import Iterable
from time import monotonic

from core.nearest import did_you_mean, some_of

__all__ = ["HINTS_AT_ONCE", "HINTS_PER_S", "Hints", "hint"]

HINTS_AT_ONCE = 8  # a person types one name at a time
HINTS_PER_S = 20.0


class Hints:
    """Names the nearest known name, or only lists a few where many have been asked for."""

    def __init__(self) -> None:
        self._left = float(HINTS_AT_ONCE)
        self._at = monotonic()

    def __call__(self, name: str, known: Iterable[str]) -> str:
        """Return a short hint for a name that is not known."""
        now = monotonic()
        self._left = min(HINTS_AT_ONCE, self._left + (now - self._at) * HINTS_PER_S)
        self._at = now
        if self._left < 1.0:
            return some_of(list(known))
        self._left -= 1.0
        return did_you_mean(name, known)


hint = Hints()  # one for all of the loop, which is what it spares
