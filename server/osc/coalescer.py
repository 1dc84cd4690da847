"""Newest wins: of the values that wait, only the last of each control is applied.

A model's macros leave each other alone, so turns of different ones may change places (a macro of the player's
own may not, and then what was turned last is where it was turned to); a point
given outright (a latent, a patch) makes everything before it void; a place of the map or of the path
does not, for frozen macros stay where they were turned to. The table says what each makes void. So applying
what is left gives the same state as applying all, as long as whatever is not a control is applied in its
turn.
"""

from server.osc.addresses import TO_SERVER
from server.osc.hot_reader import ControlMessage
from server.osc.table.row import EVERY_CONTROL

__all__ = ["Coalescer"]

_IS_INDEXED = {row.address: row.is_indexed for row in TO_SERVER.values() if row.role == "control"}
_VOIDS = {row.address: row.voids for row in TO_SERVER.values() if row.voids}


class Coalescer:
    """Control values that wait to be applied, oldest first."""

    def __init__(self) -> None:
        self._waiting: dict[object, ControlMessage] = {}
        self.n_superseded = 0

    def __len__(self) -> int:
        """Count the values that wait."""
        return len(self._waiting)

    def add(self, control: ControlMessage) -> None:
        """Add a checked value; those it makes void are dropped and counted."""
        waiting, address = self._waiting, control.address
        key: object = (address, control.values[0]) if _IS_INDEXED[address] else address
        if waiting and address in _VOIDS:
            voids = _VOIDS[address]
            for other in [k for k, c in waiting.items() if c.address in voids or EVERY_CONTROL in voids]:
                del waiting[other]
                self.n_superseded += 1
        if waiting.pop(key, None) is not None:
            self.n_superseded += 1
        waiting[key] = control

    def take(self) -> list[ControlMessage]:
        """Return what is left, in order, and forget it."""
        if not self._waiting:
            return []
        left = list(self._waiting.values())
        self._waiting.clear()
        return left
