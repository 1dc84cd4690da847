"""A binding at work: it remembers where its control is and which value it set last."""

from typing import Literal

from calibration.trim import Trim
from server.midi.bindings.binding import Binding
from server.midi.bindings.button import Button
from server.midi.bindings.takeover import Takeover, TakeoverMode
from server.midi.codec.control import STRUCK_KINDS
from server.midi.codec.mpe import NO_NOTE, Voice
from server.midi.codec.relative import decode_step

__all__ = ["ActiveBinding"]

_SAME = 1e-3  # a value that differs by more from the one set here was set elsewhere
_STEP = 1.0 / 127  # of the range, for each step of an encoder
_DOWN = 0.4  # position from which a pedal counts as down; 64 of 127 does


class ActiveBinding:
    """Moves one target by one control: a macro, or one axis of the place on the preset map.

    A target's value is from 0 to 1.

    Args:
        binding: Has a macro or an axis.
        trim: What its control really sends, where that was measured.
    """

    def __init__(self, binding: Binding, trim: Trim | None = None) -> None:
        self.binding = binding
        self._trim = trim if binding.sends == "absolute" else None
        self._last_raw: float | None = None
        self._button = Button(binding.press)
        # A key that is struck has no position, so there is nothing to pick up.
        self._takeover = Takeover("jump" if binding.control.kind in STRUCK_KINDS else binding.takeover)
        self._last_value: float | None = None
        self._strike = NO_NOTE.strike
        self._moved_in_vain = False

    def target_unchanged(self, value: float) -> bool:
        """Whether the target, now at `value`, still has the value that this control set."""
        return self._last_value is not None and abs(value - self._last_value) <= _SAME

    def feedback_sent(self, value: float) -> None:
        """Note that the control was sent its target's value; a motor then moves it there."""
        if self.binding.feedback == "motor" and self.binding.sends == "absolute":
            self._takeover.set_position(self.binding.response.position(value))
            self._last_value = value
        elif not self.target_unchanged(value):  # lights that are lit again after a pause change nothing
            self._last_value = None

    @property
    def takeover(self) -> TakeoverMode | Literal["steps"]:
        """What happens while the control is not where its macro is; an endless encoder only makes steps."""
        return self._takeover.mode if self.binding.sends == "absolute" else "steps"

    def control_value(self) -> float | None:
        """Return the value that the target would have if it were where the control is; None if unknown."""
        position = self._takeover.position
        return None if position is None else self.binding.response.value(position)

    def is_engaged(self, value: float) -> bool:
        """Whether the target, now at `value`, follows the control."""
        if self.binding.sends != "absolute" or self._takeover.mode == "jump":
            return True
        return self._takeover.engaged and self.target_unchanged(value)

    def raw_for(self, value: float) -> int:
        """Return the raw value at which the control would be where its target is."""
        position = self.binding.response.position(value)
        return self.binding.control.raw(position) if self._trim is None else self._trim.raw(position)

    def _position(self, raw: float) -> float:
        control, (low, high) = self.binding.control, self.binding.span
        if control.kind == "osc":
            return min(max((raw - low) / (high - low), 0.0), 1.0)
        return control.position(raw) if self._trim is None else self._trim.position(int(raw))

    def is_down(self, raw: float) -> bool:
        """Whether a button, pad or pedal is down at a raw value."""
        struck = self.binding.control.kind in STRUCK_KINDS
        return raw > 0 if struck else self._position(raw) > _DOWN

    def press(self, raw: float) -> bool:
        """Return whether a raw value is a press, for what happens once."""
        return self._button.pressed(self.is_down(raw))

    def switch(self, raw: float, is_on: bool, now: float) -> bool | None:
        """Return whether what is switched is to be on from now on; None: it stays as it is."""
        return self._button.switched(self.is_down(raw), is_on, now)

    def _is_jitter(self, raw: float) -> bool:
        trim = self._trim
        if trim is None or self._last_raw is None or raw in (trim.low, trim.high):
            return False
        return abs(raw - self._last_raw) <= trim.jitter

    def stands_at(self, raw: float) -> None:
        """Note where the control is, as was heard while it was learned."""
        if self.binding.sends == "absolute":
            self._takeover.hand_over(self._position(raw), gently=False)

    def came_back(self) -> None:
        """Note that its controller was away: the control has its hold again, unless it was moved."""
        self._takeover.came_back()

    def move_in_vain(self, raw: float) -> bool:
        """Move the control while its instrument is not there; once it is, nothing jumps.

        Returns:
            Whether this is the first move since the target was moved.
        """
        if self.binding.sends == "absolute":
            self._takeover.hand_over(self._position(raw), gently=False)
            self._last_raw = raw
        self._last_value = None
        first, self._moved_in_vain = not self._moved_in_vain, True
        return first

    def move(self, raw: float, value: float, voice: Voice = NO_NOTE) -> float | None:
        """Move the control to a raw value, and return the target's new value.

        Args:
            raw: Of the control.
            value: Of the target now, 0 to 1.
            voice: The note that the control belongs to; another one takes over as another control would.

        Returns:
            None where the control moves but the target does not yet.
        """
        binding = self.binding
        self._moved_in_vain = False
        target = binding.response.position(value)
        if binding.sends != "absolute":
            step = decode_step(binding.sends, int(raw)) * _STEP
            position: float | None = min(max(target + step, 0.0), 1.0)
        elif binding.press != "auto" and binding.press != "momentary":
            position = (0.0 if target > 0.5 else 1.0) if self.press(raw) else None
        else:
            if voice.strike != self._strike:
                self._strike, self._last_raw = voice.strike, voice.raw_before
                before = None if voice.raw_before is None else self._position(voice.raw_before)
                self._takeover.hand_over(before, gently=voice.resumed)
            elif not self.target_unchanged(value):
                self._takeover.release()
            if self._is_jitter(raw):
                return None
            self._last_raw = raw
            position = self._takeover.move(self._position(raw), target)
        if position is None:
            return None
        self._last_value = binding.response.value(position)
        return self._last_value
