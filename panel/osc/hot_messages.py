"""Messages that come hundreds of times a second, read by layouts worked out from the table.

A message of just the address, types and length that its row says is read in a microsecond or two; anything
else is refused.
"""

import struct
from typing import NamedTuple

from server.osc.addresses import TO_CLIENTS, Argument
from server.osc.builder import padded

__all__ = ["RunReader", "TextReader"]

Numbers = tuple[float, ...]


class _Layout(NamedTuple):
    """How a message of one length looks on the wire."""

    header: bytes
    run_at: int
    numbers: struct.Struct


class RunReader:
    """Reads a message of numbers that ends in a run of any length.

    Args:
        address: A row of `TO_CLIENTS`.
    """

    def __init__(self, address: str) -> None:
        *fixed, run = TO_CLIENTS[address].arguments
        self._address = padded(address)
        self._fixed = struct.Struct(">" + _types(fixed))
        self._tags = "," + _types(fixed)
        self._run_type = run.type
        self._layouts: dict[int, _Layout] = {}  # by length of the datagram
        self.start = self._address + b","

    def read(self, datagram: bytes) -> Numbers | None:
        """Return all numbers, or None where it is not such a message."""
        layout = self._layout(datagram)
        return None if layout is None else layout.numbers.unpack_from(datagram, len(layout.header))

    def split(self, datagram: bytes) -> tuple[Numbers, bytes] | None:
        """Return the numbers before the run, and the run as big-endian bytes; None as in `read`."""
        layout = self._layout(datagram)
        if layout is None:
            return None
        return self._fixed.unpack_from(datagram, len(layout.header)), datagram[layout.run_at :]

    def _layout(self, datagram: bytes) -> _Layout | None:
        layout = self._layouts.get(len(datagram)) or self._work_out(datagram)
        return layout if layout is not None and datagram.startswith(layout.header) else None

    def _work_out(self, datagram: bytes) -> _Layout | None:
        """Return the layout of messages of a new length, or None if none is that long."""
        n = datagram.find(b"\0", len(self._address)) - len(self._address) - len(self._tags)
        if n < 1:
            return None
        run = self._run_type * n
        header = self._address + padded(self._tags + run)
        layout = _Layout(header, len(header) + self._fixed.size, struct.Struct(f"{self._fixed.format}{run}"))
        if len(datagram) != len(header) + layout.numbers.size:
            return None
        self._layouts[len(datagram)] = layout
        return layout


class TextReader:
    """Reads a message with numbers before and after one text, each number within the bounds of its row.

    Args:
        address: A row of `TO_CLIENTS`.
    """

    def __init__(self, address: str) -> None:
        arguments = TO_CLIENTS[address].arguments
        (k,) = (k for k, argument in enumerate(arguments) if argument.type == "s")
        numbers = [*arguments[:k], *arguments[k + 1 :]]
        self.start = padded(address) + padded("," + _types(arguments))
        self._before = struct.Struct(">" + _types(arguments[:k]))
        self._after = struct.Struct(">" + _types(arguments[k + 1 :]))
        self._before_at = len(self.start)
        self._text_at = self._before_at + self._before.size
        self._lows = tuple(a.low for a in numbers)
        self._highs = tuple(float(a.high) for a in numbers)

    def read(self, datagram: bytes) -> tuple[Numbers, str, Numbers] | None:
        """Return the numbers before the text, the text, and those after it; None where something is wrong.

        Args:
            datagram: One that begins with `start`.
        """
        after_at = len(datagram) - self._after.size
        end = datagram.find(b"\0", self._text_at, after_at)
        if end < 0:
            return None
        before = self._before.unpack_from(datagram, self._before_at)
        after = self._after.unpack_from(datagram, after_at)
        for low, value, high in zip(self._lows, before + after, self._highs, strict=True):
            if not low <= value <= high:  # a comparison with NaN is false
                return None
        return before, datagram[self._text_at : end].decode("utf-8", "replace"), after


def _types(arguments: "list[Argument] | tuple[Argument, ...]") -> str:
    return "".join(argument.type for argument in arguments)
