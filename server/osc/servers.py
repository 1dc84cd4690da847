"""Telling what servers say to their clients from what clients ask: two servers must not play each other.

Some addresses are both an order and an answer (`/flow/macros`). A server that obeyed the answers of another,
which obeys its own, would never come to rest; so who has sent what only servers send is not obeyed there.
"""

from core.errors import ProtocolError
from server.osc.addresses import TO_CLIENTS, TO_SERVER, Value
from server.osc.hosts.client import Client
from server.osc.hosts.ports import Endpoint
from server.osc.parser import Message

__all__ = ["BOTH", "Servers", "check_asked", "is_only_answer"]

BOTH = frozenset(TO_SERVER) & frozenset(TO_CLIENTS)
_REMEMBERED_S = 10.0  # after what it said last
_MAX_REMEMBERED = 256


def is_only_answer(address: str) -> bool:
    """Whether only servers send this."""
    return address in TO_CLIENTS and address not in TO_SERVER


def check_asked(message: Message, client: Client) -> None:
    """Check that a stranger's message does not have the shape in which servers answer what is asked there.

    `/flow/bindings 1` could be a button that is pressed, and is what a server says that has one binding.

    Raises:
        ProtocolError: It has.
    """
    if client.anonymous and _is_answer(message.address, message.values):
        raise ProtocolError("servers say this to their clients; say hello first, which none does.")


def _is_answer(address: str, values: list[Value]) -> bool:
    if address not in BOTH or TO_SERVER[address].role == "control":
        return False
    row = TO_CLIENTS[address]
    types = [argument.type for argument in row.arguments]
    if any(argument.count != 1 for argument in row.arguments) or len(values) != len(types):
        return False
    return all(isinstance(value, str) == (kind == "s") for value, kind in zip(values, types, strict=True))


class Servers:
    """The endpoints that speak as servers do; forgotten when they have not for a while."""

    def __init__(self) -> None:
        self._heard: dict[Endpoint, float] = {}  # oldest first

    def __contains__(self, sender: Endpoint) -> bool:
        """Whether it has sent what only servers send."""
        return sender in self._heard

    def answered(self, sender: Endpoint, now: float) -> None:
        """Note that it did."""
        self._heard.pop(sender, None)
        self._heard[sender] = now
        if len(self._heard) > _MAX_REMEMBERED:
            del self._heard[next(iter(self._heard))]

    def forget(self, sender: Endpoint) -> None:
        """Forget it: it says hello, as no server does."""
        self._heard.pop(sender, None)

    def forget_silent(self, now: float) -> None:
        """Forget those that have said nothing of the kind for 10 s."""
        self._heard = {s: heard for s, heard in self._heard.items() if now - heard <= _REMEMBERED_S}
