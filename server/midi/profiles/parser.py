"""Reads a profile's YAML, and says of each mistake in which line it is and what belongs there."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from server.midi.bindings.binding import AXES, FEEDBACKS, Binding
from server.midi.bindings.response import CURVES, Shape
from server.midi.bindings.takeover import MODES
from server.midi.codec.builder import SPELLED
from server.midi.codec.control import ANY_CHANNEL, KINDS, SWITCHES, Control, Kind
from server.midi.codec.relative import SENDS
from server.midi.codec.rings import CODINGS

__all__ = ["FORMAT", "MAX_ADDRESS", "UNNUMBERED", "parse"]

FORMAT = 1
MAX_ADDRESS = 128  # characters of another program's OSC address
UNNUMBERED: tuple[Kind, ...] = ("pitch", "pressure")
_CHANNELS = [str(channel) for channel in range(1, 17)]
_KEYS = (
    *("control", "channel", "macro", "place", "preset", "sends", "takeover"),
    *("curve", "low", "high", "invert", "feedback", "ring", "coding", "touch"),
)


def parse(text: str, path: Path) -> tuple[tuple[Binding, ...], tuple[str, ...]]:
    """Read the bindings of a profile's text, and what is wrong with the others.

    Raises:
        ConfigError: The whole of it means nothing.
        yaml.YAMLError: It is not YAML.
    """
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return (), ()
        top = _entries(loader, root, path, ("format", "device", "bindings"))
        if top.get("format", (None, 1))[0] != FORMAT:
            raise ConfigError(f"{path}:1: the first line has to be `format: {FORMAT}`.")
        return _bindings(loader, root, path)
    finally:
        loader.dispose()


def _bindings(
    loader: yaml.SafeLoader, root: yaml.Node, path: Path
) -> tuple[tuple[Binding, ...], tuple[str, ...]]:
    found: list[Binding] = []
    complaints: list[str] = []
    for key, rows in root.value:
        if key.value != "bindings":
            continue
        if not isinstance(rows, yaml.SequenceNode):
            raise ConfigError(f"{path}:{_line(rows)}: `bindings` is a list; begin each with `- control:`.")
        for row in rows.value:
            try:
                found.append(_binding(_entries(loader, row, path, _KEYS), path, _line(row)))
            except ConfigError as error:
                complaints.append(str(error))
    return tuple(found), tuple(complaints)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


_Entries = dict[str, tuple[Any, int]]


def _entries(loader: yaml.SafeLoader, node: yaml.Node, path: Path, known: Iterable[str]) -> _Entries:
    """Give each key's value and line."""
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{path}:{_line(node)}: here belong lines such as `control: cc 21`.")
    entries: _Entries = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in known:
            hint = did_you_mean(name, list(known))
            raise ConfigError(f"{path}:{_line(key)}: '{name}' means nothing here; {hint}")
        if name in entries:
            raise ConfigError(f"{path}:{_line(key)}: '{name}' is said twice; keep one.")
        entries[name] = (
            loader.construct_object(value, deep=True) if name != "bindings" else None,
            _line(value),
        )
    return entries


def _binding(entries: _Entries, path: Path, line: int) -> Binding:
    def choice(key: str, among: tuple[Any, ...], default: Any) -> Any:
        value, at = entries.get(key, (default, line))
        if value not in among or isinstance(value, bool) != isinstance(default, bool):
            words = ", ".join(str(one).lower() for one in among)
            raise ConfigError(f"{path}:{at}: {key} is one of {words}, not {value!r}.")
        return value

    def number(key: str, low: float, high: float, default: Any, whole: bool = False) -> Any:
        value, at = entries.get(key, (default, line))
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            raise ConfigError(f"{path}:{at}: {key} goes from {low:g} to {high:g}, but is {value!r}.")
        return value

    channel = ANY_CHANNEL
    if entries.get("channel", ("any", line))[0] != "any":
        channel = number("channel", 1, 16, 1, whole=True)
    control = _control(*entries.get("control", (None, line)), channel, path)
    macro = number("macro", 0, 1_023, None, whole=True) if "macro" in entries else None
    place = choice("place", AXES, None) if "place" in entries else None
    preset, at = entries.get("preset", (None, line))
    if sum(key in entries for key in ("macro", "place", "preset")) != 1:
        raise ConfigError(f"{path}:{line}: a binding has one of `macro: 0`, `place: x` and `preset: a name`.")
    if preset is not None and (control.kind not in SWITCHES or not isinstance(preset, str)):
        raise ConfigError(f"{path}:{at}: a preset is loaded by a note or a program; its name is text.")
    if macro is not None and control.kind == "program":
        raise ConfigError(f"{path}:{line}: a program stands nowhere and moves no macro; give it a preset.")
    if place is not None and control.kind in SWITCHES:
        raise ConfigError(f"{path}:{line}: a key stands nowhere on the map; half of a pad is a control.")
    low, high = float(number("low", 0, 1, 0.0)), float(number("high", 0, 1, 1.0))
    if high - low < 1e-3:
        at = entries.get("high", entries.get("low", (None, line)))[1]
        raise ConfigError(f"{path}:{at}: low is below high; `invert: true` turns a control round.")
    sends = choice("sends", SENDS, "absolute")
    if sends != "absolute" and control.kind != "cc":
        raise ConfigError(f"{path}:{entries['sends'][1]}: only a cc of 7 bits sends steps.")

    def other(key: str, kinds: tuple[Kind, ...]) -> Control | None:
        if key not in entries:
            return None
        found = _control(*entries[key], channel, path, key)
        if found.kind not in kinds or macro is None:
            words = ", ".join(kinds)
            raise ConfigError(f"{path}:{entries[key][1]}: the {key} of a macro's control is a {words}.")
        return found

    ring, coding = other("ring", SPELLED), choice("coding", CODINGS, "value")
    if coding != "value" and (ring is None or ring.kind != "cc"):
        at = entries["coding"][1]
        raise ConfigError(f"{path}:{at}: a coding is for a ring of its own; write `ring: cc 48` beside it.")
    return Binding(
        control=control,
        macro=macro,
        place=place,
        preset=preset,
        sends=sends,
        feedback=choice("feedback", FEEDBACKS, "lights"),
        ring=ring,
        coding=coding,
        touch=other("touch", ("note", "cc")),
        takeover=choice("takeover", MODES, "pickup"),
        shape=Shape(
            curve=choice("curve", CURVES, "linear"),
            low=low,
            high=high,
            invert=choice("invert", (True, False), False),
        ),
    )


def _control(said: Any, line: int, channel: int, path: Path, key: str = "control") -> Control:
    words = str(said).split() if said is not None else []
    if not words or words[0] not in KINDS:
        hint = did_you_mean(words[0], KINDS) if words else "such as `control: cc 21`."
        raise ConfigError(f"{path}:{line}: {key} is {said!r}; {hint}")
    if key != "control" and len(words) > 2 and words[-2] == "channel":  # such as a fader's touch, elsewhere
        if words[-1] not in _CHANNELS:
            raise ConfigError(f"{path}:{line}: a channel goes from 1 to 16, but is {words[-1]}.")
        words, channel = words[:-2], int(words[-1])
    kind = next(k for k in KINDS if k == words[0])
    if kind == "osc":
        return _osc(words[1:], line, path)
    digits = words[1:] if kind not in UNNUMBERED else ["0", *words[1:]]
    highest = Control(kind).highest_number
    if len(digits) != 1 or not digits[0].isascii() or not digits[0].isdigit() or int(digits[0]) > highest:
        raise ConfigError(f"{path}:{line}: after {kind} comes a number from 0 to {highest}, not {said!r}.")
    return Control(kind, channel, int(digits[0]))


def _osc(words: list[str], line: int, path: Path) -> Control:
    """Read an address and, from 0 on, which of its arguments."""
    highest = Control("osc").highest_number
    number = words[1] if len(words) == 2 else "0"
    fits = len(words) in (1, 2) and words[0].startswith("/") and number.isascii() and number.isdigit()
    if not fits or int(number) > highest or len(words[0]) > MAX_ADDRESS:
        raise ConfigError(
            f"{path}:{line}: after osc comes an address such as /1/fader3, and perhaps which argument, 0 to "
            f"{highest}."
        )
    return Control("osc", ANY_CHANNEL, int(number), words[0])
