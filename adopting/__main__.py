"""Adopt a preset in a process of its own: `python -m adopting FILE FOLDER`.

A line of JSON on standard output for each thing that happens: `stage` is `plays` once the folder can be
loaded, `warning`, `macros` with `done` from 0 to 1, and `ready`. What cannot be adopted is one line on
standard error, and exit status 2. A preset whose tables crash the engine ends this process alone.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from adopting.adopt import Told, adopt
from core.command import exit_status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 2:
        sys.stderr.write("usage: python -m adopting FILE.vital FOLDER\n")
        return 2
    file, out = Path(given[0]), Path(given[1])

    def tell(told: Told) -> None:
        facts = {key: value for key, value in vars(told).items() if value not in ("", 0.0)}
        sys.stdout.write(json.dumps({**facts, "folder": str(out)}) + "\n")
        sys.stdout.flush()

    return exit_status(lambda: adopt(file, out, tell), stopped="stopped")


if __name__ == "__main__":
    sys.exit(main())
