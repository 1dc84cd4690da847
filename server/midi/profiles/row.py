"""One row of a profile's `bindings`: from what YAML holds to a binding, and back."""

import re
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from server.instrument.preset_file import can_be_named
from server.midi.bindings.binding import AXES, FEEDBACK_KINDS, PRESS_KINDS, WHOLE_RANGE, Binding
from server.midi.bindings.command import Command, read_command
from server.midi.bindings.response import CURVES, Response
from server.midi.bindings.takeover import TAKEOVER_MODES
from server.midi.codec.builder import SHOWABLE_KINDS
from server.midi.codec.control import ANY_CHANNEL, STRUCK_KINDS, Control, Kind
from server.midi.codec.relative import ENCODINGS
from server.midi.codec.rings import RING_CODINGS
from server.midi.profiles.control_text import companion_text, control_text, read_control

__all__ = ["KEYS", "Row", "row_of"]

_PRESSED_KINDS: tuple[Kind, ...] = (*STRUCK_KINDS, "cc", "osc")
_NUMBER = r"([-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?)"
_SPAN = re.compile(rf"\s*{_NUMBER}\s+to\s+{_NUMBER}\s*")

KEYS = (
    *("control", "channel", "macro", "place", "preset", "command", "instrument"),
    *(
        "press",
        "range",
        "sends",
        "takeover",
        "curve",
        "low",
        "high",
        "invert",
        "feedback",
        "ring",
        "coding",
        "touch",
    ),
)


class Row:
    """One row.

    Args:
        entries: Value and line of each key.
        path: Of the file.
        line: Where the row begins.
    """

    def __init__(self, entries: dict[str, tuple[Any, int]], path: Path, line: int) -> None:
        self._entries, self._path, self._line = entries, path, line

    def binding(self) -> Binding:
        """Read the binding.

        Raises:
            ConfigError: There is a mistake.
        """
        channel = ANY_CHANNEL
        if self._entries.get("channel", ("any", 0))[0] != "any":
            channel = self._number("channel", 1, 16, 1, whole=True)
        control = read_control(*self._entries.get("control", (None, self._line)), channel, self._path)
        macro = self._number("macro", 0, 1_023, None, whole=True) if "macro" in self._entries else None
        axis = self._choice("place", AXES, None) if "place" in self._entries else None
        preset = self._entries.get("preset", (None, 0))[0]
        command = self._command() if "command" in self._entries else None
        self._check_target(control)
        response = self._response()
        sends = self._choice("sends", ENCODINGS, "absolute")
        if sends != "absolute" and control.kind != "cc":
            raise self._error("sends", "only a cc of 7 bits sends steps. Remove `sends`.")
        ring = self._companion("ring", SHOWABLE_KINDS, channel)
        coding = self._choice("coding", RING_CODINGS, "value")
        if coding != "value" and (ring is None or ring.kind != "cc"):
            raise self._error(
                "coding", "a coding is for a cc ring of its own. Add one, such as `ring: cc 48`."
            )
        return Binding(
            control=control,
            macro=macro,
            axis=axis,
            preset=preset,
            command=command,
            press=self._choice("press", PRESS_KINDS, "auto"),
            span=self._span(control),
            instrument=self._instrument(),
            sends=sends,
            feedback=self._choice("feedback", FEEDBACK_KINDS, "lights"),
            ring=ring,
            coding=coding,
            touch=self._companion("touch", ("note", "cc"), channel),
            takeover=self._choice("takeover", TAKEOVER_MODES, "pickup"),
            response=response,
        )

    def _check_target(self, control: Control) -> None:
        """Check that there is one target, and that such a control can move it."""
        entries = self._entries
        if sum(key in entries for key in ("macro", "place", "preset", "command")) != 1:
            raise self._error(
                "",
                "a binding does one thing. Give it one of `macro: 0`, `place: x`, `preset: NAME` and "
                "`command: NAME`.",
            )
        if "preset" in entries:
            preset = entries["preset"][0]
            if preset is not None and (control.kind not in _PRESSED_KINDS or not isinstance(preset, str)):
                raise self._error(
                    "preset", "only a note, program, cc or osc loads a preset, and the preset's name is text."
                )
            if preset is not None and not can_be_named(preset):
                raise self._error("preset", "no preset has such a name. Copy the name from the map.")
        if "command" in entries and control.kind not in _PRESSED_KINDS:
            raise self._error(
                "command", "only a note, program, cc or osc gives a command. Bind one of these."
            )
        if "macro" in entries and control.kind == "program":
            raise self._error("", "a program has no position, so it moves no macro. Give it a preset.")
        if "place" in entries and control.kind in STRUCK_KINDS:
            raise self._error(
                "", "a key has no position, so it cannot move the place. Bind a control such as `cc 12`."
            )

    def _command(self) -> Command:
        try:
            return read_command(str(self._entries["command"][0]))
        except ConfigError as error:
            raise self._error("command", str(error)) from None

    def _span(self, control: Control) -> tuple[float, float]:
        """Read the range of an OSC control, such as `0 to 127`."""
        if "range" not in self._entries:
            return WHOLE_RANGE
        found = _SPAN.fullmatch(str(self._entries["range"][0]))
        span = (float(found[1]), float(found[2])) if found else WHOLE_RANGE
        if found is None or control.kind != "osc" or not span[0] < span[1]:
            raise self._error(
                "range", "a range is for an osc control, from low to high. Write it as `range: 0 to 127`."
            )
        return span

    def _instrument(self) -> str:
        name = self._entries.get("instrument", ("", 0))[0]
        if "instrument" in self._entries and (not isinstance(name, str) or not name.strip()):
            raise self._error(
                "instrument",
                "an instrument is called by a text, such as `instrument: Bass`. Add quotation marks.",
            )
        return str(name)

    def _response(self) -> Response:
        low, high = float(self._number("low", 0, 1, 0.0)), float(self._number("high", 0, 1, 1.0))
        if high - low < 1e-3:
            key = "high" if "high" in self._entries else "low"
            raise self._error(key, "low has to be below high. To turn a control round, write `invert: true`.")
        return Response(
            curve=self._choice("curve", CURVES, "linear"),
            low=low,
            high=high,
            invert=self._choice("invert", (True, False), False),
        )

    def _error(self, key: str, text: str) -> ConfigError:
        """Return an error with the line of a key, or of the row where it has none."""
        line = self._entries.get(key, (None, self._line))[1]
        return ConfigError(f"{self._path}:{line}: {text}")

    def _choice(self, key: str, among: tuple[Any, ...], default: Any) -> Any:
        value = self._entries.get(key, (default, self._line))[0]
        if value not in among or isinstance(value, bool) != isinstance(default, bool):
            words = ", ".join(str(one).lower() for one in among)
            raise self._error(key, f"{key} is {value!r}; it has to be one of {words}.")
        return value

    def _number(self, key: str, low: float, high: float, default: Any, whole: bool = False) -> Any:
        value = self._entries.get(key, (default, self._line))[0]
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            raise self._error(key, f"{key} is {value!r}; it goes from {low:g} to {high:g}.")
        return value

    def _companion(self, key: str, kinds: tuple[Kind, ...], channel: int) -> Control | None:
        if key not in self._entries:
            return None
        found = read_control(*self._entries[key], channel, self._path, key)
        if found.kind not in kinds or "macro" not in self._entries:
            raise self._error(
                key, f"{key} is for the control of a macro, and has to be one of {', '.join(kinds)}."
            )
        return found


def _span_text(span: tuple[float, float]) -> str:
    return " to ".join(f"{end:.9g}" for end in span)


def row_of(binding: Binding) -> dict[str, Any]:
    """Return the row of a binding, as YAML holds it, without what is as it would be anyway."""
    control, response = binding.control, binding.response
    plain = Binding(control=control)
    first: dict[str, Any] = {
        "control": control_text(control),
        "channel": "any" if control.channel == ANY_CHANNEL else control.channel,
        "macro": binding.macro,
        "place": binding.axis,
        "preset": binding.preset,
        "command": None if binding.command is None else str(binding.command),
    }
    others: dict[str, tuple[Any, Any]] = {  # with what they would be anyway
        "instrument": (binding.instrument, plain.instrument),
        "press": (binding.press, plain.press),
        "range": (_span_text(binding.span), _span_text(plain.span)),
        "sends": (binding.sends, plain.sends),
        "takeover": (binding.takeover, plain.takeover),
        "curve": (response.curve, plain.response.curve),
        "low": (response.low, plain.response.low),
        "high": (response.high, plain.response.high),
        "invert": (response.invert, plain.response.invert),
        "feedback": (binding.feedback, plain.feedback),
        "ring": (binding.ring and companion_text(control, binding.ring), None),
        "coding": (binding.coding, plain.coding),
        "touch": (binding.touch and companion_text(control, binding.touch), None),
    }
    row = {key: value for key, value in first.items() if value is not None}
    return row | {key: value for key, (value, default) in others.items() if value != default}
