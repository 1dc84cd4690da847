"""A server that is killed, stopped and started again, always with the same ports and data."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from time import monotonic, sleep

import psutil

from benchmarks.rig.server_process import ROOT, free_port
from core.errors import DeviceError
from server.client import Client

__all__ = ["Figures", "SoakedServer"]

Figures = tuple[float, int, int, int]  # MiB of memory, open files and sockets, threads, processes of its own


class SoakedServer:
    """Runs `run_server.py`, with all that it printed.

    Args:
        model: Name or folder.
        data: Its data folder.
        options: More of the command line.
    """

    def __init__(self, model: str, data: Path, options: list[str]) -> None:
        self.port, self.query_port, self.data = free_port(), free_port(), data
        self._command = [sys.executable, "run_server.py", "--model", model, "--port", str(self.port)]
        self._command += ["--reply-port", str(free_port()), "--data", str(data), "--seed", "1"]
        self._command += ["--oscquery", str(self.query_port), *options]
        self.said: deque[str] = deque(maxlen=2_000)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            DeviceError: It does not.
        """
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        Client(self.port, kind="device", timeout_s=180.0).close()

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None, "made with a pipe"
        for line in process.stdout:
            self.said.append(line.decode(errors="replace").rstrip())
        process.stdout.close()

    def kill(self) -> None:
        """End it as a power cut does, and start it again."""
        self.process.kill()
        self.process.wait()
        self.start()

    def freeze(self, seconds: float) -> None:
        """Stop it for a while, as a computer does that swaps."""
        os.kill(self.process.pid, signal.SIGSTOP)
        sleep(seconds)
        os.kill(self.process.pid, signal.SIGCONT)

    def fill_disk(self, full: bool) -> None:
        """Forbid its files to grow, as a full disk does, or allow it again."""
        unlimited = psutil.RLIM_INFINITY
        psutil.Process(self.process.pid).rlimit(psutil.RLIMIT_FSIZE, (0 if full else unlimited, unlimited))

    def figures(self) -> Figures:
        """Return what it takes of the machine now."""
        process = psutil.Process(self.process.pid)
        return (
            process.memory_info().rss / 2**20,
            process.num_fds(),
            process.num_threads(),
            len(process.children(recursive=True)),
        )

    def stop(self) -> tuple[float, list[str]]:
        """End it with SIGTERM; return how many seconds it took, and what is left of it, in words."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        began = monotonic()
        self.process.terminate()
        try:
            self.process.wait(20.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise DeviceError("the server did not end within 20 s of SIGTERM.") from None
        seconds = monotonic() - began
        _, alive = psutil.wait_procs(children, timeout=2.0)
        left = [f"process {child.pid}" for child in alive]
        return seconds, left + [str(path) for path in self.data.rglob(".*.partial")]
