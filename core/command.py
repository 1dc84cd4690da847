"""How a command ends, and what it shows: exit status, errors in one line, Ctrl-C, and no control codes.

Names of files and devices are other people's, and may hold codes that steer a terminal.
"""

import contextlib
import logging
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TextIO

from core.errors import BridgeError

__all__ = [
    "PrintableFormatter",
    "exit_status",
    "held_interrupt",
    "log_to_terminal",
    "print_line",
    "printable",
    "tell",
]


def exit_status(work: Callable[[], int | None], *, stopped: str = "stopped") -> int:
    """Do a command's work with messages on standard error, and return the exit status.

    Args:
        work: What the command does; it may return a status of its own.
        stopped: What to say after Ctrl-C.

    Returns:
        The status of `work`, or 0; 2 after a `BridgeError`, which is logged in one line; 130 after Ctrl-C.
    """
    log_to_terminal(logging.INFO)
    try:
        return work() or 0
    except BridgeError as error:
        logging.error("%s", error)
        return 2
    except KeyboardInterrupt:
        logging.info("%s", stopped)
        return 130


@contextlib.contextmanager
def held_interrupt() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C back, and yield a function that tells whether it was pressed; twice is at once.

    Whoever asks then saves what there is and raises `KeyboardInterrupt`. In a thread other than the main one
    there is nothing to hold back, and the function returns False.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


# Control codes, marks that turn the direction of writing, and halves of characters, which cannot be written;
# line ends and tabulators stay, and so do the joiners of Persian and of emoji.
_UNPRINTABLE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Return a text with what could steer a terminal written out.

    >>> print(printable("Bass\x1b[2J"))
    Bass\x1b[2J
    """
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def print_line(text: object, file: TextIO | None = None) -> None:
    """Print a line at once, on standard output if nothing else is given."""
    print(printable(str(text)), file=file, flush=True)


def tell(text: object) -> None:
    """Print a line for whoever watches a program that runs on; that nobody does any more is no error."""
    with contextlib.suppress(OSError, ValueError):  # the output is closed, or its disk is full
        print_line(text)


class PrintableFormatter(logging.Formatter):
    """Formats a record as `logging.Formatter` does, for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        return printable(super().format(record))


def log_to_terminal(level: int, form: str = "%(message)s") -> None:
    """Log to standard error, unless the program has said where already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PrintableFormatter(form))
    logging.basicConfig(level=level, handlers=[handler])
