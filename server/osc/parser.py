"""Datagrams to messages: the guard checks every byte, then the arguments are read."""

import struct
from typing import NamedTuple

from core.errors import ProtocolError
from server.osc.addresses import Value
from server.osc.guard import Malformed, address_of, inspect, split
from server.osc.hosts.ports import LOWEST_PORT

__all__ = ["Message", "address_or_empty", "parse", "read_message", "reply_port_in"]


class Message(NamedTuple):
    """An OSC message that passed the guard; whether it fits the table is asked later (`fitting`)."""

    address: str
    values: list[Value]


def parse(datagram: bytes) -> list[Message]:
    """Read a datagram: a message, or a bundle of them.

    Raises:
        Malformed: It is broken.
        ProtocolError: One of the messages has arguments that we do not take.
    """
    return [read_message(raw) for raw in split(datagram)]


def read_message(raw: bytes) -> Message:
    """Read one message.

    Raises:
        Malformed: It is broken.
        ProtocolError: It has arguments that we do not take.
    """
    address = address_of(raw)
    tags = inspect(raw)
    return Message(address, _values(raw, tags, _padded(len(address)) + _padded(len(tags) + 1)))


# The types whose value lies in the tag itself: true, false, and an impulse, which is a button pressed.
# A nil is no argument at all.
_WITHOUT_BYTES: dict[str, list[Value]] = {"T": [1], "F": [0], "I": [1], "N": []}
_NUMBERS = {tag: struct.Struct(f">{kind}") for tag, kind in zip("ifhd", "ifqd", strict=True)}


def _values(raw: bytes, tags: str, at: int) -> list[Value]:
    """Return the arguments that begin at an offset, which the guard let through."""
    values: list[Value] = []
    for tag in tags:
        if tag in _WITHOUT_BYTES:
            values += _WITHOUT_BYTES[tag]
        elif tag in _NUMBERS:
            values += _NUMBERS[tag].unpack_from(raw, at)
            at += _NUMBERS[tag].size
        else:
            end = raw.index(0, at)
            values.append(raw[at:end].decode("utf-8"))
            at += _padded(end - at)
    return values


def _padded(length: int) -> int:
    """Return how many bytes a text of that length takes, its end and the filling included."""
    return (length // 4 + 1) * 4


def reply_port_in(raw: bytes) -> int:
    """Return the port that a hello names, whatever else is wrong with it; 0 if none can be answered."""
    try:
        address, values = read_message(raw)
    except ProtocolError:
        return 0
    port = values[1] if address == "/flow/hello" and len(values) > 1 else 0
    return int(port) if isinstance(port, int | float) and LOWEST_PORT <= port <= 65_535 else 0


def address_or_empty(raw: bytes) -> str:
    """Return the address of a message that may be broken, for errors; empty if it has none."""
    try:
        return address_of(raw)
    except Malformed:
        return ""
