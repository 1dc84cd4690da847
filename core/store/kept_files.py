"""Files that nothing overwrites: a number where a name is taken, a bin, and damaged files set aside."""

import contextlib
import os
import re
import time
import unicodedata
from collections.abc import Collection
from pathlib import Path

from core.store.data_folder import make_private
from core.store.file_names import file_stem

__all__ = ["distance", "folded", "free_path", "move_into", "set_aside", "stem_of", "sweep"]

_MOST_BYTES = 180  # of a stem: file systems take 255, and a number and an ending come to it
_STALE_S = 3600.0  # a partial file this old belongs to a program that was killed
_MOST_NUMBERS = 100_000


def stem_of(name: str) -> str:
    """Return the file name, without ending, of something that a player named; two names may have the same.

    >>> stem_of("Bass?"), stem_of("Bass*")
    ('Bass-', 'Bass-')
    """
    stem = file_stem(unicodedata.normalize("NFC", name))
    data = stem.encode()
    return stem if len(data) <= _MOST_BYTES else data[:_MOST_BYTES].decode(errors="ignore").rstrip(". ")


def folded(name: str) -> str:
    """Return a file name as the systems compare it that tell neither case nor spellings of accents apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def distance(stem: str, name: str) -> int | None:
    """Return how far a stem is from a name's own: 0 for its own, k for that with the number k, else None.

    >>> distance("Bass", "Bass"), distance("Bass 2", "Bass"), distance("Bass (1)", "Bass")
    (0, 2, None)
    """
    own, given = folded(stem_of(name)), folded(stem)
    if given == own:
        return 0
    numbered = re.fullmatch(re.escape(own) + r" ([1-9][0-9]{0,5})", given)
    return int(numbered[1]) if numbered else None


def free_path(folder: Path, stem: str, suffix: str, taken: Collection[str] | None = None) -> Path:
    """Return the first path that is free: `STEM`, `STEM 2`, `STEM 3` and so on.

    Args:
        folder: Where; locked by the caller.
        stem: Of the file.
        suffix: With its dot.
        taken: Folded names that are in use beside the files that are there.

    Raises:
        FileExistsError: There is none.
    """
    for k in range(1, _MOST_NUMBERS):
        path = folder / f"{stem}{f' {k}' if k > 1 else ''}{suffix}"
        if not os.path.lexists(path) and folded(path.name) not in (taken or ()):
            return path
    raise FileExistsError(f"{folder} has too many files called {stem}")


def move_into(folder: Path, path: Path, stem: str = "") -> Path:
    """Move a file into a folder under a number above all there of its name, and return where it lies.

    Args:
        folder: Made if it is not there.
        path: The file.
        stem: What it is called there, without ending; as now, if not given.

    Raises:
        OSError: It cannot be moved.
    """
    make_private(folder)
    stem = stem or path.stem
    numbers = (distance(other.stem, stem) for other in folder.iterdir())
    k = 1 + max((max(k, 1) for k in numbers if k is not None), default=0)
    target = folder / f"{stem}{f' {k}' if k > 1 else ''}{path.suffix}"
    os.replace(path, target)
    return target


def set_aside(path: Path) -> Path | None:
    """Move a damaged file into `damaged` beside it; return where it lies, None where it cannot be moved."""
    with contextlib.suppress(OSError):
        return move_into(path.parent / "damaged", path)
    return None


def sweep(folder: Path) -> None:
    """Remove partial files that programs left which were killed long ago."""
    for path in folder.glob(".*.partial"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_S:
                path.unlink()
