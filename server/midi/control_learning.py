"""Binding controls: by touch, one or several in a row, or by name."""

from collections.abc import Callable, Sequence

from core.errors import ConfigError, ProtocolError
from server.midi.bindings.binding import Binding
from server.midi.connected_controllers import ConnectedControllers, announce
from server.midi.foreign_osc import OSC
from server.midi.learning.learn_mode import Learned, LearnMode, Wanted
from server.midi.profiles.by_hand import binding_by_hand, what_by_hand
from server.osc.answers import Answer, Receivers, Reply, status
from server.osc.builder import osc_message
from server.osc.hints import hint

__all__ = ["ControlLearning"]

_HEARD_S = 0.2  # how often clients are sent what is heard
_MAX_HEARD = 8  # controls; a hand that moves more is no help


class ControlLearning:
    """What clients ask for, and what they are told.

    Args:
        mode: Whether something waits for a control.
        connected: The controllers that are plugged in.
    """

    def __init__(self, mode: LearnMode, connected: ConnectedControllers) -> None:
        self._mode = mode
        self._connected = connected
        self._heard: list[bytes] = []
        self._heard_at = 0.0
        self._names: Sequence[str] = ()

    def state(self, to: Receivers = "sender") -> Answer:
        """Return what waits for a control, as a message."""
        wanted = self._mode.wanted
        command = [] if wanted.command is None else [str(wanted.command)]
        return Reply(osc_message("/flow/learning", wanted.macro, wanted.instrument, *command), to)

    def progress(self, names: Sequence[str], now: float) -> list[Answer]:
        """Return what was learned or heard since the last call, and hints for the player.

        Args:
            names: Of the macros.
            now: Seconds.
        """
        self._names = names
        if not self._mode.is_on:
            return []
        answers: list[Answer] = []
        found = self._mode.progress(names, self._connected, now)
        if isinstance(found, Learned):
            answers += self._connected.bind(found)
            if self._mode.go_on(found):
                answers += [announce(self._prompt(self._mode.wanted)), self.state("all")]
        elif found is not None:
            answers.append(announce(found))
        if not self._mode.is_on:
            answers.append(self.state("all"))
        return answers + self._tell_heard(now)

    def _tell_heard(self, now: float) -> list[Answer]:
        """Return the list of what is heard, if it is another than clients know."""
        candidates = self._mode.candidates()[:_MAX_HEARD]
        heard = [
            osc_message("/flow/heard", j, len(candidates), str(one), one.reading.kind, one.reading.travel)
            for j, one in enumerate(candidates)
        ]
        if heard == self._heard or (heard and now - self._heard_at < _HEARD_S):
            return []
        self._heard, self._heard_at = heard, now
        return [Reply(one, "all") for one in heard or [osc_message("/flow/heard", 0, 0, "", "", 0.0)]]

    # -- by touch

    def learn(self, wanted: Sequence[Wanted], names: Sequence[str]) -> list[Answer]:
        """Make one thing wait for a control, or several one after the other."""
        self._names = names
        self._mode.start_all(wanted)
        return [status(self._prompt(wanted[0])), self.state("all")]

    def _prompt(self, wanted: Wanted) -> str:
        """Return what the player is to do, as a text."""
        what = wanted.text(self._names)
        if not any(name != OSC for name in self._connected) and OSC not in self._connected:
            return f"no controller is plugged in yet. Plug one in, and move the control for {what}"
        if wanted.command is not None:
            return f"press the button, pad or pedal for {what}."
        return f"move the control for {what}: a knob or fader from end to end, an encoder both ways."

    def other(self, names: Sequence[str]) -> list[Answer]:
        """Take another control than the one that was learned last, or that is the likeliest by now.

        Raises:
            ProtocolError: Nothing was learned yet.
        """
        if self._mode.is_on:
            out = self._mode.leave_out()
            text = "nothing has moved yet" if out is None else f"not {out}; move the control that you mean"
            return [status(text, "all")]
        taken_back = self._mode.take_back()
        if taken_back is None:
            raise ProtocolError("nothing was learned that could be another. Send /flow/learn first.")
        answers = self._connected.take_back(*taken_back)
        learned = self._mode.instead(names)
        if learned is not None:
            return answers + self._connected.bind(learned)
        text = f"{taken_back[1].control} of {taken_back[0]} is free again; move the control that you mean"
        return [*answers, announce(text), self.state("all")]

    def take(self, j: int) -> list[Answer]:
        """Take the control that `/flow/heard` numbered j.

        Raises:
            ProtocolError: There is none.
        """
        if not self._mode.take(j):
            raise ProtocolError(f"no control {j} is heard. Send /flow/learn, then move one.")
        return []

    def skip(self) -> list[Answer]:
        """Go on with the next of several.

        Raises:
            ProtocolError: Nothing waits.
        """
        if not self._mode.is_on:
            raise ProtocolError("nothing waits for a control. Send /flow/learn/all first.")
        if self._mode.skip():
            return [announce(self._prompt(self._mode.wanted)), self.state("all")]
        return [announce("that was the last; learning has ended"), self.state("all")]

    def stop(self) -> list[Answer]:
        """Wait for no control any more."""
        if self._mode.cancel():
            return [announce("learning has ended"), self.state("all")]
        return []

    # -- by name

    def bind(self, what: str, control: str, controller: str, instrument: str, of: str) -> list[Answer]:
        """Bind a control by name.

        Args:
            what: Such as `macro 3`, `place x`, `preset Pad 2`, or a command.
            control: As a profile spells it, such as `cc 20 channel 1`.
            controller: Name of the controller, or part of it; empty for the only one there is.
            instrument: Identity of the instrument; empty for whatever has the focus.
            of: Name of that instrument, for texts.

        Raises:
            ProtocolError: There is no such thing, control or controller.
        """
        try:
            binding = binding_by_hand(what, control, instrument)
        except ConfigError as error:
            raise ProtocolError(str(error)) from None
        name = self._controller(OSC if binding.control.kind == "osc" else controller)
        shown = f"'{what}'{f' of {of!r}' if of else ''}"
        return self._connected.bind(Learned(name, binding, shown))

    def _controller(self, part: str) -> str:
        names = [name for name in self._connected if part == OSC or name != OSC]
        found = [name for name in names if part.lower() in name.lower()]
        exact = [name for name in names if name == part]
        if len(exact or found) == 1:
            return (exact or found)[0]
        if not names:
            raise ProtocolError("no controller is plugged in. Plug one in, then bind it.")
        if found:
            raise ProtocolError(f"there are {' and '.join(found)}; say which one.")
        raise ProtocolError(f"there is no controller '{part}'; {hint(part, names)}")

    def unbind(self, what: str, is_meant: Callable[[str], bool]) -> tuple[str, list[Answer]]:
        """Unbind everything that does one thing, on every controller; return what was unbound, as a text.

        Raises:
            ProtocolError: There is no such thing, or nothing was bound to it.
        """
        try:
            wanted = what_by_hand(what)
        except ConfigError as error:
            raise ProtocolError(str(error)) from None

        def does_it(binding: Binding) -> bool:
            return is_meant(binding.instrument) and all(
                getattr(binding, key) == value for key, value in wanted.items()
            )

        freed, answers = self._connected.unbind(does_it)
        if not freed:
            raise ProtocolError(
                f"no control is bound to '{what}'. /flow/bindings and /flow/commands list all."
            )
        return f"'{what}' no longer follows {', '.join(freed)}", answers

    def unlearn(self, k: int, name: str, is_meant: Callable[[str], bool]) -> list[Answer]:
        """Unbind macro k on every controller that is plugged in, and stop waiting for a control of it.

        Args:
            k: Number of the macro.
            name: Of the macro.
            is_meant: Whether bindings of an instrument are meant; it is empty where they follow the focus.

        Raises:
            ProtocolError: Nothing was bound to it.
        """
        waited = self._mode.cancel(lambda wanted: wanted.macro == k and is_meant(wanted.instrument))
        freed, answers = self._connected.unbind(lambda b: b.macro == k and is_meant(b.instrument))
        if waited:
            answers.append(self.state("all"))
        if not freed and not waited:
            raise ProtocolError(f"no control moves macro {k} '{name}'. Bind one with /flow/learn {k}.")
        if not freed:
            text = f"macro {k} '{name}' no longer waits for a control"
        else:
            text = f"macro {k} '{name}' no longer follows {', '.join(freed)}"
        return [status(text, "all"), *answers]
