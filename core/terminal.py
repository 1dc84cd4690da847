"""What goes to a terminal: names of files and devices are other people's, and may hold its control codes."""

import logging
import re
import sys
from typing import TextIO

__all__ = ["PrintableFormatter", "log_to_terminal", "print_line", "printable"]

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
