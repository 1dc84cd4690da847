"""Rings and motor faders follow their macros, but never against a finger."""

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.codec.builder import SPELLED, spell
from server.midi.codec.control import ANY_CHANNEL, Control, Moved
from server.midi.codec.rings import ring_value
from server.midi.feedback.echo import Echo

__all__ = ["HAND_S", "FeedbackChannel", "can_follow"]

HAND_S = 0.4  # a hand that moved a fader this short a while ago is still on it


def can_follow(bound: ActiveBinding) -> bool:
    """Say whether a binding has something to show and a control that can."""
    binding = bound.binding
    shows = (binding.ring or binding.control).kind in SPELLED
    return binding.macro is not None and binding.feedback != "none" and shows


class FeedbackChannel:
    """Keeps what one control shows where its macro is.

    Args:
        bound: The binding; `can_follow` holds.
    """

    def __init__(self, bound: ActiveBinding) -> None:
        binding = bound.binding
        self.bound = bound
        self.control = binding.ring or binding.control
        self.held = False  # a finger is on it, as its touch control says
        self._own = self.control == binding.control
        self._relative = binding.sends != "absolute"
        self._echo = Echo(
            self.control.top, binding.feedback == "motor" and not self._relative, self._relative
        )
        self._channel = self.control.channel or 1  # of the last touch, where the binding names none
        self._shown: int | None = None
        self._touched_at: float | None = None
        self._by_hand = False  # the last to move it was the hand

    def is_echo(self, moved: Moved, now: float) -> bool:
        """Say whether what came in is what was told it."""
        return self._own and self._echo.holds(moved.raw, now)

    def touched(self, moved: Moved, now: float) -> None:
        """The hand has moved the control."""
        if self.control.channel == ANY_CHANNEL:
            self._channel = moved.control.channel
        if self._relative:
            return  # steps say nothing of where the ring is
        self._touched_at, self._by_hand = now, True
        if self._own:
            self._shown = moved.raw

    def due_s(self, dial: float, now: float) -> float | None:
        """Say in how many seconds it wants to be told where its macro is; None: it shows that."""
        if self._by_hand and self.bound.gave(dial) and self._own:
            return None
        if self._raw(dial) == self._shown:
            return None
        if self.held:
            return HAND_S
        return 0.0 if self._touched_at is None else max(0.0, self._touched_at + HAND_S - now)

    def tell(self, dial: float, now: float) -> tuple[Control, list[bytes]]:
        """Give the control and the messages that move what it shows to its macro."""
        raw = self._raw(dial)
        self._echo.told(raw, now, self._shown)
        self._shown, self._by_hand = raw, False
        if self._own:
            self.bound.shown(dial)
        control = Control(self.control.kind, self._channel, self.control.number)
        return control, spell(control, raw)

    def _raw(self, dial: float) -> int:
        binding = self.bound.binding
        if self._own:
            return self.bound.raw(dial)
        place = binding.shape.place(dial)
        return self.control.raw(place) if binding.coding == "value" else ring_value(binding.coding, place)
