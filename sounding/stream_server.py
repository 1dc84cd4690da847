"""The sound for programs on this computer, such as the panel: 16-bit stereo over TCP, as they ask for it.

A listener sends the token (32 characters), and then, again and again, how many frames it wants (4 bytes, big
endian). It is sent that many, little endian, two 16-bit samples each, and no more; so it sets the pace.
"""

import contextlib
import hmac
import secrets
import socket
import threading
from time import monotonic

import numpy as np

from sounding.shared_stream import Listener, SharedStream

__all__ = ["MOST_FRAMES", "StreamServer", "to_pcm"]

MOST_FRAMES = 16_384  # in one answer
_MOST_LISTENERS = 8
_MOST_WAITING = 16  # that have not sent the token
_TOKEN_S = 2.0  # for all of the token, however its bytes drip in
_PATIENCE_S = 10.0  # a listener that reads nothing, or asks for nothing, for this long is gone


def to_pcm(audio: np.ndarray) -> bytes:
    """Return float audio `(n, 2)` within -1 to 1 as 16-bit samples, little endian."""
    return np.round(np.clip(audio, -1.0, 1.0) * 32_767.0).astype("<i2").tobytes()


class StreamServer:
    """Lets programs listen.

    Args:
        stream: What they hear.

    Attributes:
        port: TCP port on 127.0.0.1.
        token: What a listener has to send first.
    """

    def __init__(self, stream: SharedStream) -> None:
        self._stream = stream
        self.token = secrets.token_hex(16)
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._sock.getsockname()[1]
        self._waiting = threading.Semaphore(_MOST_WAITING)
        self._listeners = threading.Semaphore(_MOST_LISTENERS)
        threading.Thread(target=self._accept, name="sound listeners", daemon=True).start()

    def close(self) -> None:
        """Accept no more; those who listen are served until the process ends."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._sock.accept()
                if not self._waiting.acquire(blocking=False):
                    connection.close()
                    continue
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                is_known = self._sends_token(connection)
            finally:
                self._waiting.release()
            if is_known and self._listeners.acquire(blocking=False):
                self._answer(connection)

    def _sends_token(self, connection: socket.socket) -> bool:
        try:
            given = _receive(connection, len(self.token), monotonic() + _TOKEN_S)
        except (OSError, EOFError):
            return False
        return hmac.compare_digest(given, self.token.encode())

    def _answer(self, connection: socket.socket) -> None:
        listener: Listener | None = None
        try:
            connection.settimeout(_PATIENCE_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listener = self._stream.join()
            while True:
                n = int.from_bytes(_receive(connection, 4), "big")
                out = np.zeros((min(n, MOST_FRAMES), 2), np.float32)
                listener.read(out)
                connection.sendall(to_pcm(out))
        except (OSError, EOFError):
            pass  # it has gone
        finally:
            self._listeners.release()
            if listener is not None:
                listener.leave()


def _receive(connection: socket.socket, n: int, deadline: float | None = None) -> bytes:
    data = b""
    while len(data) < n:
        if deadline is not None:
            connection.settimeout(max(deadline - monotonic(), 0.001))
        part = connection.recv(n - len(data))
        if not part:
            raise EOFError
        data += part
    return data
