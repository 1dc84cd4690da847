"""A program that listens, and how many errors it is sent."""

from dataclasses import dataclass, field

from server.osc.hosts.ports import Endpoint

__all__ = ["Client"]

_ERRORS_PER_S = 50.0
_MALFORMED_EVERY_S = 1.0


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
        has_spoken: Whether it has sent anything but hello.
        model: Name of the model that its last welcome named.
        is_proved: Whether it has shown to hear what is sent to its address; see `proofs`.
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
    has_spoken: bool = False
    model: str = ""
    is_proved: bool = False
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
