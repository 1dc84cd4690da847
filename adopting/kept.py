"""Where adopted presets are kept: a model folder each, named by the preset and by what is in its file."""

import hashlib
import re
from pathlib import Path

from core.errors import PatchError

__all__ = ["folder_for"]

_MOST_LETTERS = 40
_DIGITS = 8


def folder_for(root: Path, file: Path) -> Path:
    """Return the folder in which a preset file is kept once it is adopted; it need not exist.

    A file of the same name with other contents has a folder of its own, and a copy of the file has the same.

    Args:
        root: Folder of all that are adopted.
        file: The preset.

    Raises:
        PatchError: The file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise PatchError(f"{file} cannot be read: {error.strerror}; check the path.") from error
    letters = re.sub(r"[^\w-]+", "-", file.stem)[:_MOST_LETTERS].strip("-._") or "preset"
    return root / f"{letters}-{digest.hexdigest()[:_DIGITS]}"
