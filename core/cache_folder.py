"""Where this program keeps what it can make again."""

import os
import sys
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder(part: str) -> Path:
    """Give the folder for one kind of thing that can be made again; it is made if absent.

    `XDG_CACHE_HOME` wins on every system; otherwise it is the place where the system keeps such things.
    """
    home = Path.home()
    if "XDG_CACHE_HOME" in os.environ:
        above = Path(os.environ["XDG_CACHE_HOME"])
    elif sys.platform == "darwin":
        above = home / "Library" / "Caches"
    elif sys.platform == "win32":
        above = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        above = home / ".cache"
    folder = above / "flow-synth-live" / part
    folder.mkdir(parents=True, exist_ok=True)
    return folder
