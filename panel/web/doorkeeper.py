"""Connections that have not shown who they are: few, and none for long, so that the owner always gets in."""

import asyncio
from typing import Any

__all__ = ["MOST_WAITING", "Doorkeeper", "guarded_protocol"]

MOST_WAITING = 32
_PATIENCE_S = 5.0  # for a request that shows the token or a cookie
_LOOKS = (
    5  # in that time: while this loop stands still, no request is read, and the connection is not to blame
)


class Doorkeeper:
    """Closes connections that wait too long, and the oldest where too many do.

    Args:
        patience_s: How long one may wait.
    """

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._waiting: dict[Any, tuple[asyncio.Transport, asyncio.TimerHandle]] = {}  # oldest first

    def arrived(self, transport: asyncio.Transport) -> None:
        """Note a new connection."""
        peer = _peer(transport)
        self._wait(peer, transport, _LOOKS)
        if len(self._waiting) > MOST_WAITING:
            self._close(next(iter(self._waiting)))

    def _wait(self, peer: Any, transport: asyncio.Transport, n_looks: int) -> None:
        """Close a connection after so many looks, each of which begins when the loop has made the last."""
        look = (self._wait, peer, transport, n_looks - 1) if n_looks > 1 else (self._close, peer)
        later = asyncio.get_running_loop().call_later(self._patience_s / _LOOKS, *look)
        self._waiting[peer] = transport, later

    def let_in(self, peer: Any) -> None:
        """Leave a connection alone that has shown who it is.

        Args:
            peer: Host and port, as ASGI names its client.
        """
        waiting = self._waiting.pop(None if peer is None else tuple(peer), None)
        if waiting is not None:
            waiting[1].cancel()

    def left(self, transport: asyncio.Transport) -> None:
        """Forget a connection that has ended."""
        if self._waiting.get(_peer(transport), (None,))[0] is transport:
            self.let_in(_peer(transport))

    def _close(self, peer: Any) -> None:
        transport, later = self._waiting.pop(peer)
        later.cancel()
        transport.abort()


def _peer(transport: asyncio.Transport) -> Any:
    peer = transport.get_extra_info("peername")
    return tuple(peer[:2]) if isinstance(peer, tuple | list) else None


def guarded_protocol(doorkeeper: Doorkeeper) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol, which tells a doorkeeper who comes and goes."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Guarded(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # chosen when uvicorn is imported
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            doorkeeper.arrived(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            doorkeeper.left(self.transport)
            super().connection_lost(exc)

    return Guarded
