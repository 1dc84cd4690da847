"""A binding at work: it remembers where its control stands and what it gave last."""

from server.midi.controls import SWITCHES
from server.midi.profile import Binding
from server.midi.relative import step
from server.midi.takeover import Takeover

__all__ = ["Bound"]

_SAME = 1e-3  # a macro that is further from what we gave was moved by somebody else
_STEP = 1.0 / 127  # of the range, for each step of an encoder


class Bound:
    """Moves one macro by one control.

    Args:
        binding: Has a macro.
    """

    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        # A key that is struck stands nowhere, so there is nothing to pick up.
        self._takeover = Takeover("jump" if binding.control.kind in SWITCHES else binding.takeover)
        self._given: float | None = None

    def turn(self, raw: int, dial: float) -> float | None:
        """Take a raw value while the macro stands at `dial`; the macro's new value, or None.

        It is None too where the control moved but its macro does not yet.
        """
        binding, shape = self.binding, self.binding.shape
        stands = shape.place(dial)
        if binding.sends != "absolute":
            place: float | None = min(max(stands + step(binding.sends, raw) * _STEP, 0.0), 1.0)
        else:
            if self._given is None or abs(dial - self._given) > _SAME:
                self._takeover.let_go()
            place = self._takeover.move(binding.control.place(raw), stands)
        if place is None:
            return None
        self._given = shape.value(place)
        return self._given
