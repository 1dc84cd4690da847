"""Which notes are held: keys that are down, and keys that a pedal keeps."""

from collections.abc import Iterable
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
        self._pedals: set[tuple[int, str]] = set()

    @property
    def held(self) -> frozenset[Key]:
        """Keys whose notes go on."""
        return frozenset(self._down | self._kept)

    def press(self, key: Key) -> None:
        """Note that a key goes down."""
        self._down.add(key)
        self._kept.discard(key)

    def release(self, key: Key) -> bool:
        """Note that a key goes up; return whether its note ends now."""
        if key not in self._down:
            return False
        self._down.discard(key)
        if (key.instrument, key.source) in self._pedals:
            self._kept.add(key)
            return False
        return True

    def pedal(self, instrument: int, source: str, on: bool) -> list[Key]:
        """Note that a sustain pedal moves; return the keys whose notes end now."""
        pedal = (instrument, source)
        if on:
            self._pedals.add(pedal)
            return []
        self._pedals.discard(pedal)
        return self._end(key for key in self._kept if (key.instrument, key.source) == pedal)

    def leave(self, source: str) -> list[Key]:
        """Note that somebody plays no more; return the keys whose notes end now."""
        self._pedals = {pedal for pedal in self._pedals if pedal[1] != source}
        return self._end(key for key in self.held if key.source == source)

    def clear(self) -> None:
        """Forget every key and every pedal."""
        self._down.clear()
        self._kept.clear()
        self._pedals.clear()

    def _end(self, keys: Iterable[Key]) -> list[Key]:
        ended = sorted(keys)
        self._down.difference_update(ended)
        self._kept.difference_update(ended)
        return ended
