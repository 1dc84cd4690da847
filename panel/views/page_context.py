"""One browser's visit: which changes its parts want to hear of, and what it can be made to do."""

import logging
from collections.abc import Callable

from nicegui import ui

from panel.state.panel_state import Hub

__all__ = ["Visit"]

logger = logging.getLogger(__name__)


class Visit:
    """What the views of one page share.

    Args:
        hub: What all pages share.
    """

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.client = ui.context.client
        self.view = "play"
        self._ears: list[tuple[frozenset[str], Callable[[], None]]] = []
        self._views: list[tuple[str, Callable[[], None]]] = []

    def hear(self, act: Callable[[], None], *topics: str) -> None:
        """Call something when one of the topics has changed, and once at the start."""
        self._ears.append((frozenset(topics), act))

    def when_shown(self, name: str, act: Callable[[], None]) -> None:
        """Call something whenever a view comes to be shown."""
        self._views.append((name, act))

    def listen(self, topics: frozenset[str]) -> None:
        """Tell the parts what has changed."""
        with self.client:
            for wanted, act in self._ears:
                if wanted & topics:
                    act()

    def refresh(self) -> None:
        """Tell every part to show the present state."""
        for _, act in self._ears:
            act()

    def show(self, view: str) -> None:
        """Note which view the browser shows."""
        self.view = view
        for name, act in self._views:
            if name == view:
                act()

    def play(self, url: str) -> None:
        """Let this browser, and no other, play a sound."""
        self.client.run_javascript(f"window.flow.tell('hear-url', {url!r})")
