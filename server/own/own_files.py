"""The preset files in the folders that the server was given, each under a name of its own.

No name from the network is ever a path: what is asked for is looked up among what was found.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from core.errors import PatchError

__all__ = ["MAX_BYTES", "MAX_FILES", "OwnFile", "check_size", "find_own_files"]

MAX_BYTES = 50 << 20  # of a preset; the largest that people make have about 10 MB
MAX_FILES = 10_000
_MAX_DEPTH = 12  # folders within folders
_SUFFIX = ".vital"
_APPLE_DOUBLE = "._"  # what macOS puts beside a file on a foreign disk
_LONGEST = 64  # characters of a name
_FORBIDDEN = str.maketrans(dict.fromkeys("/\\:", "-"))  # what could be a path
# Vital writes keys in the order of the alphabet: these come before the settings, which are long.
_HEAD_BYTES = 16 << 10
_TEXT = re.compile(rb'"(author|preset_style)"\s*:\s*("(?:[^"\\]|\\.){0,256}")')


@dataclass(frozen=True, kw_only=True)
class OwnFile:
    """A preset file.

    Attributes:
        name: That it is asked for by: as the file, with a number where that is taken.
        path: Absolute.
        n_bytes, changed_ns: Its size, and when it was last written.
    """

    name: str
    path: Path
    n_bytes: int
    changed_ns: int

    def described(self) -> tuple[str, str]:
        """Return the author and the style that the beginning of the file names; empty where it names none."""
        try:
            with self.path.open("rb") as file:
                head = file.read(_HEAD_BYTES)
        except OSError:
            return "", ""
        found = {key.decode(): text for key, text in reversed(_TEXT.findall(head))}
        return _read_text(found.get("author", b'""')), _read_text(found.get("preset_style", b'""'))


def find_own_files(folders: Iterable[Path]) -> dict[str, OwnFile]:
    """Return the presets in folders by name, in the order of their paths; links are not followed.

    Args:
        folders: Where to look, and in all folders within them; one that cannot be read has none.
    """
    found: dict[Path, os.stat_result] = {}
    for folder in folders:
        for path, facts in _below(Path(os.path.realpath(folder.expanduser())), 0):
            if len(found) >= MAX_FILES:
                break
            found[path] = facts
    names: dict[str, OwnFile] = {}
    for path, facts in sorted(found.items()):
        name = _free_name(path.stem, names)
        names[name] = OwnFile(name=name, path=path, n_bytes=facts.st_size, changed_ns=facts.st_mtime_ns)
    return names


def check_size(file: OwnFile) -> None:
    """Check that a file may be a preset, before anything reads it.

    Raises:
        PatchError: It is too large.
    """
    if file.n_bytes > MAX_BYTES:
        raise PatchError(
            f"'{file.name}' has more than {MAX_BYTES >> 20} MB, so it is no preset. Choose another file."
        )


def _below(folder: Path, depth: int) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in listed:
        try:
            if entry.is_dir(follow_symlinks=False) and depth < _MAX_DEPTH:
                yield from _below(Path(entry.path), depth + 1)
            elif _is_preset(entry):
                yield Path(entry.path), entry.stat(follow_symlinks=False)
        except OSError:
            continue


def _is_preset(entry: "os.DirEntry[str]") -> bool:
    is_named = entry.name.lower().endswith(_SUFFIX) and not entry.name.startswith(_APPLE_DOUBLE)
    return is_named and entry.is_file(follow_symlinks=False)


def _free_name(stem: str, taken: Iterable[str]) -> str:
    text = normalize("NFC", stem.encode("utf-8", "replace").decode())
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    name = first = text.translate(_FORBIDDEN).strip().lstrip(". ")[:_LONGEST].rstrip() or "Preset"
    k = 1
    while name in taken:
        k += 1
        name = first[: _LONGEST - len(f" {k}")].rstrip() + f" {k}"
    return name


def _read_text(raw: bytes) -> str:
    try:
        text = json.loads(raw)
    except ValueError:
        return ""
    return text if isinstance(text, str) else ""
