"""List, rename, delete and restore the presets that you saved, with or without a running server.

    python -m server.presets list
    python -m server.presets rename "Monday" "Monday, brighter"

A server that runs learns of it within seconds.
"""

import argparse
import sys
from pathlib import Path

from core.data_folder import data_folder
from core.errors import BridgeError
from server.instrument.preset_file import check_name
from server.instrument.preset_folder import PresetFolder

__all__ = ["main"]


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    p = argparse.ArgumentParser(prog="python -m server.presets", description=__doc__.splitlines()[0])
    p.add_argument("--data", type=Path, help="folder of the server's data (default: the user's data folder)")
    commands = p.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="list the presets, and the files that are left out, with reasons")
    commands.add_parser("bin", help="list what was deleted")
    one = commands.add_parser("rename", help="call a preset otherwise")
    one.add_argument("name")
    one.add_argument("new_name")
    for command, text in (("delete", "move presets into the bin"), ("restore", "bring presets back")):
        several = commands.add_parser(command, help=text)
        several.add_argument("names", nargs="+", metavar="name")
    return p


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 2 for what a user can put right."""
    given = parser().parse_args(arguments)
    folder = PresetFolder((given.data or data_folder()).expanduser().absolute() / "presets")
    try:
        for line in _lines(folder, given):
            print(line)
    except BridgeError as error:
        print(f"presets: {error}", file=sys.stderr)
        return 2
    return 0


def _lines(folder: PresetFolder, given: argparse.Namespace) -> list[str]:
    if given.command == "bin":
        return folder.binned() or ["The bin is empty."]
    if given.command == "rename":
        folder.rename(check_name(given.name), check_name(given.new_name))
        return [f"'{given.name}' is called '{given.new_name}' now."]
    if given.command in ("delete", "restore"):
        work = folder.delete if given.command == "delete" else folder.restore
        for name in given.names:
            work(check_name(name))
        return [
            f"'{name}' is {'in the bin' if given.command == 'delete' else 'back'}." for name in given.names
        ]
    folder.refresh()
    n = len(folder.presets)
    lines = [*folder.presets, f"{n} preset{'' if n == 1 else 's'} in {folder.path}"]
    return [*lines, *(f"left out: {one.path}: {one.reason}" for one in folder.left_out)]


if __name__ == "__main__":
    sys.exit(main())
