"""MIDI keyboards: notes, the sustain pedal and the wheel, from the ports' threads to the loop."""

import logging
from collections import deque
from collections.abc import Callable

from sounding.orders import Bend, Leave, Pedal, Release

__all__ = ["KeyPressed", "MidiEvent", "MidiKeys", "read_keys"]

logger = logging.getLogger(__name__)

_BEND_SEMITONES = 2.0  # of a full turn of the wheel, as on most synths
_MOST_WAITING = 1_024  # events; the oldest are dropped if the loop ever stops for seconds
_SUSTAIN, _SOUND_OFF, _NOTES_OFF = 64, 120, 123


class KeyPressed(tuple[str, int, int]):
    """A key of a keyboard went down: source, note, velocity. The loop knows which instrument it is for."""


MidiEvent = KeyPressed | Release | Pedal | Bend | Leave


def read_keys(source: str, message: bytes) -> MidiEvent | None:
    """Return what a MIDI message means to an instrument; None for one that means nothing to it.

    Args:
        source: Who plays.
        message: Any MIDI message, on any channel.
    """
    if len(message) != 3:
        return None
    kind, first, second = message[0] & 0xF0, message[1] & 0x7F, message[2] & 0x7F
    match kind:
        case 0x90 if second > 0:
            return KeyPressed((source, first, second))
        case 0x80 | 0x90:
            return Release(source, first)
        case 0xE0:
            return Bend(source, _BEND_SEMITONES * (first + 128 * second - 8_192) / 8_192)
        case 0xB0 if first == _SUSTAIN:
            return Pedal(source, second >= 64)
        case 0xB0 if first in (_SOUND_OFF, _NOTES_OFF):
            return Leave(source)
    return None


class MidiKeys:
    """Collects what keyboards play; a receiver for `server.midi.ports.input_ports.InputPorts`.

    Args:
        wake: Makes the loop look; called from the ports' threads.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._waiting: deque[MidiEvent] = deque(maxlen=_MOST_WAITING)

    @property
    def waiting(self) -> bool:
        """Whether there is something to collect."""
        return bool(self._waiting)

    def plugged_in(self, device: str) -> None:
        """Note that a keyboard was plugged in."""

    def received(self, device: str, message: bytes) -> None:
        """Receive a message."""
        event = read_keys(_source(device), message)
        if event is not None:
            self._waiting.append(event)
            self._wake()

    def unplugged(self, device: str) -> None:
        """Let go of all keys of a keyboard that was unplugged."""
        self._waiting.append(Leave(_source(device)))
        self._wake()

    def tell(self, text: str) -> None:
        """Log what the ports have to say."""
        logger.info("%s", text)

    def collect(self) -> list[MidiEvent]:
        """Return what was played since the last call, in order."""
        events = []
        while self._waiting:
            events.append(self._waiting.popleft())
        return events


def _source(device: str) -> str:
    return f"midi {device}"
