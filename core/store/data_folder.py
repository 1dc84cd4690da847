"""Where this user's own data belongs: presets, exports, sketches, and what was measured of devices."""

import contextlib
import os
import stat
import sys
from pathlib import Path

__all__ = ["data_folder", "make_private", "open_data_folder"]

_PRIVATE = 0o700


def data_folder() -> Path:
    """Return the folder where this user's data belongs on this system, without making it."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "Flow Synth Live"
    if sys.platform == "darwin":
        return home / "Library/Application Support/Flow Synth Live"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "flow-synth-live"


def make_private(folder: Path) -> None:
    """Make a folder, if it is not there, that only this user can look into; Windows keeps the user's own so.

    So are the folders above it that have to be made.

    Raises:
        OSError: It cannot be made.
    """
    if not folder.parent.is_dir():
        make_private(folder.parent)
    folder.mkdir(exist_ok=True, mode=_PRIVATE)


def open_data_folder(given: Path | None) -> Path:
    """Return the folder to use. The system's own, and one that is new, is closed to other users.

    Args:
        given: On the command line; None for the system's own.
    """
    folder = (given or data_folder()).expanduser().absolute()
    with contextlib.suppress(OSError):  # whoever writes there says so
        make_private(folder)
        others = stat.S_IRWXG | stat.S_IRWXO
        if given is None and sys.platform != "win32" and folder.stat().st_mode & others:
            folder.chmod(_PRIVATE)  # made by an earlier version
    return folder
