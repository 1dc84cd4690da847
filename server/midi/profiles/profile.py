"""What a player's controller does: a YAML file for each device, to be read, edited and kept.

    format: 1
    device: nanoKONTROL2
    bindings:
    - control: cc 21        # cc, cc14, nrpn, poly, note or program and a number; pitch; pressure
                            # or osc and an address, such as osc /1/xy 1 for its second argument
      channel: 1            # or any
      macro: 0              # or, for one half of an XY pad, place: x or place: y
                            # or, for a note or a program, preset: a name
      sends: absolute       # twos, offset or sign for an endless encoder
      takeover: pickup      # jump or scale
      curve: linear         # slow, fast or s
      low: 0.0
      high: 1.0
      invert: false
      feedback: lights      # its ring follows the macro; motor where it moves itself, or none
      ring: cc 48           # where the ring listens, if not to the control's own number
      coding: value         # mackie dot, boost-cut, fill or spread for the ring of a V-Pot
      touch: note 104       # struck while a finger is on the fader; channel 1 behind it, if it is on another

Only `control` and `macro` (or `place`, or `preset`) have to be there. The same control may stand in several
bindings, and so may the same macro.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core.errors import ConfigError
from server.instrument.presets import file_stem
from server.midi.bindings.binding import Binding
from server.midi.codec.control import ANY_CHANNEL, Control
from server.midi.profiles.parser import FORMAT, UNNUMBERED, parse
from server.midi.profiles.text import with_rows

__all__ = ["Profile", "profile_path", "read_profile", "write_profile"]

_SEPARATORS = re.compile(r"[/\\:]")


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
        bindings, complaints = parse(text, path)
        return Profile(device=device, bindings=bindings, complaints=complaints)
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
    data = {"format": FORMAT, "device": profile.device, "bindings": rows}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _changed(path: Path, profile: Profile, there: tuple[Binding, ...]) -> str:
    """Give the file's text with the profile's bindings in it, comments and all."""
    before = path.read_text(encoding="utf-8")
    kept = [binding not in profile.dropped for binding in there]
    added = [binding for binding in profile.bindings if binding not in there]
    wanted = (*(b for b, stays in zip(there, kept, strict=True) if stays), *added)
    text = with_rows(before, kept, [_to_dict(binding) for binding in added])
    if text is not None and parse(text, path) == (wanted, ()):
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
        "place": binding.place,
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
        "ring": (binding.ring and _beside(control, binding.ring), None),
        "coding": (binding.coding, plain.coding),
        "touch": (binding.touch and _beside(control, binding.touch), None),
    }
    return row | {key: value for key, (value, default) in extras.items() if value != default}


def _beside(control: Control, other: Control) -> str:
    """Spell what belongs to a control, with its channel where it has another one."""
    return _spelled(other) + (f" channel {other.channel}" if other.channel != control.channel else "")


def _spelled(control: Control) -> str:
    if control.kind == "osc":
        return f"osc {control.address} {control.number}" if control.number else f"osc {control.address}"
    return control.kind if control.kind in UNNUMBERED else f"{control.kind} {control.number}"
