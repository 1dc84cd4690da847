"""What becomes of messages that cannot be carried out: they are counted, and their senders told."""

import logging

from core.errors import BridgeError, ProtocolError
from server.connections import Connections
from server.osc.addresses import TO_CLIENTS
from server.osc.guard import Malformed
from server.osc.hosts.ports import Endpoint
from server.osc.outbox import Outbox
from server.osc.parser import address_or_empty, reply_port_in
from server.osc.servers import is_only_answer
from server.responder import Responder

__all__ = ["Refusals"]

logger = logging.getLogger(__name__)


class Refusals:
    """Tells clients what was wrong.

    Args:
        outbox: Where messages go.
        connections: Count what is refused.
        responder: Sends errors.
    """

    def __init__(self, outbox: Outbox, connections: Connections, responder: Responder) -> None:
        self._outbox = outbox
        self._clients = outbox.clients
        self._connections = connections
        self._responder = responder

    def malformed(self, address: str, error: Malformed, sender: Endpoint, now: float) -> None:
        """Count a datagram that is not OSC; only a known client is told, once a second."""
        self._connections.health.n_refused += 1
        client = self._clients.known(sender)
        if client is not None and client.may_hear_malformed(now):
            self._outbox.error(address, error, client)

    def failed(self, raw: bytes, error: Exception, sender: Endpoint, now: float) -> None:
        """Tell a client why its message was not carried out; of a hello, at the port that it names."""
        address = address_or_empty(raw)
        if isinstance(error, ProtocolError):
            self._connections.health.n_refused += 1
            if is_only_answer(address):  # it could not be read; two servers must not argue
                self._clients.answered(sender, now)
                return
        elif not isinstance(error, BridgeError):
            logger.error("%s failed; this is a bug of the server", address, exc_info=error)
        client, port = self._clients.heard(sender, now, asks=address not in TO_CLIENTS), reply_port_in(raw)
        if port and not self._connections.is_own(sender[0], port):
            client = self._clients.refused_hello(sender, port, now)
        self._responder.error(address, error, client, now)
