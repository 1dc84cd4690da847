"""Datagrams to messages: the guard checks every byte, then python-osc reads the arguments."""

from typing import NamedTuple

from pythonosc.osc_message import OscMessage

from server.osc.addresses import Value
from server.osc.guard import Malformed, address_of, inspect, split

__all__ = ["Message", "address_or_empty", "parse", "read_message"]


class Message(NamedTuple):
    """An OSC message that passed the guard; whether it fits the table is asked later (`fitting`)."""

    address: str
    values: list[Value]


def parse(datagram: bytes, clock: float | None = None) -> list[Message]:
    """Read a datagram: a message, or a bundle of them.

    Args:
        datagram: As it came from the socket.
        clock: Seconds since 1970, for time tags; now if not given.

    Raises:
        Malformed: It is broken.
        ProtocolError: One of the messages has arguments that we do not take.
    """
    return [read_message(raw) for raw in split(datagram, clock)]


def read_message(raw: bytes) -> Message:
    """Read one message.

    Raises:
        Malformed: It is broken.
        ProtocolError: It has arguments that we do not take.
    """
    address = address_of(raw)
    return Message(address, list(OscMessage(raw).params) if inspect(raw) else [])


def address_or_empty(raw: bytes) -> str:
    """Return the address of a message that may be broken, for errors; empty if it has none."""
    try:
        return address_of(raw)
    except Malformed:
        return ""
