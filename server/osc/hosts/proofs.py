"""How much is sent to addresses that nobody has shown to be their own.

A UDP sender can claim any address, and would have the server send to it a thousand times what it sent itself.
So an address outside this machine is sent at most three times the bytes that came from there, until somebody
there sends back a number that was sent there (QUIC's rule: RFC 9000, section 8). Loopback addresses cannot be
claimed from outside, and need none of this.
"""

import secrets
from typing import Any

from server.osc.hosts.loopback import is_loopback
from server.osc.hosts.ports import Endpoint

__all__ = ["FACTOR", "Proofs"]

FACTOR = 3  # bytes sent for each that came
_ASKED_EVERY_S = 1.0
_HOST_S = 600.0  # that a host counts that has opened a connection of TCP
_MOST_HOSTS = 1024  # with credit
_MOST = 256  # addresses that are asked, or have answered


class Proofs:
    """The addresses that are proved, and what the others may still be sent."""

    def __init__(self) -> None:
        self._credit: dict[str, int] = {}  # bytes, by host; oldest first
        self._asked: dict[Endpoint, tuple[int, float]] = {}  # number and when; oldest first
        self._proved: dict[Endpoint, None] = {}  # oldest first
        self._hosts: dict[str, float] = {}  # until when they count

    def came(self, host: str, n_bytes: int) -> None:
        """Count what came from a host outside this machine."""
        self._credit[host] = self._credit.pop(host, 0) + FACTOR * n_bytes
        _shorten(self._credit, _MOST_HOSTS)

    def may_send(self, address: Endpoint, n_bytes: int, now: float) -> bool:
        """Whether so much may be sent to an address; if so, it is counted."""
        if is_loopback(address[0]) or self.is_proved(address, now):
            return True
        left = self._credit.get(address[0], 0) - n_bytes
        if left < 0:
            return False
        self._credit[address[0]] = left
        return True

    def is_proved(self, address: Endpoint, now: float) -> bool:
        """Whether somebody there has shown to hear what is sent there."""
        return address in self._proved or self._hosts.get(address[0], 0.0) > now

    def ask(self, address: Endpoint, now: float) -> int | None:
        """Return the number to send to an address; None if it is proved, or was asked just now."""
        if is_loopback(address[0]) or self.is_proved(address, now):
            return None
        number, asked_at = self._asked.pop(address, (secrets.randbelow(2**31), float("-inf")))
        is_due = now - asked_at >= _ASKED_EVERY_S
        self._asked[address] = number, now if is_due else asked_at
        _shorten(self._asked, _MOST)
        return number if is_due else None

    def echoed(self, address: Endpoint, number: int) -> bool:
        """Whether a number is the one that was sent to an address, which is proved then."""
        asked = self._asked.get(address)
        if asked is None or asked[0] != number:
            return False
        del self._asked[address]
        self._proved[address] = None
        _shorten(self._proved, _MOST)
        return True

    def ask_anew(self, address: Endpoint) -> None:
        """Have another number sent after a wrong one, so that guessing leads nowhere."""
        self._asked.pop(address, None)

    def connected(self, host: str, now: float) -> None:
        """Note that a host has opened a connection of TCP, as nobody can who only claims its address."""
        self._hosts.pop(host, None)
        self._hosts[host] = now + _HOST_S
        _shorten(self._hosts, _MOST)

    def forget(self, address: Endpoint) -> None:
        """Forget an address whose client has gone."""
        self._proved.pop(address, None)
        self._asked.pop(address, None)


def _shorten(oldest_first: dict[Any, Any], most: int) -> None:
    while len(oldest_first) > most:
        del oldest_first[next(iter(oldest_first))]
