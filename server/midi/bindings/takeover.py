"""Soft takeover: what happens when a control is not where the macro is that it moves.

A preset, a sketch or another hand moves macros; the knob on the desk stays where it was.
"""

from typing import Literal, get_args

__all__ = ["CATCH_DISTANCE", "MAX_GAIN", "TAKEOVER_MODES", "Takeover", "TakeoverMode"]

TakeoverMode = Literal["jump", "pickup", "scale"]
TAKEOVER_MODES: tuple[TakeoverMode, ...] = get_args(TakeoverMode)
CATCH_DISTANCE = 1.5 / 127  # closer than this a control has caught its macro
_ONE_MOVE = 0.1  # further than this a control does not go between two values
MAX_GAIN = 4.0  # a scaled macro moves at most this much faster than its control


class Takeover:
    """How one control takes over what it moves; all in positions, 0 to 1, along the control.

    - `jump`: the macro goes where the control is.
    - `pickup`: it stays until the control passes it, then follows.
    - `scale`: it moves the control's way at once, at the speed with which both reach the end
      together, but never faster than `MAX_GAIN` times the control.

    Args:
        mode: One of these.
    """

    def __init__(self, mode: TakeoverMode) -> None:
        self.mode = mode
        self._position: float | None = None
        self._engaged = False
        self._gently = False
        self._was_away = False

    @property
    def position(self) -> float | None:
        """Position of the control; None until it has moved."""
        return self._position

    @property
    def engaged(self) -> bool:
        """Whether the macro follows the control."""
        return self._engaged or self.mode == "jump"

    def release(self) -> None:
        """Disengage: something else has moved the macro."""
        self._engaged = False

    def came_back(self) -> None:
        """Note that the control was away; if it is far from where it was, it has to catch its macro again."""
        self._was_away = True

    def set_position(self, position: float) -> None:
        """Engage at a position: a motor has moved the control to where its macro is."""
        self._position, self._engaged = position, True

    def hand_over(self, position: float | None, gently: bool) -> None:
        """Disengage: another finger has the control now.

        Args:
            position: Where that finger's control was; None where that is not known.
            gently: Whether even a `jump` has to catch the macro first.
        """
        self._position, self._engaged, self._gently = position, False, gently

    def move(self, position: float, target: float) -> float | None:
        """Move the control to a position.

        Args:
            position: Of the control.
            target: The position at which the control would be where its macro is.

        Returns:
            The new position of the target, or None if it stays.
        """
        before, self._position = self._position, position
        if self._was_away:
            self._was_away = False
            if before is not None and abs(position - before) > _ONE_MOVE:
                before, self._engaged = None, False
        mode: TakeoverMode = "scale" if self._gently and self.mode == "jump" else self.mode
        if mode == "jump":
            return position
        if not self._engaged:
            self._engaged = abs(position - target) <= CATCH_DISTANCE or (
                before is not None and (before - target) * (position - target) <= 0.0
            )
        if self._engaged:
            self._gently = False
            return position
        if mode == "pickup" or before is None or position == before:
            return None
        return self._scaled(before, position, target)

    def _scaled(self, before: float, position: float, target: float) -> float:
        up = position > before
        room, left = (1.0 - target, 1.0 - before) if up else (target, before)
        gain = min(room / left, MAX_GAIN)
        return min(max(target + gain * (position - before), 0.0), 1.0)
