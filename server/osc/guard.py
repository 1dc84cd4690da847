"""The guard: what a datagram must be before anything else reads it.

python-osc 1.10.2 loops for ever on a bundle element of size -4, sleeps on time tags in the future,
backtracks for seconds on `/****!`, overflows the stack on nested bundles and raises on text that is
not UTF-8. Nothing of the kind happens here: every byte is accounted for, in bounded time.
"""

import struct
from math import isfinite

from core.errors import ProtocolError
from server.osc.patterns import MAX_PATTERN, is_bounded

__all__ = ["MAX_DATAGRAM", "MAX_TEXT", "TYPES", "Malformed", "address_of", "inspect", "split"]

TYPES = "ifshdSTFIN"  # i, f and s are what we send; the others come from programs that choose for themselves
MAX_DATAGRAM = 8192  # bytes; the largest true message, 128 floats, takes 650
_MAX_DEPTH = 4  # bundles within bundles
_MAX_ELEMENTS = 256  # messages in one datagram
_MAX_ARGUMENTS = 1024
MAX_TEXT = 256  # bytes of one string; the builder cuts those of answers to it
_BUNDLE = b"#bundle\0"
_ADDRESS_BYTES = frozenset(range(0x21, 0x7F)) - frozenset(b" #")
_PATTERN_BYTES = frozenset(b"*?[]{},")
_size = struct.Struct(">i").unpack_from


class Malformed(ProtocolError):
    """The datagram is not OSC as we accept it; the sender may not be a client at all."""


def split(datagram: bytes) -> list[bytes]:
    """Split a datagram into its messages, in order, without reading them.

    Time tags are not read: whatever they say, the messages count now. So a sender whose clock is ahead is
    heard, and nobody can make the server wait.

    Args:
        datagram: As it came from the socket.

    Returns:
        The bytes of each message.

    Raises:
        Malformed: Empty, too long, or a bundle that is broken, too deep or too full.
    """
    if len(datagram) > MAX_DATAGRAM:
        raise Malformed(f"a datagram has at most {MAX_DATAGRAM} bytes; send fewer values at once.")
    if not datagram.startswith(_BUNDLE):
        return [datagram]
    messages: list[bytes] = []
    _open_bundle(datagram, 0, messages)
    return messages


def _open_bundle(bundle: bytes, depth: int, messages: list[bytes]) -> None:
    if depth >= _MAX_DEPTH:
        raise Malformed(f"bundles nest at most {_MAX_DEPTH} deep; send the messages themselves.")
    if len(bundle) < 16:
        raise Malformed("a bundle lacks its time tag; send the messages themselves.")
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
            _open_bundle(element, depth + 1, messages)
        elif len(messages) >= _MAX_ELEMENTS:
            raise Malformed(f"a bundle holds at most {_MAX_ELEMENTS} messages; send several.")
        else:
            messages.append(element)


def address_of(message: bytes) -> str:
    """Return the address of a message, checked: printable, padded, and if it is a pattern, a short one.

    Raises:
        Malformed: It has none.
    """
    end = message.find(0)
    if not message.startswith(b"/") or end < 0 or len(message) % 4:
        raise Malformed("this is not an OSC message.")
    if not _ADDRESS_BYTES.issuperset(message[:end]):
        raise Malformed("an address is printable, without a space or #; name it in full.")
    if any(message[end : end + 4 - end % 4]):
        raise Malformed("an address is padded with zeros to four bytes.")
    address = message[:end].decode("ascii")
    if not _PATTERN_BYTES.isdisjoint(message[:end]) and not is_bounded(address):
        raise Malformed(
            f"an address pattern has at most {MAX_PATTERN} characters, a few signs and whole brackets; "
            "name the addresses in full."
        )
    return address


def inspect(message: bytes) -> str:
    """Check everything after the address, and return the type tags without the comma.

    Args:
        message: A message whose address is checked.

    Returns:
        Type tags, each one of `TYPES`; the arguments match them to the last byte.

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
        raise ProtocolError("arguments are numbers, texts, true or false (no blob or array); resend so.")
    at = _walk(message, at, tags)
    if at != len(message):
        raise Malformed("arguments and type tags do not match.")
    return tags.decode("ascii")


_KNOWN_TYPES = frozenset(TYPES.encode())
_TEXTS = frozenset(b"sS")
_SIZES = {ord(tag): size for tag, size in {"i": 4, "f": 4, "h": 8, "d": 8}.items()}
_FLOATS = {ord("f"): ">f", ord("d"): ">d"}


def _walk(message: bytes, at: int, tags: bytes) -> int:
    for tag in tags:
        if tag in _TEXTS:
            start, at = at, _text_end(message, at)
            _check_text(message[start : message.index(0, start)])
            continue
        size = _SIZES.get(tag, 0)
        if at + size > len(message):
            raise Malformed("arguments end before the type tags do.")
        if tag in _FLOATS and not isfinite(struct.unpack_from(_FLOATS[tag], message, at)[0]):
            raise ProtocolError("a number is not finite (NaN or infinite); send a finite one.")
        at += size
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
    if len(raw) > MAX_TEXT:
        raise ProtocolError(f"a text has at most {MAX_TEXT} bytes; send a shorter one.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a text is not UTF-8.") from None
    if not text.isprintable():
        raise ProtocolError("a text has control characters; send printable ones.")
