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
        sizes: Counts of each loaded model. Of several, what is read fits one; `takes` tells whether it fits
            that of the instrument that it is for.
    """

    def __init__(self, *sizes: Sizes) -> None:
        self._by_length: dict[int, list[_Layout]] = {}
        self._limits: dict[Sizes, dict[str, tuple[int, float]]] = {}
        controls = [row for row in TO_SERVER.values() if _is_hot(row)]
        for one in sizes:
            layouts = [_Layout(row, one) for row in controls]
            self._limits[one] = {layout.address: (len(layout.highs), layout.highs[0]) for layout in layouts}
            for layout in layouts:
                self._add(layout)

    def _add(self, layout: "_Layout") -> None:
        """Read a layout, too; one of the same header is as wide as the wider of both."""
        known = self._by_length.setdefault(layout.length, [])
        for same in known:
            if same.header == layout.header:
                same.highs = tuple(map(max, same.highs, layout.highs))
                return
        known.append(layout)

    def takes(self, control: ControlMessage, sizes: Sizes) -> bool:
        """Whether what was read fits a model of these counts, which is one of those loaded."""
        if len(self._limits) == 1:
            return True
        # Only how many values there are, and how far an index goes, differs between models.
        n, highest = self._limits[sizes][control.address]
        return len(control.values) == n and control.values[0] <= highest

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


def _is_hot(row: Address) -> bool:
    return row.role == "control" and all(argument.type != "s" for argument in row.arguments)


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
