"""Processes beside the server that end when their standard input does: also when the server is killed."""

import contextlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

__all__ = ["close_input", "end", "start"]

_ROOT = Path(__file__).resolve().parents[2]


def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a program of ours, with pipes to its standard input and from its standard output.

    Raises:
        OSError: It cannot be started.
    """
    return subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def end(process: "subprocess.Popen[bytes] | None", patience_s: float) -> None:
    """End a process that there may be: by itself within a moment, else by force."""
    if process is None:
        return
    close_input(process)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def close_input(process: "subprocess.Popen[bytes]") -> None:
    """Close what a process reads, which asks it to end."""
    with contextlib.suppress(OSError):
        process.stdin.close()  # type: ignore[union-attr]  # made with a pipe
