"""List, rename, delete and restore the presets that you saved, with or without a running server.

    python -m server.presets list
    python -m server.presets rename "Monday" "Monday, brighter"

A server that runs learns of it within seconds.
"""

import argparse
import sys
from pathlib import Path

from core.command import print_line
from core.errors import BridgeError, ConfigError
from core.store.data_folder import data_folder
from server.instrument.preset_file import check_name
from server.instrument.preset_folder import PresetFolder

__all__ = ["main"]

_ACTIONS = ("list", "bin", "rename", "delete", "restore")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    p = argparse.ArgumentParser(prog="python -m server.presets", description=__doc__.splitlines()[0])
    p.add_argument("--data", type=Path, help="folder of the server's data (default: the user's data folder)")
    p.add_argument(
        "action",
        choices=_ACTIONS,
        metavar="ACTION",
        help="list, bin (what was deleted), rename, delete or restore",
    )
    p.add_argument(
        "names", nargs="*", metavar="NAME", help="presets; to rename one, its name and the new one"
    )
    return p


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 2 for what a user can put right."""
    given = parser().parse_args(arguments)
    folder = PresetFolder((given.data or data_folder()).expanduser().absolute() / "presets")
    try:
        for line in _lines(folder, given):
            print_line(line)
    except BridgeError as error:
        print_line(f"presets: {error}", file=sys.stderr)
        return 2
    return 0


def _lines(folder: PresetFolder, given: argparse.Namespace) -> list[str]:
    names = [check_name(name) for name in given.names]
    if given.action == "bin":
        return folder.binned() or ["The bin is empty."]
    if given.action == "rename":
        if len(names) != 2:
            raise ConfigError("give the name of a preset, and its new name.")
        folder.rename(*names)
        return [f"'{names[0]}' is called '{names[1]}' now."]
    if given.action in ("delete", "restore"):
        if not names:
            raise ConfigError(f"name the presets to {given.action}.")
        for name in names:
            (folder.delete if given.action == "delete" else folder.restore)(name)
        return [f"'{name}' is {'in the bin' if given.action == 'delete' else 'back'}." for name in names]
    folder.refresh()
    n = len(folder.presets)
    lines = [*folder.presets, f"{n} preset{'' if n == 1 else 's'} in {folder.path}"]
    return [*lines, *(f"left out: {one.path}: {one.reason}" for one in folder.left_out)]


if __name__ == "__main__":
    sys.exit(main())
