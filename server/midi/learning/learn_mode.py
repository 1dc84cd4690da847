"""What waits for a control to be moved, and what the player reads meanwhile."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from server.midi.bindings.binding import Binding
from server.midi.bindings.command import Command
from server.midi.codec.control import Control, ControlEvent
from server.midi.learning.listener import Candidate, ControlListener
from server.midi.learning.talkers import Talkers

__all__ = ["LEARN_PACE_S", "LearnMode", "Learned", "Wanted"]

LEARN_PACE_S = 0.05  # how often `progress` is asked while something waits
_PATIENCE_S = 60.0  # for its control
_STREAM_S = 3.0  # of nothing but what was talking before
_TELL_S = 0.6  # between two texts about what is heard
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What waits for a control: a macro, or a command.

    Attributes:
        macro: Number of the macro; -1 for a command.
        command: The command, or None.
        instrument: Identity of the instrument; empty for whatever has the focus.
        of: Name of that instrument, for texts.
    """

    macro: int = -1
    command: Command | None = None
    instrument: str = ""
    of: str = ""

    def text(self, names: Sequence[str]) -> str:
        """Return what players call it; `names` are those of the macros."""
        of = f" of '{self.of}'" if self.of else ""
        return f"'{self.command}'{of}" if self.command else f"macro {self.macro} '{names[self.macro]}'{of}"

    def binding(self, candidate: Candidate) -> Binding:
        """Return the binding of a control to it."""
        if self.command is None:
            return candidate.binding(self.macro, self.instrument)
        plain = candidate.binding(None, self.instrument)
        return replace(plain, command=self.command, press="auto", takeover="pickup")


@dataclass(frozen=True, slots=True)
class Learned:
    """A control was recognized.

    Attributes:
        device: Name of its controller.
        binding: Of the control.
        what: What it moves, as a text.
        raw: Where the control is; None if that is not known.
        how: How it sends, as a text: empty, or begins with a comma.
        rivals: Controls that may as well have been meant.
        is_doubtful: Whether it may send in another way than it was read.
    """

    device: str
    binding: Binding
    what: str
    raw: float | None = None
    how: str = ""
    rivals: tuple[str, ...] = ()
    is_doubtful: bool = False

    @property
    def doubt(self) -> str:
        """What the player is told where something else may have been meant: empty, or a sentence."""
        leaps = "f the macro moves in leaps, learn it again and turn it slowly, both ways"
        if not self.rivals:
            return f"I{leaps}" if self.is_doubtful else ""
        other = f"{' and '.join(self.rivals)} moved as far; if you meant that, send /flow/learn/other"
        return f"{other}; i{leaps}" if self.is_doubtful else other


class LearnMode:
    """Makes one thing wait for a control, a minute at most, or one macro after the other."""

    def __init__(self) -> None:
        self._talkers = Talkers()
        self._wanted: Wanted | None = None
        self._listener = ControlListener()
        self._queue: list[Wanted] = []
        self._left_out: frozenset[tuple[str, Control]] = frozenset()
        self._began: float | None = None
        self._told: set[str] = set()
        self._heard_text, self._told_at = "", 0.0
        self._taken: Candidate | None = None
        self._last: tuple[Wanted, list[Candidate]] | None = None  # what was learned last, and from what

    @property
    def is_on(self) -> bool:
        """Whether something waits."""
        return self._wanted is not None

    @property
    def wanted(self) -> Wanted:
        """What waits; nothing if `is_on` is false."""
        return self._wanted or Wanted()

    @property
    def n_left(self) -> int:
        """How many wait after this one."""
        return len(self._queue)

    def start(self, k: int, instrument: str = "", name: str = "") -> None:
        """Make macro k wait for the next control that is moved.

        Args:
            k: Number of the macro.
            instrument: Identity of the instrument; empty for whatever has the focus.
            name: Of that instrument, for texts.
        """
        self.start_all([Wanted(k, None, instrument, name)])

    def start_all(self, wanted: Iterable[Wanted]) -> None:
        """Make several wait, one after the other."""
        first, *self._queue = wanted
        self._listen(first, frozenset())

    def _listen(self, wanted: Wanted, left_out: frozenset[tuple[str, Control]]) -> None:
        self._wanted, self._left_out = wanted, left_out
        self._listener = ControlListener()
        self._began, self._told, self._heard_text = None, set(), ""
        self._taken = None

    def _begin(self, now: float) -> None:
        """Begin to listen, at the first look or event after something was made to wait."""
        if self._began is None and self._wanted is not None:
            self._began = now
            seeks: Literal["press", "motion"] = "press" if self._wanted.command else "motion"
            self._listener = ControlListener(seeks, self._talkers.talking(now), self._left_out)

    def cancel(self, is_meant: Callable[[Wanted], bool] = lambda wanted: True) -> bool:
        """Stop waiting if what waits is meant; return whether it did."""
        if self._wanted is None or not is_meant(self._wanted):
            return False
        self._wanted, self._queue = None, []
        return True

    def skip(self) -> bool:
        """Go on with the next of several; return whether there is one."""
        if not self._queue:
            self._wanted = None
            return False
        self._listen(self._queue.pop(0), self._listener.left_out)
        return True

    def talked(self, device: str, control: Control, now: float) -> None:
        """Note what is played while nothing waits: if it goes on, it is not what a player means."""
        self._talkers.heard(device, control, now)

    def unplugged(self, device: str) -> None:
        """Note that a controller has gone: when it comes back, none of its controls was talking."""
        self._talkers.forget(device)

    def add(self, device: str, event: ControlEvent, now: float) -> None:
        """Add an event of a controller."""
        self._begin(now)
        if self._wanted is not None:
            self._listener.add(device, event, now)
        self._talkers.heard(device, event.control, now)

    def candidates(self) -> list[Candidate]:
        """Return what is heard while something waits, the likeliest first."""
        return self._listener.candidates() if self.is_on else []

    # -- no, another one

    def leave_out(self) -> Candidate | None:
        """Listen on without the control that is the likeliest now; return it, None if nothing was heard."""
        first = next(iter(self.candidates()), None)
        if first is not None:
            self._listener.left_out |= {(first.device, first.control)}
        return first

    def take(self, j: int) -> bool:
        """Take candidate j, whatever else is heard; return whether there is one."""
        candidates = self.candidates()
        if j < len(candidates):
            self._taken = candidates[j]
        return j < len(candidates)

    def take_back(self) -> tuple[str, Binding] | None:
        """Return what was learned last, which was not meant; None if there is nothing to take back."""
        if self._last is None:
            return None
        wanted, candidates = self._last
        return candidates[0].device, wanted.binding(candidates[0])

    def instead(self, names: Sequence[str]) -> Learned | None:
        """Return the next of the controls that were heard when something was learned last.

        Returns:
            None if none is left; then that waits again, without the control that it was not.
        """
        assert self._last is not None
        wanted, (out, *rest) = self._last
        if rest:
            self._last = wanted, rest
            return self._learned(wanted, rest, names)
        self._last, self._queue = None, []
        self._listen(wanted, frozenset({(out.device, out.control)}))
        return None

    # -- time

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
        wanted = self._wanted
        if wanted is None:
            return None
        self._begin(now)
        if wanted.macro >= len(names):
            self.cancel()
            return f"the model that plays now has no macro {wanted.macro}; nothing was bound"
        found = self._taken or self._listener.result(now)
        if found is not None and found.device in devices:
            heard = [found, *(one for one in self._listener.candidates() if one != found)]
            learned = self._learned(wanted, heard, names)
            self._last, self._wanted = (wanted, heard), None
            return learned
        if self._waited_s(now) > _PATIENCE_S:
            self.cancel()
            return (
                f"{wanted.text(names)} waited a minute, but no control was moved far enough. "
                "Try again with /flow/learn"
            )
        return self._hint(now)

    @property
    def _seeks_command(self) -> bool:
        return self._wanted is not None and self._wanted.command is not None

    def _waited_s(self, now: float) -> float:
        return 0.0 if self._began is None else now - self._began

    def go_on(self, learned: Learned) -> bool:
        """After something was learned, wait for the next of several; return whether there is one."""
        if not self._queue:
            return False
        taken = self._listener.left_out | {(learned.device, learned.binding.control)}
        self._listen(self._queue.pop(0), taken)
        return True

    def _learned(self, wanted: Wanted, heard: list[Candidate], names: Sequence[str]) -> Learned:
        found, reading = heard[0], heard[0].reading
        how = ""
        if reading.kind == "encoder":
            how = f", an endless encoder ({reading.sends})"
        elif wanted.command is None and reading.is_pressed:
            how = ", a button"
        elif found.control.kind == "osc" and reading.span != (0.0, 1.0):
            how = f", from {reading.span[0]:g} to {reading.span[1]:g}"
        rivals = tuple(str(one) for one in self._listener.rivals(heard))
        is_doubtful = self._listener.is_doubtful(found)
        return Learned(
            found.device, wanted.binding(found), wanted.text(names), found.raw, how, rivals, is_doubtful
        )

    # -- texts

    def _hint(self, now: float) -> str | None:
        """Return what helps the player now, each text once."""
        listener = self._listener
        candidates = listener.candidates()
        moving = [one for one in candidates if one.reading.is_motion]
        if len(moving) > 1 and now - self._told_at >= _TELL_S:
            number = _NUMBERS[len(moving)] if len(moving) < len(_NUMBERS) else str(len(moving))
            text = f"{number} controls move; the widest is {moving[0]}"
            if text != self._heard_text:
                self._heard_text, self._told_at = text, now
                return text
        if (unclear := listener.unclear(now)) is not None:
            if unclear.reading.kind == "one way":
                return self._once("this is an endless encoder; turn it the other way too")
            return self._once(
                f"{unclear} leaps too far to tell how it sends; turn it slowly, a little both ways"
            )
        if self._seeks_command:
            knob = listener.moved(now)
            return None if knob is None else self._once(f"{knob} is no button; press a button, pad or pedal")
        if listener.hears_motion:
            return None
        if (button := listener.button(now)) is not None:
            return self._once(f"{button} is a button; press it again to bind it, or move a knob or fader")
        if (pad := listener.pad(now)) is not None:
            return self._once(
                f"{pad} is a key or pad; a macro follows a knob or fader. Move one, or bind the pad to a "
                "command or a preset"
            )
        if (nudged := listener.nudged(now)) is not None:
            return self._once(f"{nudged} has moved only a little; move it from end to end")
        if self._waited_s(now) >= _STREAM_S:
            stream = listener.stream(now)
            if stream is not None:
                return self._once(
                    f"{stream} was moving before, so it is not taken. Move the control that you mean, or let "
                    "this one rest and move it again"
                )
        return None

    def _once(self, text: str) -> str | None:
        if text in self._told:
            return None
        self._told.add(text)
        return text
