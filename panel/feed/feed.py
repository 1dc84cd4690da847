"""What is still to be sent to a browser: the newest value of each topic, no faster than it can draw."""

from collections.abc import Callable
from typing import Any

__all__ = ["PACE_S", "Feed"]

PACE_S = 1.0 / 30.0  # what the eye follows; sound does not wait for it

TopicReader = Callable[[], Any]


class Feed:
    """The messages of one browser.

    A topic is marked whenever it changes; its value is read when a message is sent, so it is always the
    newest. The next message waits until the browser has acknowledged the last. A browser that is slow, or on
    a phone asleep in a pocket, gets fewer messages, never a queue of old ones, and does not slow the others.

    Args:
        readers: For each topic, what returns its current value.
        send: Called with a message: values by topic, and its number under `serial`.
    """

    def __init__(self, readers: dict[str, TopicReader], send: Callable[[dict[str, Any]], None]) -> None:
        self._readers = readers
        self._send = send
        self._due: set[str] = set(readers)
        self._muted: set[str] = set()
        self._serial = 0
        self._acknowledged = 0

    def mark(self, topic: str) -> None:
        """Note that a topic has changed."""
        if topic in self._readers and topic not in self._muted:
            self._due.add(topic)

    def mute(self, *topics: str) -> None:
        """Leave out the topics that the browser does not show; all others that were left out are due."""
        self._due |= self._muted - set(topics)
        self._muted = set(topics) & set(self._readers)
        self._due -= self._muted

    def acknowledge(self, serial: int) -> None:
        """Note that the browser has drawn a message."""
        if self._acknowledged < serial <= self._serial:
            self._acknowledged = serial

    def push(self) -> bool:
        """Send what is due, if the browser is ready for it."""
        if not self._due or self._acknowledged != self._serial:
            return False
        due, self._due = self._due, set()
        self._serial += 1
        message = {topic: self._readers[topic]() for topic in sorted(due)}
        self._send({**message, "serial": self._serial})
        return True
