"""The page of one browser: which of its parts change with which topics, and sounds that it plays."""

import logging
from collections.abc import Callable

from nicegui import ui

from panel.state.panel_state import PanelState

__all__ = ["PageContext"]

logger = logging.getLogger(__name__)


class PageContext:
    """What the views of one page share.

    Args:
        state: What all pages share.
    """

    def __init__(self, state: PanelState) -> None:
        self.state = state
        self.client = ui.context.client
        self.view = "play"
        self._on_change: list[tuple[frozenset[str], Callable[[], None]]] = []
        self._when_shown: list[tuple[str, Callable[[], None]]] = []

    def on_change(self, act: Callable[[], None], *topics: str) -> None:
        """Call a part when one of the topics has changed, and once at the start."""
        self._on_change.append((frozenset(topics), act))

    def when_shown(self, name: str, act: Callable[[], None]) -> None:
        """Call a part whenever the browser comes to show a view."""
        self._when_shown.append((name, act))

    def update(self, topics: frozenset[str]) -> None:
        """Call the parts of topics that have changed."""
        with self.client:
            for wanted, act in self._on_change:
                if wanted & topics:
                    act()

    def update_all(self) -> None:
        """Call every part, to show the current state."""
        for _, act in self._on_change:
            act()

    def show_view(self, view: str) -> None:
        """Note which view the browser shows."""
        self.view = view
        for name, act in self._when_shown:
            if name == view:
                act()

    def play(self, url: str) -> None:
        """Play a sound in this browser only."""
        self.client.run_javascript(f"window.flow.publish('play-url', {url!r})")
