"""What one control has sent since learning began, and what kind of control sends so."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from server.midi.codec.control import Control
from server.midi.codec.relative import (
    Encoding,
    decode_step,
    is_doubtful,
    is_one_way,
    is_switch,
    recognize_encoding,
)
from server.midi.learning.span import span_of

__all__ = ["QUIET_S", "Gesture", "GestureKind", "Reading"]

QUIET_S = 0.25  # after this long without a value the hand has stopped
_PAUSE_S = 0.5  # what was talking, and was silent for this long, has begun again
_KEPT = 512  # values; more tell nothing new
_FULL_TURN = 24  # steps that count as a whole way of an encoder
_QUICK_S = 0.07  # between two values of an encoder; no finger presses a button so fast
_SURE = 8  # such values in a row

GestureKind = Literal[
    "unclear", "one way", "too quick", "knob", "stepped", "encoder", "switch", "button", "pad"
]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a gesture looks like.

    Attributes:
        kind: `knob` has positions, `stepped` three of them; `one way` and `too quick` are encoders whose
            steps could be of several kinds; `switch` has two values, `button` only ever sends one; `pad` is
            a note or a program.
        travel: How far it went, of its range.
        n_presses: Of what is pressed.
        sends: How its values are meant.
        span: Lowest and highest number of an OSC control.
    """

    kind: GestureKind
    travel: float = 0.0
    n_presses: int = 0
    sends: Encoding = "absolute"
    span: tuple[float, float] = (0.0, 1.0)

    @property
    def is_motion(self) -> bool:
        """Whether it was moved between its ends."""
        return self.kind in ("knob", "stepped", "encoder")

    @property
    def is_unclear_encoder(self) -> bool:
        """Whether it is an encoder that has to be turned the other way, or more slowly."""
        return self.kind in ("one way", "too quick")

    @property
    def is_pressed(self) -> bool:
        """Whether it is pressed instead of moved."""
        return self.kind in ("switch", "button", "pad")


class Gesture:
    """The values of one control since learning began.

    Args:
        device: Name of its controller.
        control: The control.
        talked_at: When it was last heard before learning began; None if it was not talking then.
    """

    def __init__(self, device: str, control: Control, talked_at: float | None = None) -> None:
        self.device = device
        self.control = control
        self.talked = talked_at is not None
        self.has_paused = talked_at is None
        self.values: deque[float] = deque(maxlen=_KEPT)
        self.first_at = 0.0
        self.last_at = talked_at
        self.n = 0
        self._gaps: deque[float] = deque(maxlen=_KEPT)
        self._was_too_quick = False
        self._reading: Reading | None = None

    def add(self, value: float, now: float) -> None:
        """Add a value."""
        if self.last_at is not None and not self.has_paused and now - self.last_at >= _PAUSE_S:
            self.has_paused = True
            self._begin_anew()
        elif self.n and self.is_quiet(now) and self.reading.kind == "too quick":
            self._was_too_quick = True
            self._begin_anew()  # now it is turned slowly, as the text asks
        if self.n == 0:
            self.first_at = now
        elif self.last_at is not None:
            self._gaps.append(now - self.last_at)
        self.values.append(value)
        self.last_at = now
        self.n += 1
        self._reading = None

    def _begin_anew(self) -> None:
        self.values.clear()
        self._gaps.clear()
        self.n = 0

    def is_quiet(self, now: float, seconds: float = QUIET_S) -> bool:
        """Whether it has sent nothing for a while."""
        return self.last_at is None or now - self.last_at >= seconds

    @property
    def is_waited_for(self) -> bool:
        """Whether it is an encoder that was turned too quickly, and not slowly enough since."""
        return self.reading.kind == "too quick" or (self._was_too_quick and not self.reading.is_motion)

    @property
    def was_slowed(self) -> bool:
        """Whether it is an encoder that was turned too quickly, and then slowly, as the text asks."""
        return self._was_too_quick and self.reading.is_motion

    @property
    def is_doubtful(self) -> bool:
        """Whether how it sends may be another way all the same."""
        return self.control.kind == "cc" and is_doubtful([int(value) for value in self.values])

    def __str__(self) -> str:
        """Return the control's name, with its controller."""
        return f"{self.control} of {self.device}"

    @property
    def reading(self) -> Reading:
        """What it looks like by now."""
        if self._reading is None:
            self._reading = self._read()
        return self._reading

    def _read(self) -> Reading:
        control, values = self.control, list(self.values)
        if control.kind in ("note", "program"):
            return Reading("pad", n_presses=sum(value > 0 for value in values))
        if not values:
            return Reading("unclear")
        low, high = min(values), max(values)
        span = span_of(values) if control.kind == "osc" else (0.0, float(control.top))
        travel = min((high - low) / (span[1] - span[0]), 1.0) if span[1] > span[0] else 0.0
        if low == high:
            return self._read_one(values, span)
        if control.kind in ("cc", "osc", "nrpn") and is_switch(values):
            middle = (low + high) / 2
            presses = sum(b > middle and (k == 0 or values[k - 1] <= middle) for k, b in enumerate(values))
            return Reading("switch", travel, presses, span=span)
        if control.kind == "cc":
            whole = [int(value) for value in values]
            sends = recognize_encoding(whole)
            if sends is None:
                return Reading("one way" if is_one_way(whole) else "too quick", travel)
            if sends != "absolute":
                steps = sum(abs(decode_step(sends, value)) for value in whole)
                return Reading("encoder", min(steps / _FULL_TURN, 1.0), sends=sends)
        n_values = len(set(values))
        if n_values < 3:
            return Reading("unclear", travel, span=span)
        return Reading("knob" if n_values > 3 else "stepped", travel, span=span)

    def _read_one(self, values: list[float], span: tuple[float, float]) -> Reading:
        """Read what always sends the same value: a button, or an encoder that is turned one way."""
        kind, value = self.control.kind, values[0]
        if kind == "cc":
            quick = len(self._gaps) >= _SURE and sorted(self._gaps)[len(self._gaps) // 2] <= _QUICK_S
            if value == 127 and not (quick and self._gaps and max(self._gaps) > 0.0):
                return Reading("button", 1.0, len(values))
            sends = recognize_encoding([int(one) for one in values])
            if sends is None:
                return Reading("one way" if len(values) >= 4 else "unclear")
            if sends != "absolute":
                return Reading("encoder", min(len(values) / _FULL_TURN, 1.0), sends=sends)
        elif kind == "osc" and value != 0.0:
            return Reading("button", 1.0, len(values), span=(0.0, max(value, 1.0)))
        return Reading("unclear")
