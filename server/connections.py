"""What clients ask of the connection itself: hello, heartbeat, goodbye, health, and who else is there."""

import logging
from typing import TYPE_CHECKING

from core.errors import ProtocolError
from server.answers import Answer, Listing, Reply
from server.handlers import MessageHandlers
from server.health import Health
from server.instrument.instrument import Instrument
from server.osc.addresses import PROTOCOL, Value
from server.osc.builder import osc_message
from server.osc.clients import Client, Clients, Endpoint
from server.osc.coalescer import Coalescer
from server.session import Session

if TYPE_CHECKING:
    from server.sketch.sketcher import Sketcher

__all__ = ["Connections"]

logger = logging.getLogger(__name__)

_COUNTER_MASK = 0x7FFFFFFF  # counters start again at 0 after 2^31 - 1


class Connections:
    """Answers the messages whose answer depends on who sends them.

    Args:
        session: What stays the same while the server runs.
        instrument: The player's instrument.
        handlers: Know the state that a new client has to be told.
        coalescer: Counts the values that were superseded.
        sketcher: Knows the last sketch, where the server answers sketches.
    """

    def __init__(
        self,
        session: Session,
        instrument: Instrument,
        handlers: MessageHandlers,
        coalescer: Coalescer,
        sketcher: "Sketcher | None",
    ) -> None:
        self.clients = Clients(session.reply_port)
        self.health = Health()
        self._session = session
        self._instrument = instrument
        self._handlers = handlers
        self._coalescer = coalescer
        self._sketcher = sketcher
        self._by_address = {
            "/flow/hello": self._hello,
            "/flow/ping": self._ping,
            "/flow/bye": self._bye,
            "/flow/health": self._health,
            "/flow/clients": self._list_clients,
        }
        self.addresses = frozenset(self._by_address)

    def handle(
        self, address: str, values: list[Value], sender: Endpoint, now: float
    ) -> tuple[Client, list[Answer]]:
        """Answer a message whose arguments fit the table.

        Returns:
            The client that sent it, and the answers.

        Raises:
            ProtocolError: The client cannot be registered.
        """
        return self._by_address[address](values, sender, now)

    def welcome_again(self) -> list[tuple[Client, list[Answer]]]:
        """Return what everybody who said hello is told when another model plays."""
        return [
            (client, [self._welcome(client), *self._last_sketch()])
            for client in self.clients
            if not client.anonymous
        ]

    def _hello(self, values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        nonce, port, protocol = int(values[0]), int(values[1]), int(values[2])
        if protocol != PROTOCOL:
            raise ProtocolError(
                f"this server speaks protocol {PROTOCOL}, the client {protocol}; update the older."
            )
        own_host, own_port = self._session.own
        if port == own_port and sender[0] in (own_host, "127.0.0.1"):
            raise ProtocolError(f"port {port} is the server's own; listen on another.")
        client, new = self.clients.hello(sender, port, nonce, str(values[3]), str(values[4]), now)
        answers: list[Answer] = [self._welcome(client)]
        if new:
            logger.info("%s '%s' listens on %s:%d", client.kind, client.name, *client.address)
            if client.kind != "device":
                answers += [Reply(datagram) for datagram in self._instrument.knobs()]
                answers += [Reply(self._instrument.last_frame()), *self._handlers.present_state()]
            answers += self._last_sketch()
        return client, answers

    def _welcome(self, client: Client) -> Reply:
        return Reply(self._session.welcome(client.nonce, self._instrument.loaded))

    def _last_sketch(self) -> list[Answer]:
        """Return what can be picked, for a client that connects after a sketch."""
        return [] if self._sketcher is None else [Reply(d) for d in self._sketcher.present_state()]

    def _ping(self, values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        pong = osc_message("/flow/pong", int(values[0]), self._session.run)
        return self.clients.heard(sender, now), [Reply(pong)]

    def _bye(self, values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        self.clients.bye(sender, int(values[0]))
        return Client(sender, now), []

    def _health(self, _values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        health = self.health
        counters = (health.n_received, self._coalescer.n_superseded, health.n_refused)
        datagram = osc_message(
            "/flow/health", *health.frame_times.percentiles_ms(now), *(n & _COUNTER_MASK for n in counters)
        )
        return self.clients.heard(sender, now), [Reply(datagram)]

    def _list_clients(
        self, _values: list[Value], sender: Endpoint, now: float
    ) -> tuple[Client, list[Answer]]:
        client = self.clients.heard(sender, now)
        known = list(self.clients)
        items = (osc_message("/flow/client", k, len(known), c.kind, c.name) for k, c in enumerate(known))
        return client, [Listing(items)]
