"""What presets are called: as their files, each by a name of its own."""

from collections.abc import Iterable
from pathlib import Path

from library.heard import shown

__all__ = ["names_of"]

_LONGEST = 64  # characters, as of every preset's name
_FORBIDDEN = str.maketrans(dict.fromkeys("/\\:", "-"))  # what could be a path when it is asked for


def names_of(paths: Iterable[Path]) -> dict[str, Path]:
    """Return presets by name, in the order of their paths: `Bass`, and where that is taken, `Bass 2`.

    Args:
        paths: Of their files.
    """
    names: dict[str, Path] = {}
    for path in sorted(paths):
        text = path.stem.encode("utf-8", "replace").decode()
        stem = shown(text).translate(_FORBIDDEN).lstrip(". ") or "Preset"
        name, k = stem, 1
        while name in names:
            k += 1
            ending = f" {k}"
            name = stem[: _LONGEST - len(ending)].rstrip() + ending
        names[name] = path
    return names
