"""Copy the devices into Ableton Live's User Library, where Live's browser shows them.

    python -m max4live.user_library

It also lets the Flow Server device start this server; see `max4live.launch_file`.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from core.atomic_file import write_atomically
from core.command import print_line
from core.errors import BridgeError, ConfigError
from max4live.launch_file import write_launch_file

__all__ = ["copy_devices", "find_user_library", "main"]

DEVICES = Path(__file__).parent / "devices"
_FOLDER = "Flow Synth Live"


def find_user_library() -> Path | None:
    """Return Live's User Library: where Live's settings say that it is, else its usual place."""
    home = Path.home()
    if sys.platform == "win32":
        settings = Path(os.environ.get("APPDATA") or home / "AppData/Roaming") / "Ableton"
        usual = home / "Documents/Ableton/User Library"
    else:
        settings = home / "Library/Preferences/Ableton"
        usual = home / "Music/Ableton/User Library"
    # Each version of Live has one of its own: the last written belongs to the one in use.
    files = sorted(settings.rglob("Library.cfg"), key=_written_at, reverse=True)
    places = [place for path in files for place in _places_in(path)]
    return next((place for place in [*places, usual] if place.is_dir()), None)


def _written_at(path: Path) -> float:
    with contextlib.suppress(OSError):  # a link to a drive that is not connected
        return path.stat().st_mtime
    return 0.0


def _places_in(path: Path) -> Iterator[Path]:
    """Yield the User Library that one of Live's settings files names."""
    with contextlib.suppress(OSError, ElementTree.ParseError, ValueError):
        for project in ElementTree.parse(path).iterfind(".//UserLibrary//LibraryProject"):
            folder, name = project.find("ProjectPath"), project.find("ProjectName")
            if folder is not None and name is not None:
                place = Path(folder.get("Value", ""), name.get("Value", ""))
                if place.is_absolute():  # else it would be sought where this program was started
                    yield place


def copy_devices(library: Path) -> Path:
    """Copy every device into a folder of its own in a library, over older ones; return that folder.

    Raises:
        ConfigError: The library cannot be written.
    """
    folder = library / _FOLDER
    try:
        folder.mkdir(exist_ok=True)
        for device in sorted(DEVICES.glob("*.amxd")):
            write_atomically(folder / device.name, device.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"the devices cannot be copied to {folder} ({error.strerror}). "
            f"Drag them into Live from {DEVICES}."
        ) from error
    return folder


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if devices are copied or not wanted, 2 for what a user can put right."""
    parser = argparse.ArgumentParser(description="Copy the devices into Ableton Live's User Library.")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="the library (default: Live's own)")
    parser.add_argument("--ask", action="store_true", help="ask first, and only if there is a library")
    given = parser.parse_args(arguments)
    library = find_user_library() if given.to is None else given.to.expanduser()
    if given.ask and (library is None or not _is_wanted(library)):
        return 0
    try:
        if library is None or not library.is_dir():
            raise ConfigError(
                f"there is no {library or 'User Library of Ableton Live'} here. Start Live once, or name its "
                "folder: python -m max4live.user_library --to FOLDER"
            )
        print_line(f"The devices are in {copy_devices(library)}: in Live's browser, under User Library.")
        write_launch_file()
    except BridgeError as error:
        print_line(f"user_library: {error}", file=sys.stderr)
        return 2
    print_line("The Flow Server device can start this program.")
    return 0


def _is_wanted(library: Path) -> bool:
    print_line(f"Ableton Live keeps its User Library in {library}.")
    try:
        answer = input("Copy the devices there, and let the Flow Server device start this program? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes")


if __name__ == "__main__":
    sys.exit(main())
