"""Which presets lie in folders: `.vital` files at any depth, and what was left out, with the reason.

Only names, sizes and times are looked at here. Nothing is written, and links are not followed: one that leads
to a file of the same folder would find that file twice, and others lead out of what was given.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from synths.vital_file import MAX_BYTES

__all__ = ["FoundFile", "LeftOut", "Scan", "digest_of", "real_path", "scan"]

SUFFIX = ".vital"
MAX_DEPTH = 12  # folders within folders
MAX_FILES = 10_000
_MAX_ENTRIES = 200_000  # files and folders of any kind that are looked at
_MOST_LEFT_OUT = 1_000
_APPLE_DOUBLE = "._"  # what macOS puts beside a file on a foreign disk


@dataclass(frozen=True, order=True)
class FoundFile:
    """A preset's file.

    Attributes:
        path: Absolute.
        n_bytes: Its size.
        changed_ns: When it was last written, nanoseconds.
    """

    path: Path
    n_bytes: int
    changed_ns: int


@dataclass(frozen=True, order=True)
class LeftOut:
    """A file or folder that is not among the presets, and why, in one line."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Scan:
    """What lies in some folders, sorted by path."""

    found: tuple[FoundFile, ...]
    left_out: tuple[LeftOut, ...]


def scan(folders: Iterable[Path], *, most_bytes: int | None = MAX_BYTES) -> Scan:
    """Find the presets in folders and all that lie in them.

    Args:
        folders: Where to look; one that is missing is left out, as is a folder deeper than 12 below it.
        most_bytes: Larger files are left out; None for none.
    """
    found: dict[Path, FoundFile] = {}
    left_out: dict[Path, str] = {}
    budget = _Budget(_MAX_ENTRIES)
    for folder in folders:
        root = real_path(folder)
        for item in _below(root, root, 0, budget):
            if isinstance(item, LeftOut):
                left_out.setdefault(item.path, item.reason)
            elif most_bytes is not None and item.n_bytes > most_bytes:
                left_out.setdefault(item.path, f"it has more than {most_bytes >> 20} MB")
            elif len(found) < MAX_FILES or item.path in found:
                found[item.path] = item
            else:
                left_out.setdefault(item.path, f"there are more than {MAX_FILES} presets")
            if len(left_out) >= _MOST_LEFT_OUT:
                break
    return Scan(tuple(sorted(found.values())), tuple(sorted(LeftOut(*pair) for pair in left_out.items())))


def real_path(folder: Path) -> Path:
    """Return where a folder lies that somebody named: absolute, without links."""
    return Path(os.path.realpath(folder.expanduser()))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class _Budget:
    """How many entries may still be looked at."""

    left: int


def _below(folder: Path, root: Path, depth: int, budget: _Budget) -> Iterator[FoundFile | LeftOut]:
    if depth > MAX_DEPTH:
        yield LeftOut(folder, f"it lies more than {MAX_DEPTH} folders deep")
        return
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield LeftOut(folder, f"the folder cannot be read: {error.strerror}")
        return
    for entry in listed:
        budget.left -= 1
        if budget.left < 0:
            if budget.left == -1:
                yield LeftOut(folder, f"there are more than {_MAX_ENTRIES} files; name a smaller folder")
            return
        path = Path(entry.path)
        try:
            if _is_link(entry):
                yield from _link(path, root)
            elif entry.is_dir(follow_symlinks=False):
                yield from _below(path, root, depth + 1, budget)
            elif path.suffix.lower() == SUFFIX and not entry.name.startswith(_APPLE_DOUBLE):
                yield _file(entry, path)
        except OSError as error:
            yield LeftOut(path, f"it cannot be read: {error.strerror}")


def _is_link(entry: os.DirEntry[str]) -> bool:
    is_junction = getattr(entry, "is_junction", lambda: False)  # of Windows; Python 3.12
    return entry.is_symlink() or is_junction()


def _link(path: Path, root: Path) -> Iterator[LeftOut]:
    """Note a link to a preset or folder elsewhere; what lies in the same folder is found by itself."""
    target = Path(os.path.realpath(path))
    wanted = target.is_dir() or path.suffix.lower() == SUFFIX
    if wanted and not target.is_relative_to(root):
        yield LeftOut(path, "it is a link out of the folder; give the folder that it leads to as well")


def _file(entry: os.DirEntry[str], path: Path) -> FoundFile | LeftOut:
    if not entry.is_file(follow_symlinks=False):
        return LeftOut(path, "it is not a regular file")
    facts = entry.stat(follow_symlinks=False)
    return FoundFile(path, facts.st_size, facts.st_mtime_ns)
