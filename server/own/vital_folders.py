"""Where Vital keeps presets on this computer."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["vital_folders"]


def vital_folders(
    home: Path | None = None, system: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> list[Path]:
    """Return the folders in which Vital keeps its user's presets, of those that are there.

    A folder that the user chose in Vital instead is not known here.

    Args:
        home: The user's.
        system: As `sys.platform`.
        environment: Of the process.
    """
    home = home or Path.home()
    if system == "darwin":
        places = [home / "Music" / "Vital", home / "Documents" / "Vital"]
    elif system == "win32":
        roots = [home, *(Path(environment[name]) for name in ("OneDrive",) if environment.get(name))]
        places = [root / "Documents" / "Vital" for root in roots]
    else:
        shared = environment.get("XDG_DATA_HOME", "")
        roots = [home / ".local/share", *([Path(shared)] if shared else [])]
        places = [*(root / "vital" for root in roots), home / "Documents" / "Vital"]
    return [place for place in dict.fromkeys(places) if place.is_dir()]
