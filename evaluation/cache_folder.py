"""Where this program keeps what can be computed again."""

import os
import sys
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder(part: str) -> Path:
    """Return the cache folder for one purpose, made if absent.

    `XDG_CACHE_HOME` wins on every system; otherwise it is where the system keeps caches.
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
