"""The connection to the server: hello, heartbeat, and hello again when the server comes back."""

import asyncio
import contextlib
import logging
import secrets
import socket
from collections.abc import Callable
from time import monotonic

from panel.osc.mirror import Mirror, Topic
from panel.osc.socket_reader import Datagram, SocketReader
from server.osc.addresses import PROTOCOL, Value
from server.osc.builder import echo_of, padded, typed_message

__all__ = ["Link"]

logger = logging.getLogger(__name__)

_HELLO_EVERY_S = 1.0
_PING_EVERY_S = 1.5  # the server forgets clients that are silent for 10 s
_LOST_AFTER_S = 4.0
_TOKEN = padded("/flow/token")
_MOVING: tuple[Topic, ...] = ("params", "macros")
_RECEIVE_BUFFER = 1 << 20  # bytes: ten thousand presets arrive in a burst


class Link:
    """Keeps a `Mirror` up to date, and sends messages to the server.

    Everything but reading the socket runs on the event loop that called `open`.

    Args:
        server: Host and UDP port.
        mirror: Updated by each message.
        changed: Called with the topic of each message, and with None when the server is lost or found.
    """

    def __init__(
        self, server: tuple[str, int], mirror: Mirror, changed: Callable[[Topic | None], None]
    ) -> None:
        self.server = server
        self.mirror = mirror
        self.connected = False
        self._changed = changed
        self._sock: socket.socket | None = None
        self._sender = server  # whose messages are read
        self._reader: SocketReader | None = None
        self._port = 0
        self._nonce = secrets.randbelow(2**31)
        self._run: int | None = None
        self._model: tuple[str, int, int, int] | None = None  # with its counts
        self._heard = 0.0
        self._n_pings = 0
        self._listed = -1
        self._beating: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Bind a port and start looking for the server."""
        loop = asyncio.get_running_loop()
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):  # then the system's own size, and more is lost in a burst
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        sock.bind(("127.0.0.1" if self.server[0] == "127.0.0.1" else "0.0.0.0", 0))
        self._sock, self._port = sock, sock.getsockname()[1]
        with contextlib.suppress(OSError):  # an unknown name: nobody answers
            self._sender = (
                await loop.run_in_executor(None, socket.gethostbyname, self.server[0]),
                self.server[1],
            )

        def deliver(datagrams: list[Datagram]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._receive, datagrams)

        self._reader = SocketReader(sock, deliver)
        self._beating = asyncio.create_task(self._beat())

    def close(self) -> None:
        """Send goodbye, and release the port."""
        if self._beating is not None:
            self._beating.cancel()
        if self._sock is not None and self._reader is not None:
            self.send("/flow/bye", self._nonce)
            self._reader.stop()
            self._sock.close()
            self._sock = None

    def send(self, address: str, *values: Value) -> None:
        """Send a message; an int goes as `i`, a float as `f`, text as `s`."""
        if self._sock is not None:
            with contextlib.suppress(OSError):  # no server listens there just now; the heartbeat notices
                self._sock.sendto(typed_message(address, *values), self.server)

    # -- receiving

    def _receive(self, datagrams: list[Datagram]) -> None:
        """Update the mirror from what the server sent; topics that move all the time are passed on once."""
        moved: set[Topic] = set()
        for data, sender in datagrams:
            if sender != self._sender:
                continue
            self._heard = monotonic()
            if data.startswith(_TOKEN):  # the server is on another machine
                if self._sock is not None:
                    with contextlib.suppress(OSError):
                        self._sock.sendto(echo_of(data), self.server)
                continue
            topic = self.mirror.receive(data)
            if topic == "welcome":
                self._welcomed()
            if topic == "presets_gone":
                self.send("/flow/presets")
                self.send("/flow/kinds")
                topic = "presets"
            if topic == "pong":
                self._ponged(data)
            elif topic in _MOVING:
                moved.add(topic)
            elif topic is not None:
                self._changed(topic)
        for topic in moved:
            self._changed(topic)

    # -- finding the server

    async def _beat(self) -> None:
        while True:
            if self.connected and monotonic() - self._heard > _LOST_AFTER_S:
                self.connected = False
                logger.info("the server is lost")
                self._changed(None)
            if self.connected:
                self._n_pings = (self._n_pings + 1) & 0x7FFFFFFF
                self.send("/flow/ping", self._n_pings)
                self.send("/flow/health")
                if self.mirror.lacks_presets and self.mirror.presets_revision == self._listed:
                    self.send("/flow/presets")  # nothing more has come since the last beat
                self._listed = self.mirror.presets_revision
                await asyncio.sleep(_PING_EVERY_S)
            else:
                self._hello(new=True)
                await asyncio.sleep(_HELLO_EVERY_S)

    def _hello(self, *, new: bool) -> None:
        if new:  # to a new number the server sends the current state again
            self._nonce = secrets.randbelow(2**31)
        self.send("/flow/hello", self._nonce, self._port, PROTOCOL, "panel", "Browser panel")

    def _welcomed(self) -> None:
        welcome = self.mirror.welcome
        assert welcome is not None
        model = welcome.model, welcome.n_macros, welcome.n_latent, welcome.n_parameters
        if welcome.run != self._run or model != self._model:
            self.mirror.forget_model()
        if welcome.run != self._run:
            self.mirror.forget_run()
        self._run, self._model = welcome.run, model
        self.mirror.playing = welcome.model
        self.mirror.models = {}
        for address in (
            "/flow/names",
            "/flow/macro/vocabulary",
            "/flow/presets",
            "/flow/kinds",
            "/flow/models",
            "/flow/bindings",
            "/flow/instruments",
            "/flow/sound",
            "/flow/can",
        ):
            self.send(address)
        self.send("/flow/library", "", "", "", 0)
        if not self.connected:
            self.connected = True
            self._changed(None)

    def _ponged(self, data: bytes) -> None:
        run = int.from_bytes(data[-4:], "big")
        if run != self._run:  # it restarted between two beats
            self._hello(new=True)
