"""A controller's profile, what its controls do: a YAML file for each device, which players edit too.

    format: 1
    device: nanoKONTROL2
    bindings:
    - control: cc 21        # cc, cc14, nrpn, poly, note or program and a number; pitch; pressure
                            # or osc and an address, such as osc /1/xy 1 for its second argument
      channel: 1            # or any
      macro: 0              # or, for one half of an XY pad, place: x or place: y
                            # or, for a note or a program, preset: a name
      instrument: Bass      # identity or name of the one that it moves; leave it out to follow the focus
      sends: absolute       # twos, offset or sign for an endless encoder
      takeover: pickup      # jump or scale
      curve: linear         # slow, fast or s
      low: 0.0
      high: 1.0
      invert: false
      feedback: lights      # its ring follows the macro; motor where it moves itself, or none
      ring: cc 48           # what the ring listens to, if not the control's own number
      coding: value         # mackie dot, boost-cut, fill or spread for the ring of a V-Pot
      touch: note 104       # struck while a finger is on the fader; add channel 1 if that is another one

Only `control` and `macro` (or `place`, or `preset`) are required. The same control may have several
bindings, and so may the same macro.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.plain_file import read_text
from core.store.file_names import file_stem
from core.store.folder_lock import locked
from server.midi.bindings.binding import Binding
from server.midi.profiles.parser import FORMAT, parse
from server.midi.profiles.row import row_of
from server.midi.profiles.text_edit import edit_rows

__all__ = ["Profile", "profile_path", "read_profile", "write_profile"]

_SEPARATORS = re.compile(r"[/\\:]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A device and its bindings.

    Attributes:
        device: Name of the port, as the system gives it, without changing numbers.
        bindings: In order.
        problems: What was wrong in the file, one line each; such a file is not written over.
        removed: Bindings that were here before; others that the file has were added to it meanwhile.
    """

    device: str
    bindings: tuple[Binding, ...] = ()
    problems: tuple[str, ...] = ()
    removed: tuple[Binding, ...] = field(default=(), compare=False)

    def with_bindings(self, bindings: Iterable[Binding]) -> "Profile":
        """Return the same profile with other bindings."""
        now = tuple(bindings)
        removed = tuple(b for b in (*self.removed, *self.bindings) if b not in now)
        return Profile(device=self.device, bindings=now, problems=self.problems, removed=removed)


def profile_path(folder: Path, device: str) -> Path:
    """Return the path of a device's file."""
    return folder / f"{file_stem(_SEPARATORS.sub('-', device))}.yaml"


def read_profile(folder: Path, device: str) -> Profile:
    """Read a device's file; one that is not there is an empty profile.

    A binding with a mistake is left out and its problem reported with the line; the others are kept.
    """
    path = profile_path(folder, device)
    try:
        text = read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return Profile(device=device)
    except OSError as error:
        return Profile(device=device, problems=(f"{path} cannot be read: {error}",))
    except ConfigError as error:
        return Profile(device=device, problems=(str(error),))
    try:
        bindings, problems = parse(text, path)
        return Profile(device=device, bindings=bindings, problems=problems)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "this is not YAML"
        return Profile(device=device, problems=(f"{path}{line}: {problem}; correct it.",))
    except RecursionError:
        return Profile(device=device, problems=(f"{path}: lists within lists without end; correct it.",))
    except ConfigError as error:
        return Profile(device=device, problems=(str(error),))


def write_profile(folder: Path, profile: Profile) -> Path:
    """Write a device's file, whole or not at all; for a worker thread.

    In a file that is there, only the lines of removed bindings go, and new ones are added.

    Raises:
        ConfigError: The folder cannot be written, or the file holds mistakes that only its
            owner can correct.
    """
    path = profile_path(folder, profile.device)
    try:
        with locked(folder):  # another server may add bindings, too
            there = read_profile(folder, profile.device)
            if problems := there.problems or profile.problems:
                raise ConfigError(
                    f"{problems[0]} Until then, new bindings of {profile.device} are lost when it is "
                    "unplugged or the server stops."
                )
            text = _changed(path, profile, there.bindings) if path.exists() else _whole(profile)
            write_atomically(path, text)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}. Start the server with --data FOLDER."
        ) from error
    return path


def _whole(profile: Profile) -> str:
    rows = [row_of(binding) for binding in profile.bindings]
    data = {"format": FORMAT, "device": profile.device, "bindings": rows}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _changed(path: Path, profile: Profile, there: tuple[Binding, ...]) -> str:
    """Return the file's text with the profile's bindings in it, comments and all."""
    before = read_text(path)
    kept = [binding not in profile.removed for binding in there]
    added = [binding for binding in profile.bindings if binding not in there]
    wanted = (*(b for b, stays in zip(there, kept, strict=True) if stays), *added)
    text = edit_rows(before, kept, [row_of(binding) for binding in added])
    if text is not None and parse(text, path) == (wanted, ()):
        return text
    # The lines of the rows cannot be told apart: the comments go to the top.
    comments = [line for line in before.splitlines(keepends=True) if line.lstrip().startswith("#")]
    return "".join(comments) + _whole(profile.with_bindings(wanted))
