"""From MIDI messages to moved controls; one decoder for each port, because pairs span messages.

References:
    MIDI 1.0 Detailed Specification 4.2, "Control Change" and "Registered and Non-Registered
    Parameter Numbers".
"""

from collections.abc import Callable
from typing import Any

import mido

from server.midi.codec.control import Control, Moved

__all__ = ["SELECTORS", "Decoder"]

_STATUS, _SYSTEM = 0x80, 0xF0  # bytes from here on are a status; from there on, no channel's
_DATA, _DATA_FINE, _MORE, _LESS = 6, 38, 96, 97
_NRPN_FINE, _NRPN, _RPN_FINE, _RPN = 98, 99, 100, 101
SELECTORS = range(_NRPN_FINE, _RPN + 1)  # controllers that say which parameter is meant
_MPE_ZONE, _MANAGERS = 6, (1, 16)  # registered parameter that lays out a zone, and the channels it comes on
_NULL = 16_383  # nothing is selected
_FIRST_MODE = 120  # from here on they are channel modes, such as all notes off


class _Pair:
    """A 14-bit value that comes in halves, in any order, and of which the fine one may never come."""

    def __init__(self) -> None:
        self._coarse = 0
        self._fine: int | None = None

    def coarse(self, value: int) -> int:
        self._coarse = value
        return self.raw

    def fine(self, value: int) -> int:
        self._fine = value
        return self.raw

    def step(self, by: int) -> int:
        raw = min(max(self.raw + by, 0), 16_383)
        self._coarse, self._fine = raw >> 7, raw & 127
        return raw

    @property
    def raw(self) -> int:
        # Who sends no fine half still reaches both ends: 127 stands for all 14 bits set.
        return self._coarse << 7 | (self._coarse if self._fine is None else self._fine)


class Decoder:
    """Reads the messages of one port, as mido gives them.

    The two halves of a value may come in either order: whichever comes last completes it, and in
    between it is off by less than 1/128. A controller below 64 is told as one of 7 bits and as half of
    a pair; who has bound one of them takes that one.

    Args:
        zone: Told of MPE's configuration messages: manager channel, and how many members.
    """

    def __init__(self, zone: Callable[[int, int], None] = lambda manager, n_members: None) -> None:
        self._zone = zone
        self._pairs: dict[Control, _Pair] = {}
        self._status = 0
        self._selected: dict[int, int] = {}  # NRPN by channel
        self._registered: dict[int, int] = {}  # RPN by channel
        self._readers: dict[str, Callable[[Any, int], list[Moved]]] = {
            "control_change": self._control_change,
            "pitchwheel": lambda m, c: [Moved(Control("pitch", c), m.pitch + 8_192)],
            "aftertouch": lambda m, c: [Moved(Control("pressure", c), m.value)],
            "polytouch": lambda m, c: [Moved(Control("poly", c, m.note), m.value)],
            "note_on": lambda m, c: [Moved(Control("note", c, m.note), m.velocity)],
            "note_off": lambda m, c: [Moved(Control("note", c, m.note), 0)],
            "program_change": lambda m, c: [Moved(Control("program", c, m.program), 127)],
        }

    def read(self, data: bytes) -> list[Moved]:
        """Take the bytes of one message, without its status byte where that is as before.

        Raises:
            ValueError: It is cut short, or no message.
        """
        if data and data[0] >= _STATUS:
            self._status = data[0] if data[0] < _SYSTEM else 0
        elif data and self._status:
            data = bytes((self._status, *data))
        try:
            message = mido.Message.from_bytes(data)
        except IndexError as error:  # mido's, for a pitch bend or system message without its data
            raise ValueError(f"a message of {len(data)} bytes is cut short") from error
        return self.feed(message)

    def feed(self, message: Any) -> list[Moved]:
        """Take a `mido.Message`; what was moved by it, empty for one that moves nothing."""
        reader = self._readers.get(message.type)
        return reader(message, message.channel + 1) if reader else []

    def _pair(self, control: Control) -> _Pair:
        return self._pairs.setdefault(control, _Pair())

    def _control_change(self, message: Any, channel: int) -> list[Moved]:
        number, value = message.control, message.value
        if number >= _FIRST_MODE:
            return []
        if number in SELECTORS:
            self._select(channel, number, value)
            return [Moved(Control("cc", channel, number), value)]  # somebody may call a knob so
        selected = self._selected.get(channel, _NULL)
        if selected != _NULL and number in (_DATA, _DATA_FINE, _MORE, _LESS):
            return [self._nrpn(Control("nrpn", channel, selected), number, value)]
        if number == _DATA and channel in _MANAGERS and self._registered.get(channel) == _MPE_ZONE:
            self._zone(channel, value)
            return []
        moved = [Moved(Control("cc", channel, number), value)]
        if number < 64:
            control = Control("cc14", channel, number % 32)
            pair = self._pair(control)
            moved.append(Moved(control, pair.coarse(value) if number < 32 else pair.fine(value)))
        return moved

    def _select(self, channel: int, number: int, value: int) -> None:
        nrpn = number in (_NRPN, _NRPN_FINE)
        chosen, other = (self._selected, self._registered) if nrpn else (self._registered, self._selected)
        before = chosen.get(channel, _NULL)
        coarse = number in (_NRPN, _RPN)
        chosen[channel] = value << 7 | before & 127 if coarse else before & ~127 | value
        other[channel] = _NULL  # what follows is for one of them only

    def _nrpn(self, control: Control, number: int, value: int) -> Moved:
        pair = self._pair(control)
        match number:
            case 6:
                return Moved(control, pair.coarse(value))
            case 38:
                return Moved(control, pair.fine(value))
            case _:
                return Moved(control, pair.step(1 if number == _MORE else -1))
