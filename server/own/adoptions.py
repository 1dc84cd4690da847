"""The presets that are being adopted: which processes run, and which wait for one of them to end."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from server.own.adopting_process import COMMAND, AdoptingProcess, Report
from server.own.own_files import OwnFile

__all__ = ["Adoption", "Adoptions"]

MOST_RUNNING = 2  # each has all of one core, if nobody needs it
MOST_WAITING = 64


class Adoption:
    """A preset that is being adopted.

    Args:
        file: The preset.
        folder: Where its model folder is to be.

    Attributes:
        plays: Whether the folder can be loaded.
        process: What adopts it; None while it waits.
    """

    def __init__(self, file: OwnFile, folder: Path) -> None:
        self.file = file
        self.folder = folder
        self.plays = False
        self.process: AdoptingProcess | None = None


class Adoptions:
    """All of them, by the name of the folder. For the loop.

    Args:
        post: Has something called on the loop; from any thread.
        told: Called on the loop with what an adoption reports.
        command: What starts the process.
    """

    def __init__(
        self,
        post: Callable[[Callable[[], None]], None],
        told: Callable[[Adoption, Report], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._post = post
        self._told = told
        self._command = command
        self._running: dict[str, Adoption] = {}
        self._waiting: dict[str, Adoption] = {}

    def get(self, name: str) -> Adoption | None:
        """Return the adoption whose folder has that name."""
        return self._running.get(name) or self._waiting.get(name)

    def add(self, file: OwnFile, folder: Path, needed: Iterable[str]) -> Adoption | None:
        """Adopt a preset, or wait until there is room; None where too many wait.

        Args:
            file: The preset.
            folder: Where its model folder is to be.
            needed: Names of the folders that somebody plays or waits for; others make room.
        """
        known = self.get(folder.name)
        if known is not None:
            return known
        self._drop_all_but({*needed, folder.name})
        if len(self._waiting) >= MOST_WAITING:
            return None
        adoption = self._waiting[folder.name] = Adoption(file, folder)
        self._start_waiting()
        return adoption

    def kill(self) -> None:
        """End all processes at once. From any thread."""
        for adoption in list(self._running.values()):
            if adoption.process is not None:
                adoption.process.kill()

    def _drop_all_but(self, needed: set[str]) -> None:
        """End what nobody waits for any more, if something else needs the room."""
        self._waiting = {name: one for name, one in self._waiting.items() if name in needed}
        if len(self._running) < MOST_RUNNING:
            return
        for name, adoption in list(self._running.items()):
            if name not in needed:
                self._end(adoption)
                if adoption.process is not None:
                    adoption.process.kill()

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < MOST_RUNNING:
            name, adoption = next(iter(self._waiting.items()))
            del self._waiting[name]
            self._running[name] = adoption

            def report(report: Report, adoption: Adoption = adoption) -> None:
                self._post(lambda: self._receive(adoption, report))

            file, folder = adoption.file.path, adoption.folder
            adoption.process = AdoptingProcess(file, folder, report, self._command)
            adoption.process.start()

    def _receive(self, adoption: Adoption, report: Report) -> None:
        if self._running.get(adoption.folder.name) is not adoption:  # it was ended
            return
        adoption.plays |= report.stage == "plays"
        if report.stage in ("failed", "ended"):
            self._end(adoption)
        self._told(adoption, report)
        self._start_waiting()

    def _end(self, adoption: Adoption) -> None:
        self._running.pop(adoption.folder.name, None)
