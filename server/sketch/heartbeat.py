"""Signs of life from a process to the one that started it: one a second, as long as it works."""

import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

__all__ = ["BEAT", "SharedPipe", "start_beating"]

BEAT = b"B"
_EVERY_S = 1.0


class SharedPipe:
    """A process's end of its pipe, into which several threads write.

    Args:
        pipe: The end.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._sending = threading.Lock()
        self.recv_bytes = pipe.recv_bytes
        self.poll = pipe.poll

    def send_bytes(self, data: bytes) -> None:
        """Send a message whole.

        Raises:
            OSError: The other end is closed.
        """
        with self._sending:
            self._pipe.send_bytes(data)


def start_beating(pipe: SharedPipe, works: Callable[[], bool] = lambda: True) -> None:
    """Send a beat each second from a thread, until the pipe ends.

    Args:
        pipe: To the process that started this one.
        works: Whether this one is well; no beat is sent while it is not.
    """

    def beat() -> None:
        while True:
            if works():
                try:
                    pipe.send_bytes(BEAT)
                except OSError:
                    return
            time.sleep(_EVERY_S)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()
