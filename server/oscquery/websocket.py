"""As much of WebSocket as OSCQuery needs: the handshake, short texts in, bytes out.

References:
    RFC 6455, "The WebSocket Protocol", 2011.
"""

import base64
import hashlib
import socket
import struct
from email.message import Message
from time import monotonic
from urllib.parse import urlsplit

__all__ = ["WebSocket", "accept_key", "is_upgrade"]

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10
_MOST_BYTES = 4096  # of a message; a path has at most 64
_PATIENCE_S = 2.0  # for a message that has begun, and for a client to take one


def is_upgrade(headers: Message) -> bool:
    """Whether a request asks for a WebSocket, and does not come from a page of somebody else."""
    origin = headers.get("Origin")
    return (
        "websocket" in headers.get("Upgrade", "").lower()
        and headers.get("Sec-WebSocket-Version") == "13"
        and bool(headers.get("Sec-WebSocket-Key"))
        and (not origin or urlsplit(origin).netloc == headers.get("Host"))
    )


def accept_key(key: str) -> str:
    """Return the answer to a client's key.

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    return base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()


class WebSocket:
    """A connection after its handshake, for one thread.

    Args:
        sock: Blocking.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def receive(self, wait_s: float) -> str | None:
        """Return the next text, or None if none has begun within a time; pings are answered.

        Raises:
            ConnectionError: The client has closed, gone, or breaks the protocol.
        """
        self._sock.settimeout(wait_s)
        try:
            first = self._sock.recv(1)
        except TimeoutError:
            return None
        deadline = monotonic() + _PATIENCE_S
        kind, payload = self._frame(first, deadline)
        if kind == _TEXT:
            try:
                return payload.decode("utf-8")
            except UnicodeDecodeError:
                raise ConnectionError("a text that is not UTF-8") from None
        if kind == _PING:
            self._send(_PONG, payload)
        elif kind == _CLOSE:
            self._send(_CLOSE, payload[:2])
            raise ConnectionError("closed")
        return None  # a pong, or bytes, which nobody asked for

    def send(self, payload: bytes) -> None:
        """Send bytes.

        Raises:
            OSError: The client has gone, or takes nothing.
        """
        self._send(_BINARY, payload)

    def close(self) -> None:
        """Tell the client that the server goes."""
        self._send(_CLOSE, struct.pack(">H", 1001))

    def _frame(self, first: bytes, deadline: float) -> tuple[int, bytes]:
        head = first + self._exactly(2 - len(first), deadline) if first else b""
        if len(head) < 2:
            raise ConnectionError("gone")
        is_whole, is_masked, n = head[0] & 0x80, head[1] & 0x80, head[1] & 0x7F
        if n == 126:
            (n,) = struct.unpack(">H", self._exactly(2, deadline))
        if not is_whole or not is_masked or n > _MOST_BYTES or head[0] & 0x70:
            raise ConnectionError("a frame that no client should send")
        mask, masked = self._exactly(4, deadline), self._exactly(n, deadline)
        return head[0] & 0x0F, bytes(byte ^ mask[k % 4] for k, byte in enumerate(masked))

    def _exactly(self, n: int, deadline: float) -> bytes:
        data = b""
        while len(data) < n:
            self._sock.settimeout(max(deadline - monotonic(), 0.001))
            more = self._sock.recv(n - len(data))
            if not more:
                raise ConnectionError("gone")
            data += more
        return data

    def _send(self, kind: int, payload: bytes) -> None:
        length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
        self._sock.settimeout(_PATIENCE_S)
        self._sock.sendall(bytes([0x80 | kind]) + length + payload)
