"""Going back to points: undo and redo, snapshots, and the morph between two of them."""

import asyncio
from collections.abc import Callable

from panel.osc.link import Link
from panel.state.snapshots import Snapshots, interpolate
from server.instrument.point_history import PointHistory

__all__ = ["Points"]

_RESTED_S = 0.4  # a point that lasts this long can be undone to


class Points:
    """Goes to points that were played or stored.

    Args:
        link: To the server.
        snapshots: Stored points.
        is_traveling: Whether points come that nobody chose, as a path's; they are no history.
        touch: Called with a topic that has changed.
    """

    def __init__(
        self,
        link: Link,
        snapshots: Snapshots,
        is_traveling: Callable[[], bool],
        touch: Callable[[str], None],
    ) -> None:
        self._link = link
        self._mirror = link.mirror
        self._snapshots = snapshots
        self._is_traveling = is_traveling
        self._touch = touch
        self._histories: dict[str, PointHistory] = {}  # by instrument
        self._resting: asyncio.TimerHandle | None = None

    # -- undo and redo

    @property
    def _history(self) -> PointHistory:
        return self._histories.setdefault(self._mirror.focus, PointHistory())

    @property
    def can_undo(self) -> bool:
        """Whether there is a point to go back to."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a point that was undone."""
        return self._history.can_redo

    def undo(self) -> None:
        """Go back to the point before."""
        self._note()
        self._go(self._history.undo())
        self._touch("history")

    def redo(self) -> None:
        """Go to the point that was undone last."""
        self._go(self._history.redo())
        self._touch("history")

    def note_soon(self) -> None:
        """Add the current point to the history, once it has rested."""
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(_RESTED_S, self._note)

    def forget(self) -> None:
        """Drop the histories; points of another model mean nothing here."""
        self._histories.clear()

    # -- snapshots

    def filled(self) -> set[str]:
        """Return the slots that hold a point of this model."""
        return self._snapshots.filled(self._model)

    def store(self, slot: str) -> None:
        """Store the current point in a slot.

        Raises:
            OSError: It could not be written; it is kept until the panel stops.
        """
        if not self._mirror.latent:
            return
        try:
            self._snapshots.store(self._model, slot, self._mirror.latent)
        finally:
            self._touch("snapshots")

    def recall(self, slot: str) -> None:
        """Go to a slot's point."""
        self._go(self.in_slot(slot))

    def in_slot(self, slot: str) -> tuple[float, ...] | None:
        """Return a slot's point, if it holds one of this model."""
        return self._snapshots.point(self._model, slot, len(self._mirror.latent))

    def morph(self, a: str, b: str, position: float) -> None:
        """Go to a point between those of two slots: at the first at position 0, at the second at 1."""
        start, end = self.in_slot(a), self.in_slot(b)
        if start is not None and end is not None:
            self._go(interpolate(start, end, min(max(position, 0.0), 1.0)))

    # -- inside

    @property
    def _model(self) -> str:
        return self._mirror.welcome.model if self._mirror.welcome else ""

    def _go(self, latent: tuple[float, ...] | None) -> None:
        if latent is not None:
            self._link.send("/flow/latent", *(float(value) for value in latent))

    def _note(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
            if self._mirror.latent and not self._is_traveling():
                self._history.add(self._mirror.latent)
                self._touch("history")
