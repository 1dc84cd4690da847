"""Where an instrument was: the points that came to rest, and the two that are compared."""

from typing import Literal

import numpy as np

from server.instrument.point_history import PointHistory

__all__ = ["History"]


class History:
    """The points of one instrument, for undo, redo and A/B."""

    def __init__(self) -> None:
        self._points = PointHistory()
        self._slots: list[tuple[float, ...] | None] = [None, None]
        self._slot = 0

    def rested(self, latent: np.ndarray) -> None:
        """Add a point `(D,)` that came to rest."""
        self._points.add(tuple(latent.tolist()))

    def undo(self, latent: np.ndarray) -> tuple[float, ...] | None:
        """Step back from a point; return the one to go to, or None at the first."""
        self.rested(latent)  # it may not have come to rest yet
        return self._points.undo()

    def redo(self, latent: np.ndarray) -> tuple[float, ...] | None:
        """Step forward again; return the point to go to, or None at the last."""
        self.rested(latent)
        return self._points.redo()

    def other_slot(self, latent: np.ndarray) -> tuple[Literal["A", "B"], tuple[float, ...] | None]:
        """Keep a point in the slot that plays, and change to the other one.

        Returns:
            The slot that plays now, and its point; None where it held none and begins as a copy.
        """
        here = tuple(latent.tolist())
        self._slots[self._slot] = here
        self._slot = 1 - self._slot
        point = self._slots[self._slot]
        if point is None or len(point) != len(here):
            self._slots[self._slot], point = here, None
        return "A" if self._slot == 0 else "B", point
