"""What presets are called: as their files, each by a name of its own."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

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
        text = unicodedata.normalize("NFC", path.stem.encode("utf-8", "replace").decode())
        text = "".join(letter if letter.isprintable() else " " for letter in text).translate(_FORBIDDEN)
        name = first = text.strip().lstrip(". ")[:_LONGEST].rstrip() or "Preset"
        k = 1
        while name in names:
            k += 1
            name = first[: _LONGEST - len(f" {k}")].rstrip() + f" {k}"
        names[name] = path
    return names
