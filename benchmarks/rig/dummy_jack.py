"""A JACK server without hardware, for this process and its children."""

import contextlib
import os
import shutil
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
    jack = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = monotonic() + _PATIENCE_S
        while subprocess.run(["jack_lsp"], capture_output=True).returncode != 0:
            if monotonic() > deadline:
                raise DeviceError("jackd does not start. Try it by hand: jackd --no-realtime -d dummy")
            sleep(0.1)
        yield jack
    finally:
        jack.terminate()
        try:
            jack.wait(15)  # it waits 10 s for a client that left without closing
        except subprocess.TimeoutExpired:
            jack.kill()
            jack.wait()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
