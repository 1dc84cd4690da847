"""One ring or motor fader follows its macro, but never against a finger."""

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.codec.builder import SHOWABLE_KINDS, midi_messages
from server.midi.codec.control import ANY_CHANNEL, Control, ControlEvent
from server.midi.codec.rings import ring_value
from server.midi.feedback.echo import Echo

__all__ = ["HAND_S", "FeedbackChannel", "has_feedback"]

HAND_S = 0.4  # a hand that moved a fader this short a while ago is still on it


def has_feedback(active: ActiveBinding) -> bool:
    """Whether a binding has something to show, and a control that can show it."""
    binding = active.binding
    showable = (binding.ring or binding.control).kind in SHOWABLE_KINDS
    return binding.macro is not None and binding.feedback != "none" and showable


class FeedbackChannel:
    """Keeps the indicator of one control, a ring of lights or the fader itself, where its macro is.

    Args:
        active: The binding; `has_feedback` is true of it.

    Attributes:
        indicator: What is sent the macro's value: a ring of its own, or the control itself.
        finger_on: Whether a finger is on the control, as its touch control says.
    """

    def __init__(self, active: ActiveBinding) -> None:
        binding = active.binding
        self.active = active
        self.indicator = binding.ring or binding.control
        self.finger_on = False
        self._is_control = self.indicator == binding.control
        self._is_relative = binding.sends != "absolute"
        self._echo = Echo(
            self.indicator.top, binding.feedback == "motor" and not self._is_relative, self._is_relative
        )
        self._channel = self.indicator.channel or 1  # of the last touch, where the binding names none
        self._shown_raw: int | None = None
        self._touched_at: float | None = None
        self._hand_was_last = False  # to move the control

    def is_echo(self, event: ControlEvent, now: float) -> bool:
        """Whether an event repeats what was sent."""
        return self._is_control and self._echo.matches(int(event.raw), now)

    def control_moved(self, event: ControlEvent, now: float) -> None:
        """Note that the hand has moved the control."""
        if self.indicator.channel == ANY_CHANNEL:
            self._channel = event.control.channel
        if self._is_relative:
            return  # steps do not say what the ring shows
        self._touched_at, self._hand_was_last = now, True
        if self._is_control:
            self._shown_raw = int(event.raw)

    def forget_shown(self) -> None:
        """Note that the indicator shows something else now."""
        self._shown_raw, self._hand_was_last = None, False

    def due_s(self, value: float, now: float) -> float | None:
        """Return in how many seconds the macro's value is to be sent; None: it is shown already."""
        if self._hand_was_last and self.active.target_unchanged(value) and self._is_control:
            return None
        if self._raw(value) == self._shown_raw:
            return None
        if self.finger_on:
            return HAND_S
        return 0.0 if self._touched_at is None else max(0.0, self._touched_at + HAND_S - now)

    def update(self, value: float, now: float) -> tuple[Control, list[bytes]]:
        """Show the macro's value: return the indicator and the messages for it."""
        raw = self._raw(value)
        self._echo.sent(raw, now, self._shown_raw)
        self._shown_raw, self._hand_was_last = raw, False
        if self._is_control:
            self.active.feedback_sent(value)
        indicator = Control(self.indicator.kind, self._channel, self.indicator.number)
        return indicator, midi_messages(indicator, raw)

    def _raw(self, value: float) -> int:
        binding = self.active.binding
        if self._is_control:
            return self.active.raw_for(value)
        position = binding.response.position(value)
        if binding.coding == "value":
            return self.indicator.raw(position)
        return ring_value(binding.coding, position)
