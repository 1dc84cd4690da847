"""What the Flow Server device may start: this Python with this checkout's `run_server.py`, and nothing else.

`python -m max4live.launch_file` writes `launch.json` into the user's data folder; `--forget` removes it.
The device reads only that file, so a Set from a stranger cannot start another program.
"""

import argparse
import json
import sys
from pathlib import Path

from core.atomic_file import write_atomically
from core.command import print_line
from core.errors import BridgeError, ConfigError
from core.store.data_folder import data_folder

__all__ = ["launch_file", "main", "write_launch_file"]

SERVER = Path(__file__).resolve().parents[1] / "run_server.py"
_FORMAT = 1


def launch_file() -> Path:
    """Return the path of `launch.json`, which may not exist."""
    return data_folder() / "launch.json"


def write_launch_file(python: Path | None = None) -> Path:
    """Write `launch.json`, completely or not at all.

    Args:
        python: Interpreter that has the project's packages; None for this one.

    Returns:
        Its path.

    Raises:
        ConfigError: It cannot be written.
    """
    path = launch_file()
    # Not resolved: the python of a virtual environment is a link, and works only by that path.
    command = {
        "format": _FORMAT,
        "python": str((python or Path(sys.executable)).absolute()),
        "script": str(SERVER),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(command, indent=2) + "\n", private=True)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror}), so the Flow Server device cannot start this "
            "program. Start it yourself: python run_server.py"
        ) from error
    return path


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 2 if the file cannot be written."""
    parser = argparse.ArgumentParser(description="Let the Flow Server device start this server.")
    parser.add_argument("--forget", action="store_true", help="remove the permission")
    if parser.parse_args(arguments).forget:
        launch_file().unlink(missing_ok=True)
        print_line(f"removed {launch_file()}")
        return 0
    try:
        print_line(f"wrote {write_launch_file()}: the Flow Server device may start {SERVER}")
    except BridgeError as error:
        print_line(f"launch_file: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
