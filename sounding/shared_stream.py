"""One sound for several listeners, each of which reads it at its own pace."""

import threading
from collections.abc import Callable

import numpy as np

__all__ = ["Listener", "SharedStream"]

_KEPT_S = 2.0  # a listener that is further behind leaves that out


class SharedStream:
    """Makes sound as the fastest listener wants it, and keeps it for the others.

    Args:
        fill: Writes the next frames into an array `(n, 2)`.
        sample_rate: Hz.

    Attributes:
        lock: Held while `fill` runs: whoever changes what it plays takes it, too.
    """

    def __init__(self, fill: Callable[[np.ndarray], None], sample_rate: int) -> None:
        self._fill = fill
        self._ring = np.zeros((int(_KEPT_S * sample_rate), 2), np.float32)
        self._head = 0
        self._listeners: set[Listener] = set()
        self.lock = threading.Lock()

    def join(self) -> "Listener":
        """Return a new listener; it hears what comes from now on."""
        with self.lock:
            listener = Listener(self, self._head)
            self._listeners.add(listener)
            return listener

    def leave(self, listener: "Listener") -> None:
        """Forget a listener."""
        with self.lock:
            self._listeners.discard(listener)

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def read(self, at: int, out: np.ndarray) -> int:
        """Write the frames from `at` on into `out`, `(n, 2)`; return the frame that follows."""
        with self.lock:
            if len(self._listeners) == 1 and at == self._head:  # nobody else wants them: no copy
                self._fill(out)
                self._head += len(out)
                return self._head
            at = max(at, self._head - len(self._ring) + len(out))
            while self._head < at + len(out):
                start = self._head % len(self._ring)
                n = min(at + len(out) - self._head, len(self._ring) - start)
                self._fill(self._ring[start : start + n])
                self._head += n
            index = np.arange(at, at + len(out)) % len(self._ring)
            np.take(self._ring, index, axis=0, out=out)
            return at + len(out)


class Listener:
    """Reads a stream.

    Args:
        stream: What it hears.
        at: Frame that it begins with.
    """

    def __init__(self, stream: SharedStream, at: int) -> None:
        self._stream = stream
        self._at = at

    def read(self, out: np.ndarray) -> None:
        """Write the next frames into `out`, float32 `(n, 2)`."""
        self._at = self._stream.read(self._at, out)

    def leave(self) -> None:
        """Stop listening."""
        self._stream.leave(self)
