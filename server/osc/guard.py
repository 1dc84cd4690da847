"""The guard: what a datagram must be before anything else reads it.

python-osc 1.10.2 loops for ever on a bundle element of size -4, sleeps on time tags in the future,
backtracks for seconds on `/****!`, overflows the stack on nested bundles and raises on text that is
not UTF-8. Nothing of the kind passes here: every byte is accounted for, in bounded time.
"""

import struct
import time
from math import isfinite

from core.errors import ProtocolError

__all__ = ["MAX_DATAGRAM", "Malformed", "address_of", "inspect", "split"]

MAX_DATAGRAM = 8192  # bytes; the largest true message, 128 floats, takes 650
_MAX_DEPTH = 4  # bundles within bundles
_MAX_ELEMENTS = 256  # messages in one datagram
_MAX_ARGUMENTS = 1024
_MAX_TEXT = 256  # bytes of one string
_BUNDLE = b"#bundle\0"
_MAX_AHEAD = 1.0  # seconds that a sender's clock may be ahead of ours
_NTP_TO_UNIX = 2_208_988_800  # seconds from 1900 to 1970
_ADDRESS_BYTES = frozenset(range(0x21, 0x7F)) - frozenset(b" #*,?[]{}")
_size = struct.Struct(">i").unpack_from


class Malformed(ProtocolError):
    """The datagram is not OSC as we accept it; the sender may not be a client at all."""


def split(datagram: bytes, clock: float | None = None) -> list[bytes]:
    """Split a datagram into its messages, in order, without reading them.

    Args:
        datagram: As it came from the socket.
        clock: Seconds since 1970, for time tags; now if not given.

    Returns:
        The bytes of each message.

    Raises:
        Malformed: Empty, too long, or a bundle that is broken, too deep, too full or of the future.
    """
    if len(datagram) > MAX_DATAGRAM:
        raise Malformed(f"a datagram has at most {MAX_DATAGRAM} bytes; send fewer values at once.")
    if not datagram.startswith(_BUNDLE):
        return [datagram]
    messages: list[bytes] = []
    latest = (time.time() if clock is None else clock) + _NTP_TO_UNIX + _MAX_AHEAD
    _open_bundle(datagram, 0, latest, messages)
    return messages


def _open_bundle(bundle: bytes, depth: int, latest: float, messages: list[bytes]) -> None:
    if depth >= _MAX_DEPTH:
        raise Malformed(f"bundles nest at most {_MAX_DEPTH} deep; send the messages themselves.")
    if len(bundle) < 16:
        raise Malformed("a bundle lacks its time tag; send the messages themselves.")
    seconds = int.from_bytes(bundle[8:12], "big")
    if seconds > latest:
        raise Malformed("a bundle's time tag is in the future; send it when it is due.")
    at, end = 16, len(bundle)
    while at < end:
        if end - at < 4:
            raise Malformed("a bundle ends within an element's size.")
        size = _size(bundle, at)[0]
        at += 4
        if size <= 0 or size % 4 or size > end - at:
            raise Malformed(f"a bundle has an element of size {size}, which cannot be.")
        element = bundle[at : at + size]
        at += size
        if element.startswith(_BUNDLE):
            _open_bundle(element, depth + 1, latest, messages)
        elif len(messages) >= _MAX_ELEMENTS:
            raise Malformed(f"a bundle holds at most {_MAX_ELEMENTS} messages; send several.")
        else:
            messages.append(element)


def address_of(message: bytes) -> str:
    """Return the address of a message, checked: printable, no pattern characters, padded.

    Raises:
        Malformed: It has none.
    """
    end = message.find(0)
    if not message.startswith(b"/") or end < 0 or len(message) % 4:
        raise Malformed("this is not an OSC message.")
    if not _ADDRESS_BYTES.issuperset(message[:end]):
        raise Malformed("an address is printable and has no pattern characters; name it in full.")
    if any(message[end : end + 4 - end % 4]):
        raise Malformed("an address is padded with zeros to four bytes.")
    return message[:end].decode("ascii")


def inspect(message: bytes) -> str:
    """Check everything after the address, and return the type tags without the comma.

    Args:
        message: A message whose address is checked.

    Returns:
        Type tags, each `i`, `f` or `s`; the arguments match them to the last byte.

    Raises:
        Malformed: Types or arguments are broken.
        ProtocolError: They are OSC, but not what we take: another type, a number that is not
            finite, text that is too long or has control characters.
    """
    at = _text_end(message, 0)
    if at == len(message):
        return ""  # old senders leave out the type tags when there are no arguments
    if message[at] != 0x2C:
        raise Malformed("type tags begin with a comma.")
    start, at = at + 1, _text_end(message, at)
    tags = message[start : message.index(0, start)]
    if len(tags) > _MAX_ARGUMENTS:
        raise Malformed(f"a message has at most {_MAX_ARGUMENTS} arguments.")
    if not _KNOWN_TYPES.issuperset(tags):
        raise ProtocolError("arguments are i, f or s (no double, blob, true or false); resend so.")
    at = _walk(message, at, tags)
    if at != len(message):
        raise Malformed("arguments and type tags do not match.")
    return tags.decode("ascii")


_KNOWN_TYPES = frozenset(b"ifs")
_FLOAT = ord("f")
_TEXT = ord("s")


def _walk(message: bytes, at: int, tags: bytes) -> int:
    for tag in tags:
        if tag == _TEXT:
            start, at = at, _text_end(message, at)
            _check_text(message[start : message.index(0, start)])
            continue
        if at + 4 > len(message):
            raise Malformed("arguments end before the type tags do.")
        if tag == _FLOAT and not isfinite(struct.unpack_from(">f", message, at)[0]):
            raise ProtocolError("a number is not finite (NaN or infinite); send a finite one.")
        at += 4
    return at


def _text_end(message: bytes, start: int) -> int:
    """Return the offset after a padded string."""
    end = message.find(0, start)
    if end < 0:
        raise Malformed("a text has no end.")
    after = start + ((end - start) // 4 + 1) * 4
    if after > len(message) or any(message[end:after]):
        raise Malformed("a text is padded with zeros to four bytes.")
    return after


def _check_text(raw: bytes) -> None:
    if len(raw) > _MAX_TEXT:
        raise ProtocolError(f"a text has at most {_MAX_TEXT} bytes; send a shorter one.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a text is not UTF-8.") from None
    if not text.isprintable():
        raise ProtocolError("a text has control characters; send printable ones.")
