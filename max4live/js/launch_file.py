"""What the Flow Server device may start: this Python and this checkout's `run_server.py`, and nothing else.

`python -m max4live.js.launch_file` writes `launch.json` into the user's data folder; `--forget` removes it.
The device reads only that file, so a Set from a stranger cannot name a program.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from server.instrument.presets import data_folder

__all__ = ["launch_file", "main", "write_launch_file"]

SERVER = Path(__file__).resolve().parents[2] / "run_server.py"
_FORMAT = 1


def launch_file() -> Path:
    """Give the place of `launch.json`; nothing is made."""
    return data_folder() / "launch.json"


def write_launch_file(python: Path | None = None) -> Path:
    """Write `launch.json`, whole or not at all.

    Args:
        python: Interpreter that has the project's packages; None for the one that runs now.

    Returns:
        The file.
    """
    path = launch_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not resolved: a virtual environment's python is a link, and works only under its own name.
    command = {
        "format": _FORMAT,
        "python": str((python or Path(sys.executable)).absolute()),
        "script": str(SERVER),
    }
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(command, indent=2) + "\n", encoding="utf-8")
    new.chmod(0o600)
    os.replace(new, path)
    return path


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Let the Flow Server device start this server.")
    parser.add_argument("--forget", action="store_true", help="take the permission back")
    if parser.parse_args(arguments).forget:
        launch_file().unlink(missing_ok=True)
        print(f"removed {launch_file()}")
    else:
        print(f"wrote {write_launch_file()}: the Flow Server device may start {SERVER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
