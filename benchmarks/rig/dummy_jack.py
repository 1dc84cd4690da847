"""A JACK server without hardware, for this process and its children."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from time import monotonic, sleep

from core.errors import DeviceError

__all__ = ["dummy_jack"]

_PATIENCE_S = 10.0


@contextlib.contextmanager
def dummy_jack(rate_hz: int = 48_000, period: int = 128) -> Iterator[subprocess.Popen[bytes]]:
    """Run `jackd` until the end of the block, and yield its process.

    It is synchronous: JACK waits for late clients, so nothing is dropped on a busy machine.

    Raises:
        DeviceError: JACK is not installed or does not start.
    """
    if shutil.which("jackd") is None:
        raise DeviceError("jackd is not installed: sudo apt install jackd2")
    added = {"JACK_DEFAULT_SERVER": f"flow-{os.getpid()}", "JACK_NO_AUDIO_RESERVATION": "1"}
    before = {name: os.environ.get(name) for name in added}
    os.environ |= added
    command = ["jackd", "--no-realtime", "-S", "-t", "10000", "-d", "dummy"]
    command += ["-r", str(rate_hz), "-p", str(period)]
    try:
        jack = _start(command)
        try:
            yield jack
        finally:
            _end(jack)
            if jack.returncode == -signal.SIGKILL:
                # JACK counts a killed server as one of its eight until another of that name has ended.
                _end(_start(command))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    jack = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = monotonic() + _PATIENCE_S
    while subprocess.run(["jack_lsp"], capture_output=True).returncode != 0:
        if monotonic() > deadline:
            _end(jack)
            raise DeviceError("jackd does not start; try it by hand: jackd --no-realtime -d dummy")
        sleep(0.1)
    return jack


def _end(jack: subprocess.Popen[bytes]) -> None:
    jack.terminate()
    try:
        jack.wait(15)  # it waits 10 s for a client that went without a word
    except subprocess.TimeoutExpired:
        jack.kill()
        jack.wait()
