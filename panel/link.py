"""The panel's end of the OSC connection: hello, heartbeat, and hello again when the server comes back."""

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

import numpy as np

from panel.mirror import Mirror, Topic
from server.addresses import PROTOCOL, Value
from server.osc_wire import build, floats

__all__ = ["Link"]

logger = logging.getLogger(__name__)

_HELLO_EVERY_S = 1.0
_PING_EVERY_S = 1.5  # the server forgets who was silent for 10 s
_LOST_AFTER_S = 4.0
_RECEIVE_BUFFER = 1 << 20  # bytes: ten thousand presets arrive in a burst


class Link(asyncio.DatagramProtocol):
    """Keeps a `Mirror` up to date and takes messages to the server.

    Everything runs on the event loop that `open` was called on.

    Args:
        server: Host and UDP port.
        mirror: What is kept up to date.
        changed: Called with the topic of each message, and with None when the server is lost or found.
    """

    def __init__(
        self, server: tuple[str, int], mirror: Mirror, changed: Callable[[Topic | None], None]
    ) -> None:
        self.server = server
        self.mirror = mirror
        self.found = False
        self._changed = changed
        self._transport: asyncio.DatagramTransport | None = None
        self._port = 0
        self._nonce = secrets.randbelow(2**31)
        self._run: int | None = None
        self._model = ""
        self._heard = 0.0
        self._n_pings = 0
        self._listed = -1
        self._beating: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Bind a port and begin to look for the server."""
        loop = asyncio.get_running_loop()
        host = "127.0.0.1" if self.server[0] == "127.0.0.1" else "0.0.0.0"
        await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        self._beating = asyncio.create_task(self._beat())

    def close(self) -> None:
        """Say goodbye and let go of the port."""
        if self._beating is not None:
            self._beating.cancel()
        if self._transport is not None:
            self.send("/flow/bye", self._nonce)
            self._transport.close()
            self._transport = None

    def send(self, address: str, *values: Value) -> None:
        """Send a message; an int goes as `i`, a float as `f`, text as `s`."""
        tags = "".join({int: "i", float: "f", str: "s"}[type(v)] for v in values)
        self._send(build(address, tags, *values))

    def send_floats(self, address: str, values: tuple[float, ...] | np.ndarray) -> None:
        """Send a message of floats only, such as a latent."""
        self._send(floats(address, values))

    # -- as asyncio calls it

    def connection_made(self, transport: Any) -> None:
        """Note the socket."""
        self._transport = transport
        sock = transport.get_extra_info("socket")
        self._port = sock.getsockname()[1]
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        except OSError:
            pass  # the system's own size does, with more lost in a burst

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a message in, if the server sent it."""
        if addr[1] != self.server[1]:
            return
        self._heard = monotonic()
        topic = self.mirror.take(data)
        if topic == "welcome":
            self._welcomed()
        if topic == "pong":
            self._ponged(data)
        elif topic is not None:
            self._changed(topic)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there just now; the heartbeat notices."""

    # -- finding the server

    async def _beat(self) -> None:
        while True:
            if self.found and monotonic() - self._heard > _LOST_AFTER_S:
                self.found = False
                logger.info("the server is lost")
                self._changed(None)
            if self.found:
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
        if new:  # under a new number the server tells the present state again
            self._nonce = secrets.randbelow(2**31)
        self.send("/flow/hello", self._nonce, self._port, PROTOCOL, "panel", "Browser panel")

    def _welcomed(self) -> None:
        welcome = self.mirror.welcome
        assert welcome is not None
        if welcome.run != self._run or welcome.model != self._model:
            self.mirror.forget_model()
        self._run, self._model = welcome.run, welcome.model
        self.mirror.playing = welcome.model
        self.mirror.models = {}
        for address in ("/flow/names", "/flow/presets", "/flow/models"):
            self.send(address)
        if not self.found:
            self.found = True
            self._changed(None)

    def _ponged(self, data: bytes) -> None:
        run = int.from_bytes(data[-4:], "big")
        if run != self._run:  # it restarted between two beats
            self._hello(new=True)

    def _send(self, datagram: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram, self.server)
