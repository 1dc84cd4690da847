"""Whether a macro waits for a control to be moved, and what the player reads meanwhile."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from server.midi.bindings.binding import Binding
from server.midi.bindings.control_recognizer import ControlRecognizer
from server.midi.codec.control import ControlEvent

__all__ = ["LEARN_PACE_S", "LearnMode", "Learned"]

LEARN_PACE_S = 0.05  # how often `progress` is asked while a macro waits
_PATIENCE_S = 60.0  # a macro waits this long for its control


@dataclass(frozen=True, slots=True)
class Learned:
    """A control was recognized.

    Attributes:
        device: Name of its controller.
        binding: Of the control.
        macro: The macro that it moves, as a text.
    """

    device: str
    binding: Binding
    macro: str


class LearnMode:
    """Makes one macro wait for a control, a minute at most."""

    def __init__(self) -> None:
        self._recognizer: ControlRecognizer | None = None
        self._of = ""
        self._hint_given = False

    @property
    def macro(self) -> int:
        """Number of the macro that waits; -1 for none."""
        return -1 if self._recognizer is None else self._recognizer.macro

    @property
    def instrument(self) -> str:
        """The instrument whose macro waits; empty for whatever has the focus."""
        return "" if self._recognizer is None else self._recognizer.instrument

    @property
    def is_on(self) -> bool:
        """Whether a macro waits."""
        return self._recognizer is not None

    def start(self, k: int, instrument: str = "", name: str = "") -> None:
        """Make macro k wait for the next control that is moved.

        Args:
            k: Number of the macro.
            instrument: Identity of the instrument; empty for whatever has the focus.
            name: Of that instrument, for texts.
        """
        self._recognizer, self._hint_given = ControlRecognizer(k, instrument), False
        self._of = f" of '{name}'" if name else ""

    def cancel(self, k: int, is_meant: Callable[[str], bool] = lambda instrument: True) -> bool:
        """Stop waiting if it is macro k that waits, of an instrument that is meant; return whether it did."""
        recognizer = self._recognizer
        if recognizer is None or recognizer.macro != k or not is_meant(recognizer.instrument):
            return False
        self._recognizer = None
        return True

    def add(self, device: str, event: ControlEvent, now: float) -> None:
        """Add an event of a controller."""
        if self._recognizer is not None:
            self._recognizer.add(device, event, now)

    def rest_s(self, longest: float) -> float:
        """Return how soon `progress` wants to be called, seconds."""
        return min(longest, LEARN_PACE_S) if self.is_on else longest

    def progress(self, names: Sequence[str], devices: Container[str], now: float) -> Learned | str | None:
        """Return what was learned, or a text for the players, or None while there is nothing new.

        Args:
            names: Of the macros.
            devices: Names of the controllers that are plugged in.
            now: Seconds.
        """
        recognizer = self._recognizer
        if recognizer is None:
            return None
        k = recognizer.macro
        if k >= len(names):
            self._recognizer = None
            return f"the model that plays now has no macro {k}; nothing was bound"
        macro = f"macro {k} '{names[k]}'{self._of}"
        waited_s = recognizer.waited_s(now)
        found = recognizer.result(now)
        if found is not None and found[0] in devices:
            self._recognizer = None
            return Learned(*found, macro)
        if waited_s > _PATIENCE_S:
            self._recognizer = None
            return f"{macro} waited a minute, but no control was moved far enough. Try again with /flow/learn"
        if not self._hint_given and recognizer.is_ambiguous(now):
            self._hint_given = True
            return "this is an endless encoder; turn it the other way too"
        return None
