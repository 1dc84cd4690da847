"""Soft takeover: what happens when a control stands elsewhere than the macro it moves.

A preset, a sketch or another hand moves macros; the knob on the desk stays where it was.
"""

from typing import Literal, get_args

__all__ = ["MODES", "MOST_GAIN", "NEAR", "Mode", "Takeover"]

Mode = Literal["jump", "pickup", "scale"]
MODES: tuple[Mode, ...] = get_args(Mode)
NEAR = 1.5 / 127  # closer than this a control has found its macro
MOST_GAIN = 4.0  # a scaled macro moves at most this much faster than its control


class Takeover:
    """How one control takes a macro over; all in places, 0 to 1, along the control.

    - `jump`: the macro goes where the control is.
    - `pickup`: it stays until the control passes it, then follows.
    - `scale`: it moves the control's way at once, at the speed with which both reach the end
      together, but never faster than `MOST_GAIN` times the control.

    Args:
        mode: One of these.
    """

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self._place: float | None = None
        self._holds = False
        self._gently = False

    @property
    def place(self) -> float | None:
        """Where the control stands; None until it has moved."""
        return self._place

    @property
    def holds(self) -> bool:
        """Whether the macro goes where the control goes."""
        return self._holds or self.mode == "jump"

    def let_go(self) -> None:
        """Somebody else has moved the macro."""
        self._holds = False

    def put(self, place: float) -> None:
        """The control was moved to where its macro is, by a motor: they stand together."""
        self._place, self._holds = place, True

    def hand_over(self, place: float | None, gently: bool) -> None:
        """Another finger has the control, which stood at `place`.

        Args:
            place: None where that is not known.
            gently: Whether even a `jump` shall meet the macro first.
        """
        self._place, self._holds, self._gently = place, False, gently

    def move(self, place: float, macro: float) -> float | None:
        """Move the control to a place while the macro stands at another.

        Returns:
            The macro's new place, or None if it stays.
        """
        before, self._place = self._place, place
        mode: Mode = "scale" if self._gently and self.mode == "jump" else self.mode
        if mode == "jump":
            return place
        if not self._holds:
            self._holds = abs(place - macro) <= NEAR or (
                before is not None and (before - macro) * (place - macro) <= 0.0
            )
        if self._holds:
            self._gently = False
            return place
        if mode == "pickup" or before is None or place == before:
            return None
        return self._scaled(before, place, macro)

    def _scaled(self, before: float, place: float, macro: float) -> float:
        up = place > before
        room, left = (1.0 - macro, 1.0 - before) if up else (macro, before)
        gain = min(room / left, MOST_GAIN)
        return min(max(macro + gain * (place - before), 0.0), 1.0)
