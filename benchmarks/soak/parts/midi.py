"""A controller that turns macros through JACK, and what comes back from the server's output."""

import random
import shutil
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from benchmarks.rig.dummy_jack import dummy_jack
from benchmarks.rig.server_process import ROOT
from benchmarks.soak.parts.midi_ear import EAR, EAR_PORT
from benchmarks.soak.parts.part import Part
from core.errors import DeviceError
from server.client import Client

if TYPE_CHECKING:
    from benchmarks.rig.midi_controller import MidiController

__all__ = ["Midi"]

_RATE_HZ = 100.0
_LOOK_EVERY_S = 1.0
_COMMAND_S = 5.0
_ARRIVES_S = 30.0  # at the end: until the last values are where macros stand
_NEAR = 0.5 / 127
_OUT = "Frames"
_PERIOD = 1024  # frames: JACK does not wait for late clients here, and latency is not measured


class Midi(Part):
    """Control changes in, frames out as control changes, both through a JACK server without hardware.

    Args:
        rng: Draws what is turned.
    """

    name = "MIDI through JACK"

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng
        self._due = 0.0
        self._stopping = threading.Event()
        self._connecting = threading.Thread(target=self._keep_connected, daemon=True)
        self._ear: subprocess.Popen[str] | None = None
        self.n_sent = self.n_heard = 0

    def prepare(self, stack: ExitStack, data: Path) -> None:
        """Start JACK, plug the controller in, and bind its knobs."""
        try:
            from benchmarks.rig import midi_controller
        except ImportError:
            raise DeviceError("python-rtmidi is not installed") from None
        if shutil.which("jack_connect") is None:
            raise DeviceError("jack_connect is not installed: sudo apt install jackd2")
        stack.enter_context(dummy_jack(period=_PERIOD, waits=False))
        self._rig, self._data = midi_controller, data
        self._hand: MidiController = stack.enter_context(midi_controller.MidiController("Soak"))
        stack.callback(self.end)
        self._write_profile()
        self.options = ["--midi", "Soak", "--midi-out", _OUT, "--midi-system", "jack"]

    def begin(self, port: int) -> None:
        """Remember where macros are asked for, and listen."""
        self._server_port = port
        self._connecting.start()

    def _write_profile(self) -> None:
        self._rig.write_profiles(self._data, ["Soak"], feedback=True)

    def play(self, now: float) -> None:
        """Turn a macro, if it is time."""
        if now >= self._due:
            self._due = now + 1.0 / _RATE_HZ
            number = self._rig.FIRST_CC + self._rng.randrange(self._rig.N_MACROS)
            self._hand.send(number, self._rng.randrange(128))
            self.n_sent += 1

    def _keep_connected(self) -> None:
        """Keep an ear open, and the server's output connected to it whenever that has come back."""
        while not self._stopping.wait(_LOOK_EVERY_S):
            if self._ear is None or self._ear.poll() is not None:
                command = [sys.executable, "-m", "benchmarks.soak.parts.midi_ear"]
                self._ear = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
                threading.Thread(target=self._count, args=(self._ear,), daemon=True).start()
            with suppress(OSError, subprocess.TimeoutExpired):
                names = _jack("jack_lsp")
                for name in names:
                    if f"{_OUT}:" in name or name.endswith(f":{_OUT}"):
                        _jack("jack_connect", name, f"{EAR}:{EAR_PORT}")  # refused where it is connected

    def _count(self, ear: "subprocess.Popen[str]") -> None:
        assert ear.stdout is not None, "made with a pipe"
        for line in ear.stdout:
            self.n_heard += int(line)
            self.was_well()
        ear.stdout.close()

    def words(self) -> str:
        """Return what it did, for the table."""
        return f"{self.n_sent} control changes in, {self.n_heard} out"

    def last_look(self) -> None:
        """Turn each macro for the last time; that is where it has to stand."""
        self._write_profile()  # hostile packets may have bound something else
        values = [self._rng.randrange(128) for _ in range(self._rig.N_MACROS)]
        deadline, stand = monotonic() + _ARRIVES_S, list[float]()
        while monotonic() < deadline:
            with Client(self._server_port, kind="script", timeout_s=30.0) as client:
                client.send("/flow/learn/stop")
                for k, value in enumerate(values):
                    self._hand.send(self._rig.FIRST_CC + k, (value + 1) % 128)
                    self._hand.send(self._rig.FIRST_CC + k, value)
                sleep(0.5)
            with Client(self._server_port, kind="script", timeout_s=30.0) as client:
                stand = [float(at) for at in client.wait_for("/flow/macros", 2.0) or []]
            if stand and all(abs(v / 127 - at) < _NEAR for v, at in zip(values, stand, strict=False)):
                return
        self.broken.append(f"macros stand at {stand}, and not where MIDI left them: {values} of 127")

    def end(self) -> None:
        """Stop listening."""
        self._stopping.set()
        if self._connecting.is_alive():
            self._connecting.join(2 * _COMMAND_S)
        if self._ear is not None:
            self._ear.kill()
            self._ear.wait()


def _jack(*command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND_S)
    return done.stdout.splitlines()
