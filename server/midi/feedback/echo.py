"""Feedback that comes back: from a controller that repeats it, or from a fader that a motor moves."""

from collections import deque

__all__ = ["ECHO_S", "Echo"]

ECHO_S = 0.25  # a motor's longest travel; controllers that repeat do so sooner
_MAX_SENT = 16
_MOTOR_SLACK = 1.0 / 64  # of the range; a motor overshoots
_HALF = 127  # of 14 bits: while only one half of a pair has come back


class Echo:
    """What one control was sent of late, so that it is not mistaken for a touch when it comes back.

    Args:
        top: Highest raw value, 127 or 16,383.
        motor: Whether the control itself is moved, and sends every position on its way.
        once: Whether each value comes back once at most, so that a step that looks the same is played.
    """

    def __init__(self, top: int, motor: bool = False, once: bool = False) -> None:
        self._motor, self._once = motor, once
        self._slack = round(top * _MOTOR_SLACK) if motor else (_HALF if top > 127 else 0)
        self._sent: deque[tuple[float, int]] = deque(maxlen=_MAX_SENT)

    def sent(self, raw: int, now: float, before: int | None) -> None:
        """Remember what was sent, and the control's raw value before, if that is known."""
        if self._motor and before is not None:
            self._sent.append((now, before))
        self._sent.append((now, raw))

    def matches(self, raw: int, now: float) -> bool:
        """Whether a value that came in is our own."""
        recent = [value for at, value in self._sent if now - at <= ECHO_S]
        if not recent:
            return False
        if self._motor:
            return min(recent) - self._slack <= raw <= max(recent) + self._slack
        if not any(abs(raw - value) <= self._slack for value in recent):
            return False
        if self._once:
            self._sent.remove(next(one for one in self._sent if one[1] == raw))
        return True
