"""OSC messages to send, with the type tags that the table says."""

import struct
from collections.abc import Sequence

import numpy as np

from server.osc.addresses import TO_CLIENTS, Value
from server.osc.guard import MAX_TEXT

__all__ = ["FrameBuilder", "build", "echo_of", "osc_message", "padded", "shown", "typed_message"]

_TYPES: dict[type, str] = {int: "i", float: "f", str: "s"}


def osc_message(address: str, *values: Value | Sequence[float] | np.ndarray) -> bytes:
    """Build a message to clients.

    Args:
        address: A row of `TO_CLIENTS`.
        values: One for each argument of the row, but for optional ones at the end; a sequence for a run.

    Returns:
        The datagram.
    """
    tags, body = ",", b""
    arguments = TO_CLIENTS[address].arguments
    while len(arguments) > len(values) and arguments[-1].optional:
        arguments = arguments[:-1]
    for argument, value in zip(arguments, values, strict=True):
        if argument.count != 1:
            run = np.asarray(value, ">f4" if argument.type == "f" else ">i4")
            tags += argument.type * run.size
            body += run.tobytes()
        else:
            tags += argument.type
            is_text = argument.type == "s"
            body += padded(shown(str(value))) if is_text else struct.pack(f">{argument.type}", value)
    return padded(address) + padded(tags) + body


def typed_message(address: str, *values: Value) -> bytes:
    """Build a message whose types are those of its values: an int is `i`, a float `f`, text `s`."""
    return build(address, "".join(_TYPES[type(value)] for value in values), *values)


def build(address: str, types: str, *values: Value) -> bytes:
    """Build any message.

    Args:
        address: OSC address.
        types: Type tags without the comma, such as `"if"`.
        values: One for each tag.
    """
    parts = [padded(address), padded("," + types)]
    for tag, value in zip(types, values, strict=True):
        parts.append(padded(str(value)) if tag == "s" else struct.pack(f">{tag}", value))
    return b"".join(parts)


def echo_of(token: bytes) -> bytes:
    """Return the answer of a client to `/flow/token`, which shows that it hears what it is sent."""
    return padded("/flow/echo") + token[len(padded("/flow/token")) :]


def shown(text: str) -> str:
    r"""Return a text as every reader takes it: printable, and cut to 256 bytes, never within a letter.

    >>> shown("two\nlines")
    'two lines'
    """
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    raw = text.encode("utf-8", "replace")
    if len(raw) <= MAX_TEXT:
        return raw.decode("utf-8")
    return raw[: MAX_TEXT - 3].decode("utf-8", "ignore") + "..."


def padded(text: str) -> bytes:
    """Return a text as OSC writes it: UTF-8, ended by a zero, filled up to four bytes."""
    raw = text.encode("utf-8").replace(b"\0", b"") + b"\0"
    return raw + b"\0" * (-len(raw) % 4)


class FrameBuilder:
    """Builds `/flow/params` with a header made once.

    Args:
        n_parameters: P.
    """

    def __init__(self, n_parameters: int) -> None:
        self._header = padded("/flow/params") + padded(",i" + "f" * n_parameters)
        self._sequence = struct.Struct(">i")

    def build(self, sequence: int, patch: np.ndarray) -> bytes:
        """Return the frame of a patch `(P,)` of finite values within 0 to 1."""
        return self._header + self._sequence.pack(sequence) + patch.astype(">f4").tobytes()
