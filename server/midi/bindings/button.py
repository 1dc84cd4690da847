"""What a button, pad or pedal means by going down and up."""

from server.midi.bindings.binding import PressKind

__all__ = ["Button"]

_TAP_S = 0.5  # what is held longer is meant to be on while it is held


class Button:
    """Follows one button.

    Args:
        kind: What a press means.
    """

    def __init__(self, kind: PressKind) -> None:
        self._kind = kind
        self._is_down = False
        self._has_come_up = False
        self._down_at = 0.0
        self._switched_on = False  # by the press that goes on

    def pressed(self, down: bool) -> bool:
        """Return whether a value that came in is a press, for what happens once."""
        was_down, self._is_down = self._is_down, down
        self._has_come_up |= was_down and not down
        if self._kind == "latching":
            return down != was_down
        # A button that never comes up sends the same again for each press.
        return down and (not was_down or not self._has_come_up)

    def switched(self, down: bool, is_on: bool, now: float) -> bool | None:
        """Return whether a value that came in switches something on or off; None for neither.

        Args:
            down: Whether the button is down.
            is_on: Whether it is on now.
            now: Seconds.
        """
        if self.pressed(down):
            self._down_at = now
            on = down if self._kind == "momentary" else not is_on
            self._switched_on = on
            return on
        held = self._kind == "momentary" or (self._kind == "auto" and now - self._down_at >= _TAP_S)
        if not down and held and self._switched_on:
            self._switched_on = False
            return False
        return None
