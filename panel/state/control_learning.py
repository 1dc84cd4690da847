"""Learning a control: which macro waits for one."""

import asyncio
from collections.abc import Callable

from panel.osc.link import Link

__all__ = ["ControlLearning"]

_PATIENCE_S = 60.0  # as long as the server waits for a control


class ControlLearning:
    """The macro that waits for a control, for all pages.

    Attributes:
        macro: The one that waits; -1 for none.

    Args:
        link: To the server.
        touch: Called with a topic that has changed.
    """

    def __init__(self, link: Link, touch: Callable[[str], None]) -> None:
        self.macro = -1
        self._link = link
        self._touch = touch
        self._patience: asyncio.TimerHandle | None = None

    def learn(self, k: int) -> None:
        """Start learning a control for macro k."""
        self.end()
        self.macro = k
        self._link.send("/flow/learn", k)
        self._patience = asyncio.get_running_loop().call_later(_PATIENCE_S, self.end)
        self._touch("learning")

    def unlearn(self, k: int) -> None:
        """Unbind macro k from its controls, and stop waiting for one."""
        self._link.send("/flow/unlearn", k)
        if k == self.macro:
            self.end()

    def end(self) -> None:
        """Note that no macro waits any more: one was bound, or cannot be."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
            self.macro = -1
            self._touch("learning")
