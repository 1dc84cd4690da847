"""A controller that turns macros through JACK, and what comes back from the server's output."""

import importlib.util
import random
import shutil
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep

from benchmarks.rig.dummy_jack import dummy_jack
from benchmarks.rig.server_process import ROOT
from benchmarks.soak.parts.midi_desk import DESK, EAR, EAR_PORT
from benchmarks.soak.parts.part import Part
from core.errors import DeviceError
from server.client import Client

__all__ = ["Midi"]

_RATE_HZ = 100.0
_LOOK_EVERY_S = 1.0
_COMMAND_S = 5.0
_SETTLES_S = 2.0  # until the server has read a profile
_ARRIVES_S = 60.0  # at the end: until the last values are where macros stand
_NEAR = 0.5 / 127
_OUT = "Frames"
_PERIOD = 1024  # frames: JACK does not wait for late clients here, and latency is not measured


class Midi(Part):
    """Control changes in, frames out as control changes, both through a JACK server without hardware.

    A client that is killed may leave JACK unable to serve the next one, so JACK ends with the server: what
    cuts the power of one cuts that of the other.

    Args:
        rng: Draws what is turned.
    """

    name = "MIDI through JACK"

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng
        self._due = 0.0
        self._jack = ExitStack()
        self._desk: subprocess.Popen[str] | None = None
        self._changing = threading.Lock()  # JACK, and with it the desk
        self._stopping = threading.Event()
        self._connecting = threading.Thread(target=self._keep_connected, daemon=True)
        self.n_sent = self.n_heard = 0

    def prepare(self, stack: ExitStack, data: Path) -> None:
        """Start JACK, plug the controller in, and bind its knobs."""
        if importlib.util.find_spec("rtmidi") is None:
            raise DeviceError("python-rtmidi is not installed")
        for program in ("jackd", "jack_lsp", "jack_connect"):
            if shutil.which(program) is None:
                raise DeviceError(f"{program} is not installed: sudo apt install jackd2")
        from benchmarks.rig import midi_controller

        self._rig, self._data = midi_controller, data
        stack.callback(self.end)
        self._plug_in()
        self._write_profile()
        self.options = ["--midi", DESK, "--midi-out", _OUT, "--midi-system", "jack"]

    def _plug_in(self) -> None:
        self._jack.enter_context(dummy_jack(period=_PERIOD, waits=False))
        self._start_desk()

    def _start_desk(self) -> None:
        command = [sys.executable, "-m", "benchmarks.soak.parts.midi_desk"]
        pipe = subprocess.PIPE
        self._desk = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        threading.Thread(target=self._count, args=(self._desk,), daemon=True).start()

    def _count(self, desk: "subprocess.Popen[str]") -> None:
        assert desk.stdout is not None, "made with a pipe"
        for line in desk.stdout:
            self.n_heard += int(line)
            self.was_well()
        desk.stdout.close()

    def _unplug(self) -> None:
        if self._desk is not None:
            self._desk.kill()
            self._desk.wait()
            with suppress(OSError):
                self._desk.stdin.close()  # type: ignore[union-attr]  # made with a pipe
        self._jack.close()

    def _write_profile(self) -> None:
        self._rig.write_profiles(self._data, [DESK], feedback=True)

    def begin(self, port: int) -> None:
        """Remember where macros are asked for, and listen."""
        self._server_port = port
        self._connecting.start()

    def play(self, now: float) -> None:
        """Turn a macro, if it is time."""
        if now >= self._due:
            self._due = now + 1.0 / _RATE_HZ
            self._send(self._rng.randrange(self._rig.N_MACROS), self._rng.randrange(128))

    def _send(self, knob: int, value: int) -> None:
        desk = self._desk
        assert desk is not None and desk.stdin is not None, "started in `prepare`, with a pipe"
        with suppress(OSError, ValueError):  # it is started again
            desk.stdin.write(f"{self._rig.FIRST_CC + knob} {value}\n")
            desk.stdin.flush()
            self.n_sent += 1

    def _keep_connected(self) -> None:
        """Keep the desk alive, and the server's output connected to it."""
        while not self._stopping.wait(_LOOK_EVERY_S):
            with self._changing, suppress(OSError, subprocess.TimeoutExpired):
                if self._desk is not None and self._desk.poll() is not None:
                    self._start_desk()
                for name in _jack("jack_lsp"):
                    if f"{_OUT}:" in name or name.endswith(f":{_OUT}"):
                        _jack("jack_connect", name, f"{EAR}:{EAR_PORT}")  # refused where it is connected

    def restarted(self) -> None:
        """Start JACK again, too."""
        with self._changing:
            self._unplug()
            self._plug_in()

    def words(self) -> str:
        """Return what it did, for the table."""
        return f"{self.n_sent} control changes in, {self.n_heard} out"

    def last_look(self) -> None:
        """Turn each macro for the last time; that is where it has to stand."""
        values = [self._rng.randrange(128) for _ in range(self._rig.N_MACROS)]
        deadline, stand = monotonic() + _ARRIVES_S, list[float]()
        while monotonic() < deadline:
            with Client(self._server_port, kind="script", timeout_s=30.0) as client:
                client.send("/flow/learn/stop")  # hostile packets may have begun to learn, or a path
                client.send("/flow/path/run", 0)
                sleep(_SETTLES_S)
                self._write_profile()  # or bound something else
                sleep(_SETTLES_S)
                for k, value in enumerate(values):
                    self._send(k, (value + 1) % 128)
                    self._send(k, value)
                sleep(_SETTLES_S)
            with Client(self._server_port, kind="script", timeout_s=30.0) as client:
                stand = [float(at) for at in client.wait_for("/flow/macros", 2.0) or []]
            if stand and all(abs(v / 127 - at) < _NEAR for v, at in zip(values, stand, strict=False)):
                return
        self.broken.append(f"macros stand at {stand}, and not where MIDI left them: {values} of 127")

    def end(self) -> None:
        """Stop listening, and end JACK."""
        self._stopping.set()
        if self._connecting.is_alive():
            self._connecting.join(3 * _COMMAND_S)
        self._unplug()


def _jack(*command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND_S)
    return done.stdout.splitlines()
