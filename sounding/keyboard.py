"""Which notes are held: keys that are down, and keys that a pedal keeps."""

from typing import NamedTuple

__all__ = ["Key", "Keyboard"]


class Key(NamedTuple):
    """A key of one of those who play.

    Attributes:
        instrument: Number of the instrument that it sounds on.
        source: Who plays it, such as a client or a MIDI keyboard.
        note: MIDI, 0 to 127.
    """

    instrument: int
    source: str
    note: int


class Keyboard:
    """Keeps what is held, for any number of sources and instruments."""

    def __init__(self) -> None:
        self._down: set[Key] = set()
        self._kept: set[Key] = set()  # let go, but the pedal is down
        self._pedals: set[str] = set()

    @property
    def held(self) -> frozenset[Key]:
        """Keys whose notes go on."""
        return frozenset(self._down | self._kept)

    def press(self, key: Key) -> None:
        """Note that a key goes down."""
        self._down.add(key)
        self._kept.discard(key)

    def release(self, source: str, note: int) -> list[Key]:
        """Note that a key goes up, on whatever instrument it sounds; return those whose notes end now."""
        up = {key for key in self._down if (key.source, key.note) == (source, note)}
        self._down -= up
        if source in self._pedals:
            self._kept |= up
            return []
        return sorted(up)

    def pedal(self, source: str, on: bool) -> list[Key]:
        """Note that a sustain pedal moves; return the keys whose notes end now."""
        if on:
            self._pedals.add(source)
            return []
        self._pedals.discard(source)
        ended = sorted(key for key in self._kept if key.source == source)
        self._kept.difference_update(ended)
        return ended

    def leave(self, source: str) -> list[Key]:
        """Note that somebody plays no more; return the keys whose notes end now."""
        self._pedals.discard(source)
        ended = sorted(key for key in self.held if key.source == source)
        self._down.difference_update(ended)
        self._kept.difference_update(ended)
        return ended

    def clear(self) -> None:
        """Forget every key and every pedal."""
        self._down.clear()
        self._kept.clear()
        self._pedals.clear()
