"""The pace at which pages learn what has changed."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from panel.feed.feed import PACE_S, Feed, TopicReader

__all__ = ["PageCallback", "UpdateScheduler"]

logger = logging.getLogger(__name__)

PageCallback = Callable[[frozenset[str]], None]

# Which topics of a feed change with a topic of the mirror, where they differ.
_FEED_TOPICS = {
    "params": ("params", "revision", "values"),
    "local_model": ("labels", "values"),
    "names": ("names", "labels"),
    "binding": ("bindings",),
    "instruments": ("sound",),
    "welcome": ("favourites", "unable"),
    "can": ("unable",),
}


class UpdateScheduler:
    """Collects topics that have changed, and updates every page 30 times a second at most.

    Args:
        readers: For each topic of a feed, what returns its current value.
    """

    def __init__(self, readers: Mapping[str, TopicReader]) -> None:
        self._readers = dict(readers)
        self._callbacks: set[PageCallback] = set()
        self._feeds: set[Feed] = set()
        self._topics: set[str] = set()
        self._awake = asyncio.Event()

    def add_callback(self, callback: PageCallback) -> Callable[[], None]:
        """Call back with the topics that changed, at most 30 times a second; return what ends it."""
        self._callbacks.add(callback)
        return lambda: self._callbacks.discard(callback)

    def add_feed(self, send: Callable[[dict[str, Any]], None]) -> tuple[Feed, Callable[[], None]]:
        """Send a page what it draws, at its own pace; return its feed, and what ends it."""
        feed = Feed(self._readers, send)
        self._feeds.add(feed)
        self._awake.set()
        return feed, lambda: self._feeds.discard(feed)

    def acknowledge(self, feed: Feed, serial: int) -> None:
        """Note that a page has drawn a message."""
        feed.acknowledge(serial)
        self._awake.set()

    def touch(self, *topics: str) -> None:
        """Note that topics have changed."""
        self._topics.update(topics)
        self._awake.set()

    def touch_all(self) -> None:
        """Note that everything that pages draw has changed."""
        self.touch(*self._readers)

    async def run(self) -> None:
        """Update pages, until cancelled."""
        while True:
            await self._awake.wait()
            self._awake.clear()
            topics, self._topics = frozenset(self._topics), set()
            for feed in tuple(self._feeds):
                for topic in topics:
                    for due in _FEED_TOPICS.get(topic, (topic,)):
                        feed.mark(due)
                feed.push()
            if topics:
                self._call_callbacks(topics)
            await asyncio.sleep(PACE_S)

    def _call_callbacks(self, topics: frozenset[str]) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback(topics)
            except Exception:
                logger.exception("a page could not be updated; this is a bug of the panel")
