"""Our own words come back: a controller that repeats what it was told, and a fader that a motor moves."""

from collections import deque

__all__ = ["ECHO_S", "Echo"]

ECHO_S = 0.25  # a motor's longest way; whatever repeats, repeats sooner
_KEPT = 16
_MOTOR_SLACK = 1.0 / 64  # of the range; a motor overshoots
_HALF = 127  # of 14 bits: while only one half of a pair has come back


class Echo:
    """What one control was told of late, so that it is not taken for a touch.

    Args:
        top: Highest raw value, 127 or 16,383.
        motor: Whether the control itself is moved, and says every place on its way.
        once: Whether each word comes back once at most, so that a step that looks the same is heard.
    """

    def __init__(self, top: int, motor: bool = False, once: bool = False) -> None:
        self._motor, self._once = motor, once
        self._slack = round(top * _MOTOR_SLACK) if motor else (_HALF if top > 127 else 0)
        self._told: deque[tuple[float, int]] = deque(maxlen=_KEPT)

    def told(self, raw: int, now: float, before: int | None) -> None:
        """Remember what was sent, and where the control stood before, if that is known."""
        if self._motor and before is not None:
            self._told.append((now, before))
        self._told.append((now, raw))

    def holds(self, raw: int, now: float) -> bool:
        """Say whether a value that came in is our own."""
        recent = [value for at, value in self._told if now - at <= ECHO_S]
        if not recent:
            return False
        if self._motor:
            return min(recent) - self._slack <= raw <= max(recent) + self._slack
        if not any(abs(raw - value) <= self._slack for value in recent):
            return False
        if self._once:
            self._told.remove(next(one for one in self._told if one[1] == raw))
        return True
