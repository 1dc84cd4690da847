"""The preset files in the folders that the server was given, each under a name of its own.

No name from the network is ever a path: what is asked for is looked up among what was found.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import PatchError
from library.names import names_of
from library.scan import scan
from synths.vital_file import MAX_BYTES

__all__ = ["MAX_BYTES", "OwnFile", "check_size", "find_own_files"]

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
    found = {file.path: file for file in scan(folders, most_bytes=None).found}
    return {
        name: OwnFile(name=name, path=path, n_bytes=found[path].n_bytes, changed_ns=found[path].changed_ns)
        for name, path in names_of(found).items()
    }


def check_size(file: OwnFile) -> None:
    """Check that a file may be a preset, before anything reads it.

    Raises:
        PatchError: It is too large.
    """
    if file.n_bytes > MAX_BYTES:
        raise PatchError(
            f"'{file.name}' has more than {MAX_BYTES >> 20} MB, so it is no preset. Choose another file."
        )


def _read_text(raw: bytes) -> str:
    try:
        text = json.loads(raw)
    except ValueError:
        return ""
    return text if isinstance(text, str) else ""
