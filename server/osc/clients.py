"""The clients that listen, and how many errors each is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import ProtocolError

__all__ = ["MAX_CLIENTS", "SILENCE_S", "STRANGERS", "Client", "Clients", "Endpoint"]

Endpoint = tuple[str, int]

MAX_CLIENTS = 80  # an instrument each for 64, and panels and scripts beside them
SILENCE_S = 10.0  # a client not heard for this long is forgotten
_MAX_REMEMBERED = 256  # of those that are not there: silent ones, those turned away, and servers
STRANGERS = 4  # of one host that are answered at their own ports: a shell sends each message from another
_LOWEST_PORT = 1024  # services of a system listen below, and send nothing to us
_ERRORS_PER_S = 50.0
_MALFORMED_EVERY_S = 1.0
_FULL = f"{MAX_CLIENTS} clients are connected. Close one; this one is connected once there is room."


@dataclass(slots=True, eq=False)
class Client:
    """A program that listens.

    Attributes:
        address: Where answers and frames go.
        heard: When it last sent something, in seconds of the server's clock.
        nonce, kind, name: From its hello; an anonymous one has none.
        protocol: That it speaks.
        instrument: Identity of its own instrument; empty for whatever has the focus.
        link: Identity of another's instrument, which it plays instead; empty for none.
        refused: Why there is no room for it, where there is none: it is told so, and plays nothing.
        host: Of one that never said hello and is answered at the port that it sends from: the client that
            stands for all of its host, at the reply port.
    """

    address: Endpoint
    heard: float
    nonce: int = 0
    kind: str = ""
    name: str = ""
    anonymous: bool = True
    protocol: int = 1
    instrument: str = ""
    link: str = ""
    refused: str = ""
    host: "Client | None" = None
    _errors: float = field(default=_ERRORS_PER_S)
    _errors_at: float = 0.0
    _malformed_at: float = float("-inf")

    @property
    def plays(self) -> str:
        """Identity of the instrument that it is sent the frames of; empty for whatever has the focus."""
        return self.link or self.instrument

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where what it asked for is sent."""
        return (self.address,) if self.host is None else (self.address, self.host.address)

    def stands_for(self, other: "Client | None") -> bool:
        """Whether it is the other one, or stands for its host."""
        return other is not None and self in (other, other.host)

    def may_hear_error(self, now: float) -> bool:
        """Spend one of the errors that the client may be sent, if any is left: 50 a second, 50 at once."""
        if self.host is not None:
            return self.host.may_hear_error(now)
        passed = max(0.0, now - self._errors_at)
        self._errors = min(_ERRORS_PER_S, self._errors + passed * _ERRORS_PER_S)
        self._errors_at = max(now, self._errors_at)
        if self._errors < 1.0:
            return False
        self._errors -= 1.0
        return True

    def may_hear_malformed(self, now: float) -> bool:
        """Whether it may be sent an error about a datagram that was not OSC: once a second."""
        if now - self._malformed_at < _MALFORMED_EVERY_S:
            return False
        self._malformed_at = now
        return True


class Clients:
    """The clients known now: those that said hello by where they send from, the others by host.

    One that never said hello may listen at the reply port, or where it sends from: it is answered at both.

    Args:
        reply_port: Where answers go to a sender that never said hello.

    Attributes:
        revision: Grows whenever a client comes, goes, or plays another instrument.
    """

    def __init__(self, reply_port: int) -> None:
        self._reply_port = reply_port
        self.revision = 0
        self._hello: dict[Endpoint, Client] = {}
        self._anonymous: dict[str, Client] = {}  # by host
        self._strangers: dict[Endpoint, Client] = {}  # of these hosts, at their own ports; oldest first
        self._servers: dict[Endpoint, float] = {}  # when they last sent an answer; oldest first
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

    def heard(self, sender: Endpoint, now: float, *, asks: bool = False) -> Client:
        """Return the client that sends from there, created if it is new, and note when it was heard.

        Args:
            sender: Where it sends from.
            now: Seconds of the server's clock.
            asks: Whether it sent what no server sends, so that it may be answered where it sends from.
        """
        client = self._hello.get(sender) or self._returned(sender) or self._turned_away.get(sender)
        if client is None:
            client = self._host(sender, now)
            if sender in self._strangers or (asks and self._may_be_answered(sender)):
                client = self._stranger(sender, client, now)
        client.heard = now
        return client

    def _host(self, sender: Endpoint, now: float) -> Client:
        """Return the client that stands for all of a host that never said hello, created if it is new."""
        client = self._anonymous.get(sender[0])
        if client is None:
            client = Client((sender[0], self._reply_port), now)
            if len(self) >= MAX_CLIENTS:
                if not self._anonymous:
                    return client  # answered, but sent no frames of others
                self._forget_host(min(self._anonymous, key=lambda h: self._anonymous[h].heard))
            self._anonymous[sender[0]] = client
            self.revision += 1
        client.heard = now
        return client

    def _forget_host(self, host: str) -> None:
        del self._anonymous[host]
        self._strangers = {s: c for s, c in self._strangers.items() if s[0] != host}

    def _may_be_answered(self, sender: Endpoint) -> bool:
        """Whether a sender that never said hello is answered where it sends from, too."""
        own_port = sender[1] >= _LOWEST_PORT and sender[1] != self._reply_port
        return own_port and sender not in self._servers and sender[0] in self._anonymous

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
        self._servers.pop(sender, None)
        self._servers = dict([*self._servers.items(), (sender, now)][-_MAX_REMEMBERED:])
        if self._strangers.pop(sender, None) is not None:
            self.revision += 1

    def _returned(self, sender: Endpoint) -> Client | None:
        """Register a client again that was silent: as a stranger it would play somebody else's instrument."""
        client = self._silent.pop(sender, None)
        if client is None:
            return None
        self._hello[sender] = client
        self.revision += 1
        if len(self) > MAX_CLIENTS:
            self.turn_away(client, _FULL)
        return client

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
            client.nonce = nonce
            if len(self) >= MAX_CLIENTS:
                client.refused = _FULL
                self._turn_away(sender, client)
                raise ProtocolError(_FULL)
            self._hello[sender], client.refused = client, ""
        client.heard, client.nonce, client.kind, client.name = now, nonce, kind, name
        client.anonymous = False
        self.revision += new
        return client, new

    def bye(self, sender: Endpoint, nonce: int) -> list[Client]:
        """Forget the client of that host that gave that nonce, and return it, if there is one."""

        def is_meant(s: Endpoint, client: Client) -> bool:
            return s[0] == sender[0] and client.nonce == nonce

        self._turned_away = {s: c for s, c in self._turned_away.items() if not is_meant(s, c)}
        gone = [s for s, client in self._hello.items() if is_meant(s, client)]
        self.revision += len(gone)
        return [self._hello.pop(source) for source in gone]

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

        self._servers = {s: heard for s, heard in self._servers.items() if now - heard <= SILENCE_S}
        n_strangers = len(self._strangers)
        self._strangers = {s: c for s, c in self._strangers.items() if not silent(c)}
        gone = [client for client in (*self._hello.values(), *self._anonymous.values()) if silent(client)]
        if gone or len(self._strangers) < n_strangers:
            self.revision += 1
            self._silent |= {s: c for s, c in self._hello.items() if silent(c) and c.instrument}
            self._silent = dict(list(self._silent.items())[-_MAX_REMEMBERED:])
            self._hello = {s: c for s, c in self._hello.items() if not silent(c)}
            self._anonymous = {h: c for h, c in self._anonymous.items() if not silent(c)}
        return gone
