"""What a player's controller does: a YAML file for each device, to be read, edited and kept.

    format: 1
    device: nanoKONTROL2
    bindings:
    - control: cc 21        # cc, cc14, nrpn, poly, note or program and a number; pitch; pressure
                            # or osc and an address, such as osc /1/xy 1 for its second argument
      channel: 1            # or any
      macro: 0              # or, for a note or a program, preset: a name
      sends: absolute       # twos, offset or sign for an endless encoder
      takeover: pickup      # jump or scale
      curve: linear         # slow, fast or s
      low: 0.0
      high: 1.0
      invert: false
      feedback: lights      # its ring follows the macro; motor where it moves itself, or none
      ring: cc 48           # where the ring listens, if not to the control's own number
      touch: note 104       # struck while a finger is on the fader

Only `control` and `macro` (or `preset`) have to be there. The same control may stand in several
bindings, and so may the same macro.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from server.midi.controls import ANY_CHANNEL, KINDS, SWITCHES, Control, Kind
from server.midi.encoder import SPELLED
from server.midi.profile_text import with_rows
from server.midi.relative import SENDS, Sends
from server.midi.shape import CURVES, Shape
from server.midi.takeover import MODES, Mode
from server.presets import file_stem

__all__ = [
    "FEEDBACKS",
    "MAX_ADDRESS",
    "Binding",
    "Feedback",
    "Profile",
    "profile_path",
    "read_profile",
    "write_profile",
]

Feedback = Literal["lights", "motor", "none"]

MAX_ADDRESS = 128  # characters
_FORMAT = 1
_KEYS = (
    *("control", "channel", "macro", "preset", "sends", "takeover"),
    *("curve", "low", "high", "invert", "feedback", "ring", "touch"),
)
FEEDBACKS: tuple[Feedback, ...] = get_args(Feedback)
_UNNUMBERED: tuple[Kind, ...] = ("pitch", "pressure")
_SEPARATORS = re.compile(r"[/\\:]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """One control and what it moves.

    Attributes:
        control: On the controller.
        macro: Which macro it moves, or None.
        preset: Which preset it loads, where it moves no macro.
        sends: Places or steps.
        takeover: What happens where the macro stands elsewhere; steps need none.
        shape: From place to value.
        feedback: How the control shows its macro: `lights` on a ring, `motor` by moving, or `none`.
        ring: What the ring listens to, where that is not the control itself.
        touch: What is struck while a finger is on the control.
    """

    control: Control
    macro: int | None = None
    preset: str | None = None
    sends: Sends = "absolute"
    takeover: Mode = "pickup"
    shape: Shape = Shape()
    feedback: Feedback = "lights"
    ring: Control | None = None
    touch: Control | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A device and its bindings.

    Attributes:
        device: Name of the port, as the system gives it, without changing numbers.
        bindings: In order.
        complaints: What was wrong in the file, one line each; such a file is not written over.
        dropped: What was among the bindings before. What else is in the file was written there meanwhile.
    """

    device: str
    bindings: tuple[Binding, ...] = ()
    complaints: tuple[str, ...] = ()
    dropped: tuple[Binding, ...] = field(default=(), compare=False)

    def with_bindings(self, bindings: Iterable[Binding]) -> "Profile":
        """Give the same device with other bindings."""
        now = tuple(bindings)
        dropped = tuple(b for b in (*self.dropped, *self.bindings) if b not in now)
        return Profile(device=self.device, bindings=now, complaints=self.complaints, dropped=dropped)


def profile_path(folder: Path, device: str) -> Path:
    """Give the place of a device's file."""
    return folder / f"{file_stem(_SEPARATORS.sub('-', device))}.yaml"


def read_profile(folder: Path, device: str) -> Profile:
    """Read a device's file; one that is not there is an empty profile.

    A binding with a mistake is left out and complained about, with its line; the others hold.
    """
    path = profile_path(folder, device)
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Profile(device=device)
    except (OSError, UnicodeDecodeError) as error:
        return Profile(device=device, complaints=(f"{path} cannot be read: {error}",))
    try:
        return _parse(text, path, device)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "this is not YAML"
        return Profile(device=device, complaints=(f"{path}{line}: {problem}; put it right.",))
    except ConfigError as error:
        return Profile(device=device, complaints=(str(error),))


def write_profile(folder: Path, profile: Profile) -> Path:
    """Write a device's file, whole or not at all. For a worker thread.

    Of a file that is there, only lines of bindings that were dropped go, and new ones are added.

    Raises:
        ConfigError: The folder cannot be written, or the file holds mistakes that only its
            writer can put right.
    """
    path = profile_path(folder, profile.device)
    there = read_profile(folder, profile.device)
    if complaints := there.complaints or profile.complaints:
        raise ConfigError(
            f"{complaints[0]} Until then what is learned for {profile.device} is kept only as "
            "long as the server runs and the controller stays plugged in."
        )
    try:
        text = _changed(path, profile, there.bindings) if path.exists() else _whole(profile)
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}. Start the server with --data FOLDER."
        ) from error
    return path


def _whole(profile: Profile) -> str:
    rows = [_to_dict(binding) for binding in profile.bindings]
    data = {"format": _FORMAT, "device": profile.device, "bindings": rows}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _changed(path: Path, profile: Profile, there: tuple[Binding, ...]) -> str:
    """Give the file's text with the profile's bindings in it, comments and all."""
    before = path.read_text(encoding="utf-8")
    kept = [binding not in profile.dropped for binding in there]
    added = [binding for binding in profile.bindings if binding not in there]
    wanted = (*(b for b, stays in zip(there, kept, strict=True) if stays), *added)
    text = with_rows(before, kept, [_to_dict(binding) for binding in added])
    if text is not None and _parse(text, path, profile.device).bindings == wanted:
        return text
    # Written in a way that lines cannot be told apart: the comments go to the top.
    comments = [line for line in before.splitlines(keepends=True) if line.lstrip().startswith("#")]
    return "".join(comments) + _whole(profile.with_bindings(wanted))


def _to_dict(binding: Binding) -> dict[str, Any]:
    control, shape = binding.control, binding.shape
    given: dict[str, Any] = {
        "control": _spelled(control),
        "channel": "any" if control.channel == ANY_CHANNEL else control.channel,
        "macro": binding.macro,
        "preset": binding.preset,
    }
    row = {key: value for key, value in given.items() if value is not None}
    plain = Binding(control=control)
    extras: dict[str, tuple[Any, Any]] = {
        "sends": (binding.sends, plain.sends),
        "takeover": (binding.takeover, plain.takeover),
        "curve": (shape.curve, plain.shape.curve),
        "low": (shape.low, plain.shape.low),
        "high": (shape.high, plain.shape.high),
        "invert": (shape.invert, plain.shape.invert),
        "feedback": (binding.feedback, plain.feedback),
        "ring": (binding.ring and _spelled(binding.ring), None),
        "touch": (binding.touch and _spelled(binding.touch), None),
    }
    return row | {key: value for key, (value, default) in extras.items() if value != default}


def _spelled(control: Control) -> str:
    if control.kind == "osc":
        return f"osc {control.address} {control.number}" if control.number else f"osc {control.address}"
    return control.kind if control.kind in _UNNUMBERED else f"{control.kind} {control.number}"


# -- reading, with lines


def _parse(text: str, path: Path, device: str) -> Profile:
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return Profile(device=device)
        top = _entries(loader, root, path, ("format", "device", "bindings"))
        if top.get("format", (None, 1))[0] != _FORMAT:
            raise ConfigError(f"{path}:1: the first line has to be `format: {_FORMAT}`.")
        return _bindings(loader, root, path, device)
    finally:
        loader.dispose()


def _bindings(loader: yaml.SafeLoader, root: yaml.Node, path: Path, device: str) -> Profile:
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
    return Profile(device=device, bindings=tuple(found), complaints=tuple(complaints))


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
    preset, at = entries.get("preset", (None, line))
    if (macro is None) == (preset is None):
        raise ConfigError(f"{path}:{line}: a binding has either `macro: 0` or `preset: a name`.")
    if preset is not None and (control.kind not in SWITCHES or not isinstance(preset, str)):
        raise ConfigError(f"{path}:{at}: a preset is loaded by a note or a program; its name is text.")
    if macro is not None and control.kind == "program":
        raise ConfigError(f"{path}:{line}: a program stands nowhere and moves no macro; give it a preset.")
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

    return Binding(
        control=control,
        macro=macro,
        preset=preset,
        sends=sends,
        feedback=choice("feedback", FEEDBACKS, "lights"),
        ring=other("ring", SPELLED),
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
    kind = next(k for k in KINDS if k == words[0])
    if kind == "osc":
        return _osc(words[1:], line, path)
    digits = words[1:] if kind not in _UNNUMBERED else ["0", *words[1:]]
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
