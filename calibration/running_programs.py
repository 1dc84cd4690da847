"""Which programs run: some files must not be changed while the program that reads them runs."""

import csv
import subprocess
import sys
from pathlib import PurePath

__all__ = ["running_programs"]

_PATIENCE_S = 10.0


def running_programs() -> set[str] | None:
    """Return the names of all running programs, without folder and `.exe`.

    Returns:
        The names, or None if the system does not say.
    """
    command = ["tasklist", "/fo", "csv", "/nh"] if sys.platform == "win32" else ["ps", "-A", "-o", "comm="]
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_PATIENCE_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    if sys.platform == "win32":
        rows = [row[0] for row in csv.reader(said.splitlines()) if row]
        return {row[:-4] if row.lower().endswith(".exe") else row for row in rows}
    return {PurePath(line.strip()).name for line in said.splitlines() if line.strip()}
