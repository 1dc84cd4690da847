"""What every part of a soak has."""

from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import ClassVar

__all__ = ["Part"]


class Part:
    """Something that is played with, and has to come back after every fault.

    Attributes:
        name: For people.
        patience_s: How long it may show nothing while a server answers.
        options: More for `run_server.py`.
        port: TCP port that the server opens for it; 0 for none.
        broken: What went wrong, in words.
        n: How often it was well.
    """

    name: ClassVar[str]
    patience_s: ClassVar[float] = 90.0

    def __init__(self) -> None:
        self.options: list[str] = []
        self.port = 0
        self.broken: list[str] = []
        self.n = 0
        self._well_at = monotonic()

    def prepare(self, stack: ExitStack, data: Path) -> None:
        """Get ready before the server starts: find programs, choose options.

        Args:
            stack: Ends what is started, after the server.
            data: The server's data folder.

        Raises:
            DeviceError: A program is not there, so this part is left out.
        """

    def begin(self, port: int) -> None:
        """Begin, with the server on that UDP port."""

    def play(self, now: float) -> None:
        """Do a little; called often."""

    def restarted(self) -> None:
        """Note that the server was killed, and another one is about to start."""

    def server_is_there(self) -> None:
        """Note that a server answers now: from here on, it is waited for no longer than `patience_s`."""
        self._well_at = monotonic()

    def was_well(self) -> None:
        """Note that it has just done what it should."""
        self.n += 1
        self._well_at = monotonic()

    def is_silent(self) -> bool:
        """Whether it has shown nothing for too long."""
        return monotonic() - self._well_at > self.patience_s

    def words(self) -> str:
        """Return what it did, for the table."""
        return f"well {self.n} times"

    def last_look(self) -> None:
        """Check, with all hands off, what has to be so at the end."""

    def end(self) -> None:
        """Stop; the server has ended."""
