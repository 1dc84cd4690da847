"""The process that hears people's presets beside the server: `python -m library`, at low priority."""

import contextlib
import json
import logging
import subprocess
import sys
import threading
from collections import deque
from typing import Any

from server.running import piped_process

__all__ = ["DROPPED", "HearingProcess"]

logger = logging.getLogger(__name__)

DROPPED = "vital-presets"  # folder of the presets that players drop on the panel, beside that of sketches
_PATIENCE_S = 0.5  # for it to end by itself; it is killed safely at any time
_LONGEST_LINE = 1 << 16
_MOST_LINES = 50_000


class HearingProcess:
    """Starts it, reads what it reports, and ends it.

    Args:
        command: What starts it, for tests.
    """

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "library", "--lines")) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._reports: deque[dict[str, Any]] = deque(maxlen=_MOST_LINES)
        self._is_stopped = False

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.poll() is None

    def start(self, arguments: list[str]) -> None:
        """Start it, unless it is running or was told to stop.

        Args:
            arguments: Of `python -m library`.
        """
        if self.is_running or self._is_stopped:
            return
        try:
            process = piped_process.start([*self._command, *arguments])
        except OSError as error:
            logger.warning("presets cannot be heard: %s", error)
            return
        self._process = process
        threading.Thread(target=self._read, args=(process,), name="library", daemon=True).start()

    def collect(self) -> list[dict[str, Any]]:
        """Return what was reported since the last call, oldest first; `ended` with a status comes last."""
        reports = []
        while self._reports:
            reports.append(self._reports.popleft())
        return reports

    def stop(self) -> None:
        """End it: by itself within a moment, else by force."""
        self._is_stopped = True
        piped_process.end(self._process, _PATIENCE_S)

    def kill(self) -> None:
        """End it at once. From any thread."""
        self._is_stopped = True
        if self._process is not None:
            self._process.kill()

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        stdout = process.stdout
        assert stdout is not None, "made with a pipe"
        with stdout:
            while line := stdout.readline(_LONGEST_LINE):
                with contextlib.suppress(ValueError):
                    report = json.loads(line)
                    if isinstance(report, dict):
                        self._reports.append(report)
        self._reports.append({"ended": process.wait()})
