"""The sketch folder: which sound files clients may name, and which of them are takes that are deleted."""

import logging
import re
import time
from pathlib import Path

from core.errors import ProtocolError
from core.store.data_folder import make_private
from core.store.file_names import is_reserved
from server.osc.guard import MAX_TEXT

__all__ = ["check_file_name", "is_take_file", "sketch_folder"]

logger = logging.getLogger(__name__)

_FORGOTTEN_S = 3600.0  # nobody will ask for a take this old
# How Flow Sketch and the panel name the takes that they record: read once, then deleted.
_TAKE_FILE = re.compile(r"sketch-\d{1,10}-\d{1,10}\.[a-z0-9]{3,4}")


def check_file_name(name: str) -> str:
    """Return the name if it is that of a file, and not a path; its content tells whether it is a sound.

    Raises:
        ProtocolError: It could be a path.
    """
    if not 1 <= len(name) <= 128 or not name.isprintable() or name.startswith("."):
        raise ProtocolError("name a sound file in the sketch folder: 1 to 128 characters, no dot first.")
    if any(sign in name for sign in '/\\:<>"|?*') or name.strip() != name or is_reserved(name):
        raise ProtocolError("that is no plain file name; put the file into the sketch folder and name it.")
    return name


def is_take_file(name: str) -> bool:
    """Whether a file of this name is a take, which is deleted once it has been read."""
    return _TAKE_FILE.fullmatch(name) is not None


def sketch_folder(data: Path) -> Path:
    """Return the sketch folder in the user's data, made if absent; old takes in it are deleted."""
    folder = data / "sketches"
    if len(folder.as_posix().encode("utf-8", "replace")) > MAX_TEXT:
        logger.warning(
            "%s has too long a path for messages: takes of devices and panels cannot be sketches. Start with "
            "--data FOLDER.",
            folder,
        )
    try:
        make_private(folder)
        for path in folder.iterdir():
            if is_take_file(path.name) and time.time() - path.stat().st_mtime > _FORGOTTEN_S:
                path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("%s: %s; sound files cannot be sketches. Start with --data FOLDER.", folder, error)
    return folder
