"""Reading what the server sends, in batches.

While macros move, the server sends a thousand messages a second, and each would wake the panel beside it. The
first is read at once; then the panel rests for a moment, and what has arrived meanwhile is read in one go.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable

__all__ = ["REST_S", "Datagram", "SocketReader"]

REST_S = 0.012  # pages are updated every 33 ms; the system's buffer holds what comes in this time
_MAX_BYTES = 65_536  # of a datagram
_MAX_BATCH = 4_096  # datagrams in one go

Datagram = tuple[bytes, tuple[str, int]]


class SocketReader:
    """A thread that reads a socket and delivers what arrived.

    Args:
        sock: Bound; read here only.
        deliver: Called from the thread with what arrived, oldest first.
    """

    def __init__(self, sock: socket.socket, deliver: Callable[[list[Datagram]], None]) -> None:
        self._sock = sock
        self._deliver = deliver
        self._ending = False
        sock.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the socket stays open."""
        self._ending = True
        host, port = self._sock.getsockname()
        with contextlib.suppress(OSError):  # a datagram to ourselves ends the waiting
            self._sock.sendto(b"", ("127.0.0.1" if host == "0.0.0.0" else host, port))
        self._thread.join(1.0)

    def _run(self) -> None:
        while not self._ending:
            select.select([self._sock], [], [])
            arrived = self._drain()
            if arrived and not self._ending:
                self._deliver(arrived)
            time.sleep(REST_S)

    def _drain(self) -> list[Datagram]:
        arrived: list[Datagram] = []
        while len(arrived) < _MAX_BATCH:
            try:
                arrived.append(self._sock.recvfrom(_MAX_BYTES))
            except BlockingIOError:
                break
            except OSError:  # Windows: no server listens there just now; the heartbeat notices
                continue
        return arrived
