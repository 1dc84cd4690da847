"""Write the device files.

python -m max4live.build                   frozen, one file each, into max4live/devices
python -m max4live.build --plain FOLDER    unfrozen, with their scripts beside them, for review
"""

import argparse
import sys
from pathlib import Path

from core.atomic_file import write_atomically
from max4live.builder.device import Device
from max4live.builder.errors import DesignError
from max4live.builder.scripts import with_required
from max4live.designs.catalog import DEBUG, DEVICES

__all__ = ["DEVICE_FOLDER", "SCRIPT_FOLDER", "main", "write_frozen", "write_plain"]

_HERE = Path(__file__).parent
SCRIPT_FOLDER = _HERE / "js"
DEVICE_FOLDER = _HERE / "devices"


def write_frozen(device: Device, folder: Path) -> Path:
    """Write a device as one file into a folder, and return its path."""
    path = folder / device.file_name
    _write(path, device.frozen(SCRIPT_FOLDER))
    return path


def write_plain(device: Device, folder: Path) -> Path:
    """Write a device, its scripts and its icons into a folder of its own, and return the device's path."""
    path = folder / device.name / device.file_name
    _write(path, device.plain())
    for name, content in with_required(SCRIPT_FOLDER, device.files()).items():
        _write(path.with_name(name), content)
    return path


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 when all devices are written, 1 when a design is wrong."""
    p = argparse.ArgumentParser(description="Write the Max for Live devices.")
    p.add_argument(
        "--plain", type=Path, metavar="FOLDER", help="write unfrozen devices to this folder, for review"
    )
    p.add_argument(
        "--debug", type=Path, metavar="FOLDER", help="write the device that checks Max itself to this folder"
    )
    given = p.parse_args(arguments)
    try:
        if given.debug:
            paths = [write_frozen(make(), given.debug) for make in DEBUG]
        elif given.plain:
            paths = [write_plain(make(), given.plain) for make in DEVICES]
        else:
            paths = [write_frozen(make(), DEVICE_FOLDER) for make in DEVICES]
    except DesignError as error:
        print(f"max4live.build: {error}", file=sys.stderr)
        return 1
    for path in paths:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
