"""The folder of the player's presets: one file each, called as the preset is.

Any number of servers may share it: each change is made under a lock, on what is there by then. Of two files
with the same preset, the one that is called like it counts, and the others are left out: a backup or a copy
made by a program that synchronizes folders never takes the place of what was saved. Nothing is deleted:
presets go into `bin`, and files that are damaged into `damaged`.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.atomic_file import write_atomically
from core.errors import ConfigError, ProtocolError
from core.store.folder_lock import locked
from core.store.kept_files import distance, folded, free_path, move_into, set_aside, stem_of, sweep
from server.instrument.preset_file import SUFFIX, SUFFIXES, NewerFormat, Preset, read_preset, text_of

__all__ = ["MAX_PRESETS", "Change", "LeftOut", "PresetFolder"]

MAX_PRESETS = 8192  # a start reads them in a second; more are left out, and counted
_OPENING_S = 0.5  # another server may be reading, too
_DIGEST, _OTHER = 1_000_000, 2_000_000  # how far files are from a preset's name that are called otherwise


@dataclass(frozen=True)
class LeftOut:
    """A file that is not read, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Change:
    """What is other than before: presets that are new or other, and the names of those that are gone."""

    there: Mapping[str, Preset]
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.there or self.gone)


@dataclass(frozen=True)
class _Read:
    """A file as it was read: its facts, and the preset in it or what was wrong."""

    facts: tuple[int, int, int]
    preset: Preset | None
    reason: str = ""
    damaged: bool = False


class PresetFolder:
    """Reads and changes the folder. For one thread at a time.

    Args:
        path: The folder; made when the first preset is saved.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files: dict[Path, _Read] = {}
        self._owners: dict[str, Path] = {}
        self._presets: dict[str, Preset] = {}
        self._told: dict[str, Preset] = {}
        self._aside: list[LeftOut] = []
        self._seen = -1

    # -- reading

    def open(self) -> Change:
        """Read everything, and set damaged files aside; for the start."""
        if self.path.is_dir():
            with contextlib.suppress(OSError), locked(self.path, _OPENING_S):
                sweep(self.path)
                self._scan()
                for path, read in self._files.items():
                    if read.damaged:
                        self._set_aside(path, read)
        return self.refresh()

    def _set_aside(self, path: Path, read: _Read) -> None:
        aside = set_aside(path)
        if aside is not None:
            self._aside.append(
                LeftOut(aside, f"{read.reason} It lies in the folder `{aside.parent.name}` now.")
            )

    @property
    def presets(self) -> Mapping[str, Preset]:
        """The presets, by name."""
        return self._presets

    @property
    def left_out(self) -> list[LeftOut]:
        """The files that are not read, with reasons: damaged ones, copies, and those beyond the limit."""
        others = [LeftOut(path, read.reason) for path, read in self._files.items() if read.preset is None]
        copies = [
            LeftOut(path, f"'{read.preset.name}' is in {self._owners[read.preset.name].name} as well.")
            for path, read in self._files.items()
            if read.preset is not None and self._owners.get(read.preset.name) not in (None, path)
        ]
        beyond = [
            LeftOut(path, f"there are more than {MAX_PRESETS} presets.")
            for path, read in self._files.items()
            if read.preset is not None and read.preset.name not in self._owners
        ]
        return [*self._aside, *others, *copies, *beyond]

    def refresh(self) -> Change:
        """Read what has changed since the last time, and return it."""
        self._scan()
        before, self._told = self._told, self._presets
        there = {name: preset for name, preset in self._presets.items() if before.get(name) is not preset}
        return Change(there, tuple(name for name in before if name not in self._presets))

    def refresh_if_touched(self) -> Change:
        """As `refresh`, where files have come or gone since the last time; else at once."""
        try:
            touched = self.path.stat().st_mtime_ns != self._seen
        except OSError:
            touched = self._seen != -1
        return self.refresh() if touched else Change({})

    # -- changing

    def save(self, preset: Preset) -> Change:
        """Write a preset, in the place of one of the same name.

        Raises:
            ConfigError: It cannot be written; what was there is as it was.
        """
        try:
            with locked(self.path):
                self._scan()
                self._write(preset)
                return self.refresh()
        except OSError as error:
            raise _failed(f"'{preset.name}' could not be saved to", self.path, error) from error

    def rename(self, name: str, new: str) -> Change:
        """Call a preset otherwise.

        Raises:
            ProtocolError: There is none of that name, or there is one of the new name.
            ConfigError: The folder cannot be written.
        """
        try:
            with locked(self.path):
                self._scan()
                preset = self._find(name)
                if new in self._presets:
                    raise ProtocolError(f"there is a preset '{new}' already; choose another name.")
                before = self._owners[name]
                after = self._write(replace(preset, name=new))
                if not before.samefile(after):  # it may be, where systems do not tell case apart
                    before.unlink()
                return self.refresh()
        except OSError as error:
            raise _failed(f"'{name}' could not be renamed in", self.path, error) from error

    def delete(self, name: str) -> Change:
        """Move a preset into the bin, and copies of it that are left out before it.

        Raises:
            ProtocolError: There is none of that name.
            ConfigError: It cannot be moved.
        """
        try:
            with locked(self.path):
                self._scan()
                self._find(name)
                mine = [p for p, r in self._files.items() if r.preset is not None and r.preset.name == name]
                for path in sorted(mine, key=lambda path: path == self._owners[name]):
                    move_into(self.bin, path, stem_of(name))
                return self.refresh()
        except OSError as error:
            raise _failed(f"'{name}' could not be deleted from", self.path, error) from error

    def restore(self, name: str) -> Change:
        """Bring back what was deleted last under a name.

        Raises:
            ProtocolError: There is none of that name in the bin, or one has been saved since.
            ConfigError: It cannot be moved.
        """
        try:
            with locked(self.path):
                self._scan()
                if name in self._presets:
                    raise ProtocolError(f"there is a preset '{name}' again; rename that one first.")
                binned = self._binned().get(name)
                if binned is None:
                    raise ProtocolError(f"there is no '{name}' in the bin; /flow/preset/bin lists what is.")
                os.replace(binned, free_path(self.path, stem_of(name), binned.suffix, self._taken()))
                return self.refresh()
        except OSError as error:
            raise _failed(f"'{name}' could not be restored in", self.path, error) from error

    @property
    def bin(self) -> Path:
        """Where deleted presets lie."""
        return self.path / "bin"

    def binned(self) -> list[str]:
        """Return the names of the presets in the bin, in order."""
        return sorted(self._binned())

    # -- inside

    def _binned(self) -> dict[str, Path]:
        """Return the newest file of each name in the bin."""
        found: dict[str, tuple[int, Path]] = {}
        for path in _listed(self.bin):
            preset = self._read(path, (0, 0, 0)).preset
            if preset is None:
                continue
            k = distance(path.stem, preset.name) or 0
            if preset.name not in found or k > found[preset.name][0]:
                found[preset.name] = k, path
        return {name: path for name, (_, path) in found.items()}

    def _find(self, name: str) -> Preset:
        preset = self._presets.get(name)
        if preset is None:
            raise ProtocolError(f"there is no preset '{name}' among those that you saved.")
        return preset

    def _write(self, preset: Preset) -> Path:
        """Write a preset under its own name, or that with a number; remove what it replaces; return where."""
        before = self._owners.get(preset.name)
        path = self._path_of(preset.name)
        there = self._files.get(path)
        if there is not None and there.damaged:
            self._set_aside(path, there)
        write_atomically(path, text_of(preset))
        if before is not None and before != path:
            before.unlink(missing_ok=True)
        return path

    def _path_of(self, name: str) -> Path:
        """Return where a preset belongs: where it is, if that is called like it, else a free place."""
        owner = self._owners.get(name)
        if owner is not None and owner.suffix == SUFFIX and distance(owner.stem, name) is not None:
            return owner
        own = self.path / f"{stem_of(name)}{SUFFIX}"
        there = self._files.get(own)
        if there is not None and there.damaged:
            return own
        return free_path(self.path, stem_of(name), SUFFIX, self._taken())

    def _taken(self) -> set[str]:
        return {folded(path.name) for path in self._files}

    def _scan(self) -> None:
        try:
            self._seen = self.path.stat().st_mtime_ns
        except OSError:
            self._seen = -1
        files: dict[Path, _Read] = {}
        for path, facts in _listed(self.path).items():
            known = self._files.get(path)
            files[path] = known if known is not None and known.facts == facts else self._read(path, facts)
        self._files = files
        owners: dict[str, tuple[tuple[int, int, str], Path, Preset]] = {}
        for path, read in files.items():
            if read.preset is None:
                continue
            name = read.preset.name
            rank = (_rank(path, name), -read.facts[0], path.name)
            if name not in owners or rank < owners[name][0]:
                owners[name] = rank, path, read.preset
        chosen = list(owners.items())[:MAX_PRESETS]
        self._owners = {name: path for name, (_, path, _) in chosen}
        self._presets = {name: preset for name, (_, _, preset) in chosen}

    def _read(self, path: Path, facts: tuple[int, int, int]) -> _Read:
        try:
            return _Read(facts, read_preset(path))
        except OSError as error:
            return _Read(facts, None, f"{path.name} cannot be read: {error.strerror}.")
        except NewerFormat as error:
            return _Read(facts, None, str(error))
        except ConfigError as error:
            regular = stat.S_ISREG(path.stat().st_mode) if path.exists() else False
            return _Read(facts, None, str(error), damaged=regular)


def _listed(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Return the files that may be presets, in order, with what tells a changed one: time, size, identity."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIXES) and not entry.name.startswith("."):
                    found[Path(entry.path)] = _facts(entry.path)
    except OSError:
        return {}
    return dict(sorted(found.items()))


def _facts(path: str) -> tuple[int, int, int]:
    try:
        facts = os.stat(path)  # not those of `scandir`: on Windows they lack the identity
    except OSError:
        return 0, 0, 0  # gone, or a link that leads nowhere
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _rank(path: Path, name: str) -> int:
    """Return how far a file's name is from that of the preset in it."""
    k = distance(path.stem, name)
    if k is not None:
        return 2 * k + (path.suffix != SUFFIX)
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]  # how files were called until November 2026
    return _DIGEST if path.stem == digest else _OTHER


def _failed(what: str, folder: Path, error: OSError) -> ConfigError:
    why = error.strerror or str(error)
    return ConfigError(f"{what} {folder}: {why}. Make it writable, or start the server with --data FOLDER.")
