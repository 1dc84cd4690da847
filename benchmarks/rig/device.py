"""A device that plays all the time: its socket is drained, and few of its frames are read."""

import secrets
import socket
from collections.abc import Callable
from time import monotonic

import numpy as np

from server.osc.addresses import PROTOCOL, Value
from server.osc.builder import padded, typed_message
from server.osc.parser import read_message

__all__ = ["Device", "Heard"]

Heard = Callable[[str, list[Value]], None]  # told the address and the arguments of what came, but for frames

_FRAME = padded("/flow/params")
_READ_EVERY = 16  # frames: reading them all would take more time than sending turns
_BUFFER = 1 << 20  # bytes; answers have to wait there while a server starts
_GREET_EVERY_S = 0.25
_BEAT_S = 1.0


class Device:
    """One client with an instrument of its own.

    Args:
        port: The server's.
        instrument: Its identity.
        kind: As in hello.
        heard: Told of everything but frames.

    Attributes:
        welcome: The arguments of the last one; empty until it comes.
        n_frames: Frames that came.
        round_trips: When a frame came after a turn, and how many seconds after.
        broken: What frames hold that none may, in words.
    """

    def __init__(self, port: int, instrument: str, heard: Heard, kind: str = "device") -> None:
        self._server = ("127.0.0.1", port)
        self._instrument, self._kind, self._told = instrument, kind, heard
        self._nonce = secrets.randbelow(2**31)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self.welcome: list[Value] = []
        self.n_frames = 0
        self.round_trips: list[tuple[float, float]] = []
        self.broken: list[str] = []
        self._turned_at = self._beat_at = 0.0

    def turn(self, macro: int, position: float) -> None:
        """Turn a macro, and time the next frame."""
        self._turned_at = monotonic()
        self.send("/flow/macro", macro, position)

    def send(self, address: str, *values: Value) -> None:
        """Send a message."""
        self.send_raw(typed_message(address, *values))

    def send_raw(self, datagram: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendto(datagram, self._server)

    def beat(self, now: float) -> None:
        """Send what is due: hello until it is welcomed, then a heartbeat each second."""
        if now - self._beat_at < (_BEAT_S if self.welcome else _GREET_EVERY_S):
            return
        self._beat_at = now
        if self.welcome:
            self.send("/flow/ping", 1)
        else:
            port = self.sock.getsockname()[1]
            name = self._instrument
            self.send("/flow/hello", self._nonce, port, PROTOCOL, self._kind, name, name, "-")

    def forget_server(self) -> None:
        """Note that the server has gone: the next one has to welcome it."""
        self.welcome, self._turned_at, self._beat_at = [], 0.0, 0.0

    def drain(self) -> None:
        """Read all that has come."""
        receive = self.sock.recv
        while True:
            try:
                datagram = receive(8192)
            except (BlockingIOError, ConnectionError):
                return
            if datagram.startswith(_FRAME):
                self._frame(datagram)
                continue
            address, values = read_message(datagram)
            if address == "/flow/welcome":
                self.welcome = values
            self._told(address, values)

    def _frame(self, datagram: bytes) -> None:
        self.n_frames += 1
        if self._turned_at:
            now = monotonic()
            self.round_trips.append((now, now - self._turned_at))
            self._turned_at = 0.0
        if self.n_frames % _READ_EVERY == 0 and self.welcome:
            n = int(self.welcome[8])
            patch = np.frombuffer(datagram, ">f4", n, len(datagram) - 4 * n)
            if not (patch.min() >= 0.0 and patch.max() <= 1.0):
                self.broken.append(f"a frame has values from {patch.min()} to {patch.max()}")

    def close(self) -> None:
        """Unregister, and close the socket."""
        self.send("/flow/bye", self._nonce)
        self.sock.close()
