"""What the server itself has sent of late: over a loop-back port it comes in again, and nobody moved it."""

from collections import OrderedDict
from time import perf_counter

__all__ = ["OwnOutput"]

_RECENT_S = 0.5  # the longest way round
_MAX_KEPT = 4_096  # messages: those of half a second, as fast as a port takes them


class OwnOutput:
    """Remembers the messages that went out; any thread may add, the loop asks."""

    def __init__(self) -> None:
        self._sent: OrderedDict[bytes, float] = OrderedDict()

    def add(self, message: bytes, now: float | None = None) -> None:
        """Note that a message is being sent."""
        self._sent[message] = perf_counter() if now is None else now
        self._sent.move_to_end(message)
        if len(self._sent) > _MAX_KEPT:
            self._sent.popitem(last=False)

    def has(self, message: bytes, now: float) -> bool:
        """Whether a message that came in was sent a moment ago."""
        at = self._sent.get(message)
        return at is not None and now - at <= _RECENT_S
