"""`udpsend` and `udpreceive`, on real sockets or on those of a test."""

import contextlib
import socket
from collections import deque
from typing import Any, Protocol

from server.osc.builder import build
from server.osc.guard import address_of
from server.osc.parser import read_message
from tests.max4live.graph.node import Message, Node
from tests.support.sent import check_sent

SELF_TEST = "/flow/loop"  # from a device to itself; the server's table has no such message


class Network(Protocol):
    """Where the sockets of a device come from."""

    def sender(self) -> Any:
        """Return a socket that sends."""

    def receiver(self, port: int) -> Any:
        """Return a socket that listens on a port and does not block; None if the port is taken."""


class RealNetwork:
    """The one of this computer."""

    def sender(self) -> socket.socket:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def receiver(self, port: int) -> socket.socket | None:
        new = self.sender()
        try:
            new.bind(("127.0.0.1", port))
        except OSError:
            new.close()
            return None
        new.setblocking(False)
        return new


class UdpSend(Node):
    def start(self):
        host, port = self.arguments
        self.to = (str(host), int(port))
        self.socket = self.world.network.sender()
        self.sent: list[Message] = []

    def receive(self, inlet: int, message: Message):
        if message[0] == "port":
            self.to = (self.to[0], int(message[1]))
            return
        address, *values = message
        assert isinstance(address, str) and address.startswith("/flow/"), message
        self.sent.append(message)
        tags = "".join("s" if isinstance(v, str) else "f" if isinstance(v, float) else "i" for v in values)
        self.socket.sendto(build(address, tags, *values), self.to)

    def close(self):
        self.socket.close()


class UdpReceive(Node):
    """Listens on its port if that is free, and stays silent if it is not, like Max."""

    def start(self):
        self.socket: Any = None
        self.port = 0
        self.listen(int(self.arguments[0]))

    def receive(self, inlet: int, message: Message):
        word, port = message
        assert word == "port", message
        self.listen(int(port))

    def listen(self, port: int):
        self.close()
        self.port = port
        self.socket = self.world.network.receiver(port)

    def poll(self):
        """Receive what has arrived; as Max does, without losing what arrives meanwhile."""
        waiting: deque[bytes] = deque()
        while self.socket is not None:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                while True:
                    waiting.append(self.socket.recv(65536))
            if not waiting:
                return
            data = waiting.popleft()
            if address_of(data) != SELF_TEST:
                check_sent(data)
            self.datagram(data)

    def datagram(self, data: bytes):
        address, values = read_message(data)
        self.out(0, [address, *values])

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None


NETWORK: dict[str, type[Node]] = {"udpsend": UdpSend, "udpreceive": UdpReceive}
