"""The browser panel beside the server: a process of its own, started again if it dies or hangs."""

import contextlib
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from time import monotonic

from core.errors import ConfigError
from core.system.restarts import Restarts
from server.running import piped_process

__all__ = ["BEAT", "PanelProcess"]

logger = logging.getLogger(__name__)

BEAT = b"\0\n"  # what the panel writes to its standard output each second, while its loop turns
_PATIENCE_S = 0.9
_LOOK_S = 1.0
_SILENT_LOOKS = 30  # that long without a beat, it hangs: on a busy computer it comes last
_STARTING_LOOKS = 300  # until the first one: NiceGUI takes its time on a slow computer
_MOST_RESTARTS, _WITHIN_S = 2, 60.0
_ENDED_BY_ITSELF = (0, 2)  # 2: it has said what a user can put right


class PanelProcess:
    """Starts the panel once, keeps it alive, and stops it.

    Args:
        options: Of `python -m panel`.
        say: Where lines for the player go, its own and those of the panel.
        command: What starts it, for tests.

    Raises:
        ConfigError: What it needs is not installed.
    """

    def __init__(
        self,
        options: list[str],
        say: Callable[[str], None],
        command: tuple[str, ...] = (sys.executable, "-m", "panel", "--until-stdin-closes"),
    ) -> None:
        if find_spec("nicegui") is None:
            raise ConfigError('--panel needs NiceGUI. Install it: python -m pip install -e ".[panel]"')
        self._options = options
        self._say = say
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._watching: threading.Thread | None = None
        self._stopping = threading.Event()
        self._n_silent = 0
        self._has_beaten = False

    def start(self) -> None:
        """Start it, if that has not been done."""
        if self._watching is None:
            self._watching = threading.Thread(target=self._watch, name="panel", daemon=True)
            self._watching.start()

    def stop(self) -> None:
        """Wait a moment for it to end by itself, else kill it."""
        self._stopping.set()
        piped_process.end(self._process, _PATIENCE_S)

    def kill(self) -> None:
        """End it at once. From any thread."""
        self._stopping.set()
        if self._process is not None:
            self._process.kill()

    # -- the thread that watches it

    def _watch(self) -> None:
        restarts = Restarts(_MOST_RESTARTS, _WITHIN_S)
        while not self._stopping.is_set():
            status, hung = self._run_once()
            if status in _ENDED_BY_ITSELF and not hung or self._stopping.wait(_LOOK_S):  # Ctrl-C ends both
                return
            what = "did not answer any more" if hung else f"ended unexpectedly (status {status})"
            if not restarts.allow(monotonic()):
                self._say(f"the panel {what}, again and again. Start it by hand: python -m panel")
                return
            self._say(f"the panel {what} and starts again; its pages come back by themselves")
            self._options = [option for option in self._options if option != "--open"]

    def _run_once(self) -> tuple[int, bool]:
        """Run it until it ends or hangs; return its exit status, and whether it hung."""
        process = piped_process.start([*self._command, *self._options])
        self._n_silent, self._has_beaten, self._process = 0, False, process
        if self._stopping.is_set():  # since the thread looked
            process.kill()
        threading.Thread(target=self._pass_on, args=(process,), name="panel output", daemon=True).start()
        hung, status = False, None
        while status is None:
            try:
                status = process.wait(_LOOK_S)
            except subprocess.TimeoutExpired:
                # Looks are counted, not seconds: a computer that slept has not been silent.
                self._n_silent += 1
                if self._n_silent > (_SILENT_LOOKS if self._has_beaten else _STARTING_LOOKS):
                    hung = True
                    process.kill()
        piped_process.close_input(process)
        return status, hung

    def _pass_on(self, process: "subprocess.Popen[bytes]") -> None:
        """Pass on what it prints, and note its beats."""
        assert process.stdout is not None, "made with a pipe"
        for line in process.stdout:
            if line == BEAT:
                self._n_silent, self._has_beaten = 0, True
                continue
            text = line.decode(errors="replace").rstrip()
            port = re.match(r"panel: http://\S*:(\d+)/", text)
            if port is not None and "--port" not in self._options:
                self._options = [*self._options, "--port", port[1]]  # its pages look for it there
            with contextlib.suppress(OSError, ValueError):  # nobody reads our output any more
                self._say(text)
        process.stdout.close()
