"""The process that adopts one preset: `python -m adopting FILE FOLDER`, at low priority."""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["COMMAND", "AdoptingProcess", "Report"]

logger = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "adopting")
_ROOT = Path(__file__).resolve().parents[2]
_READING, _NICENESS = 4, 15  # somebody waits until it plays; then knobs, sound and sketches come first
_LONGEST_LINE = 1 << 12
_REFUSED = 2  # exit status: it has said what a user can put right
_STAGES = ("plays", "macros", "warning", "ready")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What happened.

    Attributes:
        stage: `plays`: the folder can be loaded; `macros`: they are being made; `ready`: they are made;
            `failed`: it has ended without them, and the text says why; `ended`: it has ended.
        done: How much of the macros is made, 0 to 1.
        text: In words, or empty.
    """

    stage: Literal["plays", "macros", "warning", "ready", "failed", "ended"]
    done: float = 0.0
    text: str = ""


class AdoptingProcess:
    """Starts the process, reads what it tells, and ends it.

    Args:
        file: The preset.
        folder: Where the model folder is to be.
        report: Called with each report, from other threads; the last is `failed` or `ended`.
        command: What starts it.
    """

    def __init__(
        self, file: Path, folder: Path, report: Callable[[Report], None], command: Sequence[str] = COMMAND
    ) -> None:
        self._arguments = [*command, str(file), str(folder)]
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._is_killed = False
        self._last_words = ""
        self._was_ready = False

    def start(self) -> None:
        """Start it; return at once."""
        threading.Thread(target=self._run, name="adopting", daemon=True).start()

    def kill(self) -> None:
        """End it at once. From any thread."""
        self._is_killed = True
        if self._process is not None:
            self._process.kill()

    def _run(self) -> None:
        try:
            process = subprocess.Popen(
                self._arguments,
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # of Windows
            )
        except OSError as error:
            self._report(Report(stage="failed", text=f"presets cannot be adopted here: {error.strerror}."))
            return
        self._process = process
        _lower_priority(process, _READING)
        if self._is_killed:
            process.kill()
        listening = threading.Thread(target=self._read_errors, args=(process,), daemon=True)
        listening.start()
        self._read(process)
        listening.join()
        self._tell_end(process.wait())

    def _tell_end(self, status: int) -> None:
        if self._is_killed or (status == 0 and self._was_ready):
            self._report(Report(stage="ended"))
        elif status == _REFUSED and self._last_words:
            self._report(Report(stage="failed", text=self._last_words))
        else:
            text = f"the process that adopts it ended (status {status}). Choose the preset again."
            self._report(Report(stage="failed", text=text))

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None, "made with a pipe"
        with process.stdout as lines:
            while line := lines.readline(_LONGEST_LINE):
                try:
                    told = json.loads(line)
                    stage, done = told["stage"], float(told.get("done", 0.0))
                except (ValueError, TypeError, KeyError, AttributeError):
                    logger.debug("the process that adopts said %r", line)
                    continue
                if stage in _STAGES:
                    if stage == "plays":
                        _lower_priority(process, _NICENESS)
                    self._was_ready |= stage == "ready"
                    done = min(max(done, 0.0), 1.0) if done == done else 0.0
                    self._report(Report(stage=stage, done=done, text=str(told.get("text", ""))))

    def _read_errors(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None, "made with a pipe"
        with process.stderr as lines:
            while line := lines.readline(_LONGEST_LINE):
                text = line.decode(errors="replace").strip()
                logger.debug("the process that adopts: %s", text)
                self._last_words = text or self._last_words


def _lower_priority(process: "subprocess.Popen[bytes]", niceness: int) -> None:
    """Let everything else come first, but for Windows, where that is said at the start."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
