"""A binding at work: it remembers where its control stands and what it gave last."""

from typing import Literal

from calibration.trim import Trim
from server.midi.bindings.binding import Binding
from server.midi.bindings.takeover import Mode, Takeover
from server.midi.codec.control import SWITCHES
from server.midi.codec.mpe import NO_NOTE, Voice
from server.midi.codec.relative import step

__all__ = ["ActiveBinding"]

_SAME = 1e-3  # a macro that is further from what we gave was moved by somebody else
_STEP = 1.0 / 127  # of the range, for each step of an encoder


class ActiveBinding:
    """Moves one macro, or one way on the map, by one control; both are from 0 to 1, a dial here.

    Args:
        binding: Has a macro or a place.
        trim: What its control really sends, where that was measured.
    """

    def __init__(self, binding: Binding, trim: Trim | None = None) -> None:
        self.binding = binding
        self._trim = trim if binding.sends == "absolute" else None
        self._raw: int | None = None
        # A key that is struck stands nowhere, so there is nothing to pick up.
        self._takeover = Takeover("jump" if binding.control.kind in SWITCHES else binding.takeover)
        self._given: float | None = None
        self._strike = NO_NOTE.strike

    def gave(self, dial: float) -> bool:
        """Say whether the macro still stands where this control has put it."""
        return self._given is not None and abs(dial - self._given) <= _SAME

    def shown(self, dial: float) -> None:
        """The control was told that its macro stands at `dial`."""
        if self.binding.feedback == "motor" and self.binding.sends == "absolute":
            self._takeover.put(self.binding.shape.place(dial))
            self._given = dial
        else:
            self._given = None

    @property
    def takeover(self) -> Mode | Literal["steps"]:
        """What happens where the macro stands elsewhere; an endless encoder only ever makes steps."""
        return self._takeover.mode if self.binding.sends == "absolute" else "steps"

    def where(self) -> float | None:
        """Give the value that its macro would have if it were where the control is; None if nobody knows."""
        place = self._takeover.place
        return None if place is None else self.binding.shape.value(place)

    def holds(self, dial: float) -> bool:
        """Say whether the macro, which stands at `dial`, goes with the control now."""
        if self.binding.sends != "absolute" or self._takeover.mode == "jump":
            return True
        return self._takeover.holds and self.gave(dial)

    def raw(self, dial: float) -> int:
        """Give the raw value at which the control would stand where its macro is."""
        place = self.binding.shape.place(dial)
        return self.binding.control.raw(place) if self._trim is None else self._trim.raw(place)

    def _place(self, raw: int) -> float:
        return self.binding.control.place(raw) if self._trim is None else self._trim.place(raw)

    def _trembles(self, raw: int) -> bool:
        trim = self._trim
        if trim is None or self._raw is None or raw in (trim.low, trim.high):
            return False
        return abs(raw - self._raw) <= trim.jitter

    def turn(self, raw: int, dial: float, voice: Voice = NO_NOTE) -> float | None:
        """Take a raw value while what it moves stands at `dial`; its new value, or None.

        It is None too where the control moved but what it moves does not yet.

        Args:
            raw: Of the control.
            dial: 0 to 1.
            voice: The note that the control belongs to; another one takes over as another control would.
        """
        binding, shape = self.binding, self.binding.shape
        stands = shape.place(dial)
        if binding.sends != "absolute":
            place: float | None = min(max(stands + step(binding.sends, raw) * _STEP, 0.0), 1.0)
        else:
            if voice.strike != self._strike:
                self._strike, self._raw = voice.strike, voice.before
                stood = None if voice.before is None else self._place(voice.before)
                self._takeover.hand_over(stood, gently=voice.resumed)
            elif not self.gave(dial):
                self._takeover.let_go()
            if self._trembles(raw):
                return None
            self._raw = raw
            place = self._takeover.move(self._place(raw), stands)
        if place is None:
            return None
        self._given = shape.value(place)
        return self._given
