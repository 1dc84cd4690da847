"""Controls read in a microsecond or two: known by length and header, checked against the table's bounds."""

import struct
from dataclasses import dataclass

from server.osc.addresses import TO_SERVER, Address
from server.osc.builder import padded
from server.osc.fitting import Sizes

__all__ = ["ControlMessage", "HotReader"]


@dataclass(frozen=True, slots=True)
class ControlMessage:
    """Values of a control, finite and within the bounds of the table."""

    address: str
    values: tuple[int | float, ...]


class HotReader:
    """Reads every control of the table whose arguments are numbers, of just the types that the table says.

    Args:
        sizes: Counts of the loaded model.
    """

    def __init__(self, sizes: Sizes) -> None:
        self._by_length: dict[int, list[_Layout]] = {}
        for row in TO_SERVER.values():
            if row.role == "control" and all(argument.type != "s" for argument in row.arguments):
                layout = _Layout(row, sizes)
                self._by_length.setdefault(layout.length, []).append(layout)

    def read(self, datagram: bytes) -> ControlMessage | None:
        """Return the values, or None where the datagram is something else or something is wrong."""
        for layout in self._by_length.get(len(datagram), ()):
            if datagram.startswith(layout.header):
                values = layout.unpack(datagram, len(layout.header))
                # A comparison with NaN is false.
                for low, value, high in zip(layout.lows, values, layout.highs, strict=True):
                    if not low <= value <= high:
                        return None
                return ControlMessage(layout.address, values)
        return None


class _Layout:
    """How one control looks on the wire, and its bounds."""

    def __init__(self, row: Address, sizes: Sizes) -> None:
        arguments = [a for a in row.arguments for _ in range(sizes.count(a.count))]
        tags = "".join(a.type for a in arguments)
        reader = struct.Struct(">" + tags)
        self.address = row.address
        self.header = padded(row.address) + padded("," + tags)
        self.unpack = reader.unpack_from
        self.length = len(self.header) + reader.size
        self.lows = tuple(a.low for a in arguments)
        self.highs = tuple(sizes.bound(a.high) for a in arguments)
