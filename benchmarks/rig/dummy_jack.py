"""A JACK server without hardware, for this process and its children."""

import contextlib
import itertools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

from core.errors import DeviceError

__all__ = ["dummy_jack"]

_PATIENCE_S = 10.0
_REGISTRY = Path("/dev/shm/jack-shm-registry")  # has eight places for servers
_numbers = itertools.count()


@contextlib.contextmanager
def dummy_jack(
    rate_hz: int = 48_000, period: int = 128, *, waits: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `jackd` until the end of the block, and yield its process.

    Args:
        rate_hz: Frames a second.
        period: Frames.
        waits: Whether it waits for late clients, 2 s at most, so that a busy machine drops nothing. It
            does not survive that a client is killed; without waiting it does.

    Raises:
        DeviceError: JACK is not installed or does not start.
    """
    if shutil.which("jackd") is None:
        raise DeviceError("jackd is not installed: sudo apt install jackd2")
    name = f"flow-{os.getpid()}-{next(_numbers)}"
    added = {"JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1"}
    before = {key: os.environ.get(key) for key in added}
    os.environ |= added
    command = ["jackd", "--no-realtime", *(("-S", "-t", "2000") if waits else ()), "-d", "dummy"]
    command += ["-r", str(rate_hz), "-p", str(period)]
    try:
        try:
            jack = _start(command, name)
        except DeviceError:
            _free_places(command)
            jack = _start(command, name)
        try:
            yield jack
        finally:
            _end(jack)
            if name in _kept_places():  # it did not end by itself, or not in good order
                _end(_start(command, name))
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _start(command: list[str], name: str) -> subprocess.Popen[bytes]:
    own = {**os.environ, "JACK_DEFAULT_SERVER": name}
    jack = subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = monotonic() + _PATIENCE_S
    while subprocess.run(["jack_lsp"], env=own, capture_output=True).returncode != 0:
        if monotonic() > deadline or jack.poll() is not None:
            _end(jack)
            raise DeviceError("jackd does not start; try it by hand: jackd --no-realtime -d dummy")
        sleep(0.1)
    return jack


def _free_places(command: list[str]) -> None:
    """Free the places of servers that were killed, as was the program that started them.

    JACK keeps such a place until another server of that name has ended.
    """
    for name, pid in _kept_places().items():
        if not Path(f"/proc/{pid}").exists():
            with contextlib.suppress(DeviceError):
                _end(_start(command, name))


def _kept_places() -> dict[str, str]:
    """Return the servers of ours that have a place, by name, and the process that started each."""
    try:
        registry = _REGISTRY.read_bytes().decode("latin-1")
    except OSError:
        return {}
    return dict(re.findall(r"(flow-(\d+)-\d+)", registry))


def _end(jack: subprocess.Popen[bytes]) -> None:
    jack.terminate()
    try:
        jack.wait(15)  # it waits 10 s for a client that went without a word
    except subprocess.TimeoutExpired:
        jack.kill()
        jack.wait()
