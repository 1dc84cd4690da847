"""The clients that listen, and how many errors each is sent."""

from collections.abc import Iterator

from core.errors import ProtocolError
from server.osc.hosts.admission import MOST_OF_A_HOST, place_of
from server.osc.hosts.client import Client
from server.osc.hosts.loopback import is_loopback
from server.osc.hosts.ports import LOWEST_PORT, Endpoint
from server.osc.hosts.proofs import Proofs
from server.osc.servers import Servers

__all__ = ["MAX_CLIENTS", "SILENCE_S", "STRANGERS", "Client", "Clients"]

MAX_CLIENTS = 80  # an instrument each for 64, and panels and scripts beside them
SILENCE_S = 10.0  # a client not heard for this long is forgotten
_MAX_REMEMBERED = 256  # of those that are not there: silent ones, and those turned away
STRANGERS = 4  # of one host that are answered at their own ports: a shell sends each message from another
_FULL = f"{MAX_CLIENTS} clients are connected. Close one; this one is connected once there is room."


class Clients:
    """The clients known now: those that said hello by where they send from, the others by host.

    One that never said hello may listen at the reply port, or where it sends from: it is answered at both.

    Args:
        reply_port: Where answers go to a sender that never said hello.

    Attributes:
        revision: Grows whenever a client comes, goes, or plays another instrument.
        servers: Who speaks as a server does.
        proofs: What may be sent to addresses outside this machine.
    """

    def __init__(self, reply_port: int) -> None:
        self._reply_port = reply_port
        self.revision = 0
        self._hello: dict[Endpoint, Client] = {}
        self._anonymous: dict[str, Client] = {}  # by host
        self._strangers: dict[Endpoint, Client] = {}  # of these hosts, at their own ports; oldest first
        self.servers = Servers()
        self.proofs = Proofs()
        self._silent: dict[Endpoint, Client] = {}  # had instruments of their own; oldest first
        self._turned_away: dict[Endpoint, Client] = {}  # oldest first

    def __iter__(self) -> Iterator[Client]:
        """Iterate over all clients, each listening address once."""
        yield from self._hello.values()
        for client in (*self._anonymous.values(), *self._strangers.values()):
            if all(client.address != other.address for other in self._hello.values()):
                yield client

    def __len__(self) -> int:
        """Count all known clients, those that never said hello once a host."""
        return len(self._hello) + len(self._anonymous)

    def known(self, sender: Endpoint) -> Client | None:
        """Return the client that sends from there, if there is one."""
        return self._hello.get(sender) or self._anonymous.get(sender[0])

    def speaking(self, sender: Endpoint) -> Client | None:
        """Return the client that sends from there, as `known`, or that was silent and does so again."""
        return self._hello.get(sender) or self._silent.get(sender) or self._anonymous.get(sender[0])

    def heard(self, sender: Endpoint, now: float, *, asks: bool = False) -> Client:
        """Return the client that sends from there, created if it is new, and note when it was heard.

        Args:
            sender: Where it sends from.
            now: Seconds of the server's clock.
            asks: Whether it sent what no server sends, so that it may be answered where it sends from.
        """
        client = self._hello.get(sender) or self._returned(sender, now) or self._turned_away.get(sender)
        if client is None:
            client = self._host(sender, now)
            if sender in self._strangers or (asks and self._may_be_answered(sender)):
                client = self._stranger(sender, client, now)
        client.heard, client.has_spoken = now, True
        return client

    def listening(self, sender: Endpoint) -> tuple[Endpoint, ...]:
        """Return where the client that sends from there is answered, if there is one."""
        client = (
            self._hello.get(sender)
            or self._turned_away.get(sender)
            or self._strangers.get(sender)
            or self._anonymous.get(sender[0])
        )
        return () if client is None else client.endpoints

    def echoed(self, sender: Endpoint, number: int, now: float) -> Client | None:
        """Return the client whose address is proved by a number that was sent there; None if it is wrong."""
        endpoints = self.listening(sender)
        proved = [endpoint for endpoint in endpoints if self.proofs.echoed(endpoint, number)]
        if not proved:
            for endpoint in endpoints:
                self.proofs.ask_anew(endpoint)
            return None
        client = self.heard(sender, now, asks=True)
        client.is_proved = client.is_proved or client.address in proved
        return client

    def refused_hello(self, sender: Endpoint, port: int, now: float) -> Client:
        """Return who is told that a hello was wrong: its sender, at the port that it names."""
        known = self._hello.get(sender) or self._turned_away.get(sender)
        return known or Client((sender[0], port), now, host=self._host(sender, now))

    def _host(self, sender: Endpoint, now: float) -> Client:
        """Return the client that stands for all of a host that never said hello, created if it is new."""
        client = self._anonymous.get(sender[0])
        if client is None:
            client = Client((sender[0], self._reply_port), now)
            if len(self) >= MAX_CLIENTS:
                others = [h for h in self._anonymous if is_loopback(sender[0]) or not is_loopback(h)]
                if not others:
                    return client  # answered, but sent no frames of others
                self._forget_host(min(others, key=lambda h: (is_loopback(h), self._anonymous[h].heard)))
            self._anonymous[sender[0]] = client
            self.revision += 1
        client.heard = now
        return client

    def _forget_host(self, host: str) -> None:
        del self._anonymous[host]
        self._strangers = {s: c for s, c in self._strangers.items() if s[0] != host}

    def _may_be_answered(self, sender: Endpoint) -> bool:
        """Whether a sender that never said hello is answered where it sends from, too."""
        own_port = sender[1] >= LOWEST_PORT and sender[1] != self._reply_port
        return own_port and sender not in self.servers and sender[0] in self._anonymous

    def _stranger(self, sender: Endpoint, host: Client, now: float) -> Client:
        client = self._strangers.pop(sender, None)
        if client is None:
            client = Client(sender, now, host=host)
            same = [s for s in self._strangers if s[0] == sender[0]]
            for oldest in same[: max(0, len(same) - STRANGERS + 1)]:
                del self._strangers[oldest]
            self.revision += 1
        self._strangers[sender] = client
        return client

    def answered(self, sender: Endpoint, now: float) -> None:
        """Note that a sender answers as a server does: sent frames at its own port, it would obey them."""
        self.servers.answered(sender, now)
        if self._strangers.pop(sender, None) is not None:
            self.revision += 1

    def _returned(self, sender: Endpoint, now: float) -> Client | None:
        """Register a client again that was silent: as a stranger it would play somebody else's instrument."""
        client = self._silent.pop(sender, None)
        if client is None:
            return None
        is_full = len(self) >= MAX_CLIENTS and not self._make_room(client, now, comes_again=True)
        self._hello[sender] = client
        self.revision += 1
        if is_full:
            self.turn_away(client, _FULL)
        return client

    def _make_room(self, newcomer: Client, now: float, *, comes_again: bool) -> bool:
        """Turn away, or forget, the client that makes room for a newcomer, if one does."""
        others = (*self._hello.values(), *self._anonymous.values())
        place = place_of(newcomer, others, now, comes_again=comes_again)
        if place is None:
            return False
        if place.anonymous:
            self._forget_host(place.address[0])
        else:
            self.turn_away(place, _FULL)
        self.revision += 1
        return True

    def turn_away(self, client: Client, why: str) -> None:
        """Unregister a client for which there is no room; until it is registered, it is told why."""
        client.refused, client.instrument, client.link = why, "", ""
        for sender in [s for s, other in self._hello.items() if other is client]:
            del self._hello[sender]
            self._turn_away(sender, client)

    def _turn_away(self, sender: Endpoint, client: Client) -> None:
        self._turned_away[sender] = client
        self._turned_away = dict(list(self._turned_away.items())[-_MAX_REMEMBERED:])
        self.revision += 1

    def hello(
        self, sender: Endpoint, port: int, nonce: int, kind: str, name: str, now: float
    ) -> tuple[Client, bool]:
        """Register a client, or renew it.

        Returns:
            The client, and whether it is new.

        Raises:
            ProtocolError: There are too many.
        """
        address = (sender[0], port)
        self._strangers.pop(sender, None)
        self.servers.forget(sender)
        turned_away = self._turned_away.pop(sender, None)
        client = self._hello.get(sender)
        if client is not None and client.address == address:
            new = client.nonce != nonce
        else:
            new = True
            same = [s for s, c in self._hello.items() if c.address == address or s == sender]
            for other in same:
                del self._hello[other]
            self.revision += len(same)
            self._silent = {s: c for s, c in self._silent.items() if c.address != address and s != sender}
            if turned_away is None or turned_away.address != address:
                turned_away = Client(address, now)
            client = turned_away
            client.nonce, client.anonymous = nonce, False
            full = self._full(client, now, comes_again=turned_away is client and client.refused != "")
            if full:
                client.refused = full
                self._turn_away(sender, client)
                raise ProtocolError(full)
            self._hello[sender], client.refused = client, ""
        client.heard, client.nonce, client.kind, client.name = now, nonce, kind, name
        client.anonymous = False
        self.revision += new
        return client, new

    def _full(self, newcomer: Client, now: float, *, comes_again: bool) -> str:
        """Return why there is no room for a newcomer; empty if there is, or has been made."""
        host = newcomer.address[0]
        if not is_loopback(host):
            if sum(client.address[0] == host for client in self._hello.values()) >= MOST_OF_A_HOST:
                return f"{MOST_OF_A_HOST} clients of {host} are connected. Close one, then say hello again."
        is_full = len(self) >= MAX_CLIENTS and not self._make_room(newcomer, now, comes_again=comes_again)
        return _FULL if is_full else ""

    def bye(self, sender: Endpoint, nonce: int) -> Client | None:
        """Forget the client that sends from there, if that is its nonce, and return it.

        No other can: nonces are the clients' own, and scripts choose the same.
        """

        def is_meant(client: Client | None) -> bool:
            return client is not None and client.nonce == nonce

        for absent in (self._turned_away, self._silent):
            if is_meant(absent.get(sender)):
                del absent[sender]
        client = self._hello.get(sender)
        if client is None or not is_meant(client):
            return None
        self.proofs.forget(client.address)
        self.revision += 1
        return self._hello.pop(sender)

    def assign(self, client: Client, instrument: str) -> None:
        """Have a client play an instrument of its own; empty for whatever has the focus."""
        if client.instrument != instrument:
            client.instrument = instrument
            self.revision += 1

    def share(self, client: Client, link: str) -> None:
        """Have a client play the instrument of another; empty for its own."""
        if client.link != link:
            client.link = link
            self.revision += 1

    def forget_silent(self, now: float) -> list[Client]:
        """Drop the clients that were silent for too long, and return them."""

        def silent(client: Client) -> bool:
            return now - client.heard > SILENCE_S

        self.servers.forget_silent(now)
        n_strangers = len(self._strangers)
        self._strangers = {s: c for s, c in self._strangers.items() if not silent(c)}
        gone = [client for client in (*self._hello.values(), *self._anonymous.values()) if silent(client)]
        for client in gone:
            client.is_proved = False
            self.proofs.forget(client.address)
        if gone or len(self._strangers) < n_strangers:
            self.revision += 1
            self._silent |= {s: c for s, c in self._hello.items() if silent(c) and c.instrument}
            self._silent = dict(list(self._silent.items())[-_MAX_REMEMBERED:])
            self._hello = {s: c for s, c in self._hello.items() if not silent(c)}
            self._anonymous = {h: c for h, c in self._anonymous.items() if not silent(c)}
        return gone
