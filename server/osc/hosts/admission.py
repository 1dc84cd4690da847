"""Who makes room for whom when all places are taken: strangers for known clients, others for this machine."""

from collections.abc import Iterable
from enum import IntEnum

from server.osc.hosts.client import Client
from server.osc.hosts.loopback import is_loopback

__all__ = ["MOST_OF_A_HOST", "place_of"]

MOST_OF_A_HOST = 8  # clients that said hello, of another machine
_FRESH_S = 2.0  # a device sends its heartbeat within this


class _Rank(IntEnum):
    """Whoever comes takes the place of one of a lower rank."""

    STRANGER_ELSEWHERE = 0
    HELLO_ELSEWHERE = 1  # said hello, and has yet to show that it hears
    KNOWN_ELSEWHERE = 2
    STRANGER_HERE = 3
    HELLO_HERE = 4  # has said nothing but hello
    KNOWN_HERE = 5


def _rank(client: Client) -> _Rank:
    if is_loopback(client.address[0]):
        if client.anonymous:
            return _Rank.STRANGER_HERE
        return _Rank.KNOWN_HERE if client.has_spoken else _Rank.HELLO_HERE
    if client.anonymous:
        return _Rank.STRANGER_ELSEWHERE
    return _Rank.KNOWN_ELSEWHERE if client.is_proved else _Rank.HELLO_ELSEWHERE


def place_of(newcomer: Client, others: Iterable[Client], now: float, *, comes_again: bool) -> Client | None:
    """Return the client that makes room for a newcomer; None if none does.

    Those of the newcomer's own rank stay, but for one that was registered and not heard again: it makes room
    after two seconds, or at once for a newcomer that was turned away before and asks again.

    Args:
        newcomer: Says hello.
        others: Who has a place.
        now: Seconds of the server's clock.
        comes_again: Whether it was there before.
    """
    ranked = sorted(((_rank(other), other.heard, k, other) for k, other in enumerate(others)))
    if not ranked:
        return None
    own = max(
        _rank(newcomer), _Rank.HELLO_HERE if is_loopback(newcomer.address[0]) else _Rank.HELLO_ELSEWHERE
    )
    rank, heard, _, lowest = ranked[0]
    settled = rank in (_Rank.KNOWN_ELSEWHERE, _Rank.KNOWN_HERE)
    if rank < own or (rank == own and not settled and (comes_again or now - heard > _FRESH_S)):
        return lowest
    return None
