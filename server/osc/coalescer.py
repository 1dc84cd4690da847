"""Coalescer wins: of the values that wait, only the last of each control is applied.

Macros move along orthogonal directions, so turns of different macros may change places; a point
given outright (a latent, a patch) makes everything before it void; a place of the map or of the path
does not, for frozen macros stay where they were turned to. So applying what is left gives
the same state as applying all, as long as whatever is not a control is applied in its turn.
"""

from server.osc.wire import ControlMessage

__all__ = ["Coalescer"]

_POINTS = ("/flow/latent", "/flow/patch")


class Coalescer:
    """Control values that wait to be applied, oldest first."""

    def __init__(self) -> None:
        self._waiting: dict[object, ControlMessage] = {}
        self.n_superseded = 0

    def __len__(self) -> int:
        """Count the values that wait."""
        return len(self._waiting)

    def add(self, vector: ControlMessage) -> None:
        """Add a checked value; those it makes void are dropped and counted."""
        waiting = self._waiting
        address = vector.address
        if address == "/flow/macro":
            key: object = vector.values[0]
        else:
            key = address
            if waiting:
                if address in _POINTS:
                    self.n_superseded += len(waiting)
                    waiting.clear()
                elif address == "/flow/macros":
                    for k in [k for k in waiting if isinstance(k, int)]:
                        del waiting[k]
                        self.n_superseded += 1
        if waiting.pop(key, None) is not None:
            self.n_superseded += 1
        waiting[key] = vector

    def take(self) -> list[ControlMessage]:
        """Give what is left, in order, and forget it."""
        if not self._waiting:
            return []
        left = list(self._waiting.values())
        self._waiting.clear()
        return left
