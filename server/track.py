"""An instrument as the loop plays it: what waits for it, and the clients that hear it."""

from collections.abc import Iterable

from server.instrument.instrument import Instrument
from server.knob_updates import KnobUpdates
from server.osc.clients import Client, Clients
from server.osc.coalescer import Coalescer
from server.osc.outbox import Outbox

__all__ = ["Track"]


class Track:
    """One player's instrument, usually that of one track in Live.

    Args:
        identity: What a device calls it; empty for the one that plays while no device has said its own.
        instrument: Its sound.
        clients: All clients; those that play it are told of it.
        outbox: Where messages go.
        active: Where it enters itself while the loop has to look after it.

    Attributes:
        name: Shown to people: that of the client that brought it.
        has_focus: Whether clients without an identity, controllers and the panel act on it.
    """

    def __init__(
        self,
        identity: str,
        instrument: Instrument,
        clients: Clients,
        outbox: Outbox,
        active: "dict[Track, None]",
    ) -> None:
        self.identity = identity
        self.name = ""
        self.instrument = instrument
        self.coalescer = Coalescer()
        self.has_focus = False
        self._listeners: tuple[Client, ...] = ()
        self._listeners_are_of: tuple[int, bool, str] | None = None
        self._clients = clients
        self._outbox = outbox
        self._active = active
        self.knobs = KnobUpdates(self)
        self.activate()

    @property
    def listeners(self) -> tuple[Client, ...]:
        """The clients that play it, and, while it has the focus, those that play whatever has it."""
        now = self._clients.revision, self.has_focus, self.identity
        if self._listeners_are_of != now:  # of many clients, most play other instruments
            self._listeners_are_of = now
            mine = (self.identity, "") if self.has_focus else (self.identity,)
            self._listeners = tuple(client for client in self._clients if client.instrument in mine)
        return self._listeners

    @property
    def is_alive(self) -> bool:
        """Whether a client is there whose own instrument it is."""
        return any(client.instrument == self.identity for client in self._clients if client.instrument)

    def activate(self) -> None:
        """Have the loop look after it until its knobs have come to rest."""
        self._active[self] = None

    @property
    def is_waiting(self) -> bool:
        """Whether there is anything to compute."""
        return len(self.coalescer) > 0 or self.instrument.moved

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is to be computed, and clients have been told of all that was."""
        return self.knobs.are_at_rest and not self.is_waiting

    def apply_waiting(self) -> None:
        """Apply the controls that wait."""
        for control in self.coalescer.take():
            self.instrument.apply(control)

    def send(self, datagrams: Iterable[bytes], *, without: Client | None = None) -> None:
        """Send datagrams to its listeners, except one."""
        datagrams = list(datagrams)
        for client in self.listeners:
            if client is not without:
                for datagram in datagrams:
                    self._outbox.send(datagram, client)
