"""The commands that trained a run: `command.txt` in its folder, for the card of the model."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from core.atomic_file import write_atomically

__all__ = ["command_line", "note_command", "noted_commands"]

_FILE = "command.txt"
_PLACES = ("data", "between", "answers", "runs", "out")  # settings that change nothing but where files lie


def command_line(
    program: str, configs: Sequence[Path], assignments: Sequence[str], minutes: float | None = None
) -> str:
    """Return the command that trains the same elsewhere: without what only says where files lie."""
    words = [config.as_posix() for config in configs]
    for assignment in assignments:
        if assignment.partition("=")[0] not in _PLACES:
            words += ["--set", assignment]
    if minutes is not None:
        words += ["--minutes", f"{minutes:g}"]
    return f"{program} {shlex.join(words)}"


def note_command(run: Path, command: str) -> None:
    """Note a command in a run's folder, unless it is empty or noted already."""
    noted = noted_commands(run)
    if command and command not in noted:
        write_atomically(run / _FILE, "\n".join([*noted, command, ""]))


def noted_commands(run: Path) -> list[str]:
    """Return the commands that trained a run, oldest first; none if it was trained by a program."""
    file = run / _FILE
    return file.read_text("utf-8").splitlines() if file.exists() else []
