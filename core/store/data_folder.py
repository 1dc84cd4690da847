"""Where this user's own data belongs: presets, exports, sketches, and what was measured of devices."""

import os
import sys
from pathlib import Path

__all__ = ["data_folder"]


def data_folder() -> Path:
    """Return the folder where this user's data belongs on this system, without making it."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "Flow Synth Live"
    if sys.platform == "darwin":
        return home / "Library/Application Support/Flow Synth Live"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "flow-synth-live"
