"""From MIDI messages to control events; one decoder for each port, because pairs span messages.

References:
    MIDI 1.0 Detailed Specification 4.2, "Control Change" and "Registered and Non-Registered
    Parameter Numbers".
"""

from collections.abc import Callable
from typing import Any

import mido

from server.midi.codec.control import Control, ControlEvent

__all__ = ["SELECTORS", "Decoder"]

_STATUS, _SYSTEM = 0x80, 0xF0  # status bytes begin here; those of no channel here
_DATA, _DATA_FINE, _MORE, _LESS = 6, 38, 96, 97
_NRPN_FINE, _NRPN, _RPN_FINE, _RPN = 98, 99, 100, 101
SELECTORS = range(_NRPN_FINE, _RPN + 1)  # controllers that select a parameter number
_MPE_ZONE, _MANAGERS = 6, (1, 16)  # registered parameter that lays out a zone, and the channels it comes on
_NULL = 16_383  # nothing is selected
_FIRST_MODE = 120  # channel modes, such as all notes off, begin here


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
        # Without fine halves both ends are still reached: 127 stands for all 14 bits set.
        return self._coarse << 7 | (self._coarse if self._fine is None else self._fine)


class Decoder:
    """Reads the messages of one port.

    The two halves of a value may come in either order: whichever comes last completes it, and in
    between it is off by less than 1/128. A controller below 64 makes two events, one of 7 bits and one
    of the pair; a binding takes the one that it is for.

    Args:
        configure_zone: Called with MPE's configuration messages: manager channel, number of members.
    """

    def __init__(self, configure_zone: Callable[[int, int], None] = lambda manager, n_members: None) -> None:
        self._configure_zone = configure_zone
        self._pairs: dict[Control, _Pair] = {}
        self._running_status = 0
        self._nrpn_by_channel: dict[int, int] = {}  # as selected
        self._rpn_by_channel: dict[int, int] = {}
        self._readers: dict[str, Callable[[Any, int], list[ControlEvent]]] = {
            "control_change": self._control_change,
            "pitchwheel": lambda m, c: [ControlEvent(Control("pitch", c), m.pitch + 8_192)],
            "aftertouch": lambda m, c: [ControlEvent(Control("pressure", c), m.value)],
            "polytouch": lambda m, c: [ControlEvent(Control("poly", c, m.note), m.value)],
            "note_on": lambda m, c: [ControlEvent(Control("note", c, m.note), m.velocity)],
            "note_off": lambda m, c: [ControlEvent(Control("note", c, m.note), 0)],
            "program_change": lambda m, c: [ControlEvent(Control("program", c, m.program), 127)],
        }

    def read(self, data: bytes) -> list[ControlEvent]:
        """Read the bytes of one message; its status byte may be missing where it is the same as before.

        Raises:
            ValueError: It is cut short, or no message.
        """
        if data and data[0] >= _STATUS:
            self._running_status = data[0] if data[0] < _SYSTEM else 0
        elif data and self._running_status:
            data = bytes((self._running_status, *data))
        try:
            message = mido.Message.from_bytes(data)
        except IndexError as error:  # mido's, for a pitch bend or system message without its data
            raise ValueError(f"a message of {len(data)} bytes is cut short") from error
        return self.feed(message)

    def feed(self, message: Any) -> list[ControlEvent]:
        """Read a `mido.Message`; return no events for one that moves nothing."""
        reader = self._readers.get(message.type)
        return reader(message, message.channel + 1) if reader else []

    def _pair(self, control: Control) -> _Pair:
        return self._pairs.setdefault(control, _Pair())

    def _control_change(self, message: Any, channel: int) -> list[ControlEvent]:
        number, value = message.control, message.value
        if number >= _FIRST_MODE:
            return []
        if number in SELECTORS:
            self._select(channel, number, value)
            return [ControlEvent(Control("cc", channel, number), value)]  # a knob may have such a number
        nrpn = self._nrpn_by_channel.get(channel, _NULL)
        if nrpn != _NULL and number in (_DATA, _DATA_FINE, _MORE, _LESS):
            return [self._nrpn(Control("nrpn", channel, nrpn), number, value)]
        if number == _DATA and channel in _MANAGERS and self._rpn_by_channel.get(channel) == _MPE_ZONE:
            self._configure_zone(channel, value)
            return []
        events = [ControlEvent(Control("cc", channel, number), value)]
        if number < 64:
            control = Control("cc14", channel, number % 32)
            pair = self._pair(control)
            events.append(ControlEvent(control, pair.coarse(value) if number < 32 else pair.fine(value)))
        return events

    def _select(self, channel: int, number: int, value: int) -> None:
        selected, other = self._nrpn_by_channel, self._rpn_by_channel
        if number not in (_NRPN, _NRPN_FINE):
            selected, other = other, selected
        before = selected.get(channel, _NULL)
        coarse = number in (_NRPN, _RPN)
        selected[channel] = value << 7 | before & 127 if coarse else before & ~127 | value
        other[channel] = _NULL  # what follows is for one of them only

    def _nrpn(self, control: Control, number: int, value: int) -> ControlEvent:
        pair = self._pair(control)
        match number:
            case 6:
                return ControlEvent(control, pair.coarse(value))
            case 38:
                return ControlEvent(control, pair.fine(value))
            case _:
                return ControlEvent(control, pair.step(1 if number == _MORE else -1))
