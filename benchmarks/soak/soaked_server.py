"""A server that is killed, stopped and started again, always with the same ports and data."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import psutil

from benchmarks.rig.server_process import ROOT, free_port
from core.errors import DeviceError

__all__ = ["Figures", "SoakedServer"]

_CLOCK = Path(__file__).parent / "clock"
_ENDS_S = 20.0
_LAST_LINES = 20  # of a server that has ended by itself
_LONGEST_COMMAND = 100  # characters
_ORPHANS_S = 60.0  # until what it had started has noticed: it has a low priority, and may just be starting


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a server takes of the machine.

    Attributes:
        at: Seconds of the monotonic clock.
        mib: Resident memory of the server itself.
        n_files, n_threads: Of it, sockets among the files.
        n_processes: That it has started.
    """

    at: float
    mib: float
    n_files: int
    n_threads: int
    n_processes: int


class SoakedServer:
    """Runs `run_server.py`, with all that it printed.

    Args:
        model: Name or folder.
        data: Its data folder.
        options: More of the command line.
        ports: TCP ports that have to be free at the end.

    Attributes:
        port: UDP port.
        said: The last lines that it has printed.
        left: What it left behind when it was killed, in words.
    """

    def __init__(self, model: str, data: Path, options: Sequence[str], ports: Sequence[int] = ()) -> None:
        self.port, self.data, self.tcp_ports = free_port(), data, tuple(ports)
        self._command = [sys.executable, "run_server.py", "--model", model, "--port", str(self.port)]
        self._command += ["--reply-port", str(free_port()), "--data", str(data), "--seed", "1", *options]
        self._clock = data / "clock"
        self._clock.write_bytes(struct.pack("d", 0.0))
        self.said: deque[str] = deque(maxlen=2_000)
        self.left: list[str] = []
        self._orphans: list[tuple[float, psutil.Process]] = []  # when they were orphaned
        self._excused: set[Path] = set()  # partial files of a writer that was killed
        self.start()

    def start(self) -> None:
        """Start it; it answers some seconds later."""
        paths = [str(_CLOCK), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONFAULTHANDLER": "1"}
            | {"FLOW_SOAK_CLOCK": str(self._clock)},
        )
        self._listening = threading.Thread(target=self._listen, args=(self.process,), daemon=True)
        self._listening.start()

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None, "made with a pipe"
        with contextlib.suppress(ValueError, OSError):  # closed by the end of the soak
            for line in process.stdout:
                self.said.append(line.decode(errors="replace").rstrip())
            process.stdout.close()

    # -- what is done to it

    def kill(self) -> None:
        """End it as a power cut does."""
        orphans = self.children()
        self.process.kill()
        self.process.wait()
        for orphan in orphans:
            with contextlib.suppress(psutil.Error):
                orphan.resume()  # one that stood still could not notice
        self._orphans += [(monotonic(), orphan) for orphan in orphans]
        self._excused |= self._partials()

    def freeze(self, still: bool) -> None:
        """Have it stand still, as on a computer that swaps, or go on."""
        os.kill(self.process.pid, signal.SIGSTOP if still else signal.SIGCONT)

    def fill_disk(self, full: bool) -> None:
        """Forbid its files to grow, as a full disk does, or allow it again."""
        unlimited = psutil.RLIM_INFINITY
        psutil.Process(self.process.pid).rlimit(psutil.RLIMIT_FSIZE, (0 if full else unlimited, unlimited))

    def step_clock(self, seconds: float) -> None:
        """Set its wall clock, and those of its processes, so far from the true one."""
        with self._clock.open("r+b") as file:
            file.write(struct.pack("d", seconds))

    def children(self) -> list[psutil.Process]:
        """Return the processes that it has started, and theirs."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def workers(self) -> list[psutil.Process]:
        """Return the processes that it has started itself and looks after, oldest first."""
        found = []
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children():
                if not any("resource_tracker" in word for word in child.cmdline()):  # Python's own
                    found.append(child)
        return sorted(found, key=lambda child: child.pid)

    # -- how it is

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self.process.poll() is None

    def check_is_running(self, when: str) -> None:
        """Check that it has not ended by itself.

        Raises:
            DeviceError: It has.
        """
        if not self.is_running:
            self._listening.join(_ENDS_S)
            last = " | ".join(list(self.said)[-_LAST_LINES:])
            raise DeviceError(f"{when}: the server has ended by itself ({self.process.returncode}): {last}")

    def figures(self) -> Figures:
        """Return what it takes of the machine now."""
        process = psutil.Process(self.process.pid)
        return Figures(
            at=monotonic(),
            mib=process.memory_info().rss / 2**20,
            n_files=process.num_fds(),
            n_threads=process.num_threads(),
            n_processes=len(self.children()),
        )

    def look_for_orphans(self) -> None:
        """Note what a server that was killed left running for too long."""
        waiting = []
        for since, process in self._orphans:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if monotonic() - since > _ORPHANS_S:
                self.left.append(f"{_words(process)} of a server that was killed")
                process.kill()
            else:
                waiting.append((since, process))
        self._orphans = waiting

    def last_words(self) -> str:
        """Return the line with which it ended; empty if there is none."""
        self._listening.join(_ENDS_S)
        return next((line for line in reversed(self.said) if line.startswith("stopped")), "")

    def end_at_once(self) -> None:
        """Kill it, and what it has started, if something went wrong with the soak."""
        for process in [*self.children(), *(child for _, child in self._orphans)]:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if self.is_running:
            self.process.kill()
            self.process.wait()

    def _partials(self) -> set[Path]:
        return set(self.data.rglob(".*.partial"))

    def stop(self) -> float:
        """End it with SIGTERM, note what is left of it, and return how many seconds it took.

        Raises:
            DeviceError: It does not end.
        """
        children = self.children()
        began = monotonic()
        self.process.terminate()
        try:
            self.process.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise DeviceError(f"the server did not end within {_ENDS_S:g} s of SIGTERM.") from None
        seconds = monotonic() - began
        _, alive = psutil.wait_procs([*children, *(p for _, p in self._orphans)], timeout=_ORPHANS_S)
        self.left += [_words(process) for process in alive]
        self.left += [str(path) for path in sorted(self._partials() - self._excused)]
        if not _is_free(self.port, socket.SOCK_DGRAM):
            self.left.append(f"UDP port {self.port}")
        self.left += [f"TCP port {port}" for port in self.tcp_ports if not _is_free(port, socket.SOCK_STREAM)]
        return seconds


def _words(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return f"process {process.pid} ({process.status()}): {' '.join(process.cmdline())[:_LONGEST_COMMAND]}"
    return f"process {process.pid}"


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as sock:
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections may linger
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
