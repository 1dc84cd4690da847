"""The physical controls that MIDI knows by kind, channel and number, and the raw values that they send."""

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["ANY_CHANNEL", "KINDS", "STRUCK_KINDS", "Control", "ControlEvent", "Kind"]

Kind = Literal["cc", "cc14", "nrpn", "pitch", "pressure", "poly", "note", "program", "osc"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STRUCK_KINDS: tuple[Kind, ...] = ("note", "program")  # they are struck, and have no position
ANY_CHANNEL = 0  # as an MPE controller needs it: each of its notes has a channel of its own

_HIGHEST: dict[Kind, int] = {"cc": 119, "cc14": 31, "nrpn": 16_382, "pitch": 0, "pressure": 0, "osc": 15}
_WORDS: dict[Kind, str] = {
    "cc": "CC {n}",
    "cc14": "CC {n} and {m} (14 bits)",
    "nrpn": "NRPN {n}",
    "pitch": "pitch bend",
    "pressure": "channel pressure",
    "poly": "pressure of note {n}",
    "note": "note {n}",
    "program": "program {n}",
    "osc": "{a}",
}
_FINE: tuple[Kind, ...] = ("cc14", "nrpn", "pitch")
_MIDDLE = 8_192  # of a pitch bend at rest


@dataclass(frozen=True, slots=True)
class Control:
    """One physical control of a controller, which can be moved or struck.

    Attributes:
        kind: Kind of message that it sends.
        channel: MIDI channel, 1 to 16; 0 for any.
        number: Of the controller (the coarse one of a pair), NRPN, note, program or OSC argument; else 0.
        address: Of another program's OSC message, such as `/1/fader3`; else empty.
    """

    kind: Kind
    channel: int = ANY_CHANNEL
    number: int = 0
    address: str = ""

    @property
    def highest_number(self) -> int:
        """The highest number that this kind has."""
        return _HIGHEST.get(self.kind, 127)

    @property
    def top(self) -> int:
        """The highest raw value: 127 or 16,383; of OSC 1, unless its binding has another range."""
        if self.kind == "osc":
            return 1
        return 16_383 if self.kind in _FINE else 127

    def on_any_channel(self) -> "Control":
        """Return the same control on any channel."""
        return Control(self.kind, ANY_CHANNEL, self.number, self.address)

    def keys(self) -> tuple["Control", ...]:
        """Return the controls that a binding of this one may name: itself, then the same on any channel."""
        return (self,) if self.channel == ANY_CHANNEL else (self, self.on_any_channel())

    def position(self, raw: float) -> float:
        """Return the position, 0 to 1, of a raw value; a pitch wheel at rest is at exactly 0.5."""
        if self.kind == "pitch":
            half = _MIDDLE if raw <= _MIDDLE else _MIDDLE - 1
            return 0.5 + 0.5 * (raw - _MIDDLE) / half
        return raw / self.top

    def raw(self, position: float) -> int:
        """Return the raw value nearest to a position, 0 to 1; the inverse of `position`."""
        if self.kind == "pitch":
            half = _MIDDLE if position <= 0.5 else _MIDDLE - 1
            return _MIDDLE + round((position - 0.5) * 2.0 * half)
        return round(position * self.top)

    def __str__(self) -> str:
        """Return its name as players say it."""
        what = _WORDS[self.kind].format(n=self.number, m=self.number + 32, a=self.address)
        if self.kind == "osc" and self.number:
            what += f" (argument {self.number + 1})"
        return what if self.channel == ANY_CHANNEL else f"{what} on channel {self.channel}"


@dataclass(frozen=True, slots=True)
class ControlEvent:
    """A control was moved, or struck.

    Attributes:
        control: Which.
        raw: Raw value it was moved to: a whole number, but of OSC whatever number was sent; of a note its
            velocity, 0 when it is let go; of a program 127.
    """

    control: Control
    raw: float
