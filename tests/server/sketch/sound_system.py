"""A sound system without hardware: devices with their whims, and what somebody sings into their inputs."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import Pipe
from typing import Any

import numpy as np

from calibration import input_device
from server.sketch.messages import QUIT, pack, unpack
from server.sketch.microphone_process import MicrophoneProcess

BLOCK = 480


class PortAudioError(Exception):
    """As sounddevice's: a text, and PortAudio's number for it."""

    def __str__(self) -> str:
        return f"{self.args[0]} [PaErrorCode {self.args[1]}]"


@dataclass
class Device:
    """An audio input as a system has it.

    Attributes:
        refuses: Whether it refuses to open so many channels at such a rate.
        taken: What the system says while another program has it; empty while none has.
        mute: Whether it opens and then sends nothing.
    """

    name: str
    n_channels: int = 2
    rate: int = 48_000
    refuses: Callable[[int, int], bool] = lambda n_channels, rate: False
    taken: str = ""
    mute: bool = False
    tried: list[tuple[int, int]] = field(default_factory=list)


class SoundSystem:
    """Stands for the module sounddevice.

    Args:
        devices: Inputs; the first is the system's own.
    """

    PortAudioError = PortAudioError

    class default:
        device = (0, 0)

    def __init__(self, *devices: Device) -> None:
        self.devices = list(devices)
        self.open: Stream | None = None

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {
                "index": k,
                "name": d.name,
                "default_samplerate": float(d.rate),
                "max_input_channels": d.n_channels,
            }
            for k, d in enumerate(self.devices)
        ]

    def InputStream(self, **given: Any) -> "Stream":
        return Stream(self, **given)

    def _terminate(self) -> None:
        assert self.open is None, "looked for devices while one was open"

    def _initialize(self) -> None:
        pass

    def sing(self, audio: np.ndarray) -> None:
        """Send audio `(n, n_channels)` into the stream that is open, block by block."""
        assert self.open is not None
        for at in range(0, len(audio), BLOCK):
            self.open.send(audio[at : at + BLOCK])


class Stream:
    """An open input."""

    active = True

    def __init__(
        self, system: SoundSystem, *, device: int, channels: int, samplerate: int, **given: Any
    ) -> None:
        self._system, self._callback = system, given["callback"]
        self.device, self.n_channels, self.rate = system.devices[device], channels, samplerate
        self.device.tried.append((channels, samplerate))
        if self.device.taken:
            raise PortAudioError(self.device.taken, -9985 if "unavailable" in self.device.taken else -9999)
        if channels > self.device.n_channels:
            raise PortAudioError("Invalid number of channels", -9998)
        if self.device.refuses(channels, samplerate):
            raise PortAudioError("Invalid sample rate", -9997)

    def start(self) -> None:
        self._system.open = self

    def send(self, block: np.ndarray) -> None:
        status = type("Status", (), {"input_overflow": False})
        if not self.device.mute:
            self._callback(
                np.ascontiguousarray(block[:, : self.n_channels], np.float32), len(block), None, status
            )

    def abort(self, **_: Any) -> None:
        self._system.open = None

    def close(self, **_: Any) -> None:
        pass


class Process:
    """The microphone process, in a thread, on a sound system."""

    def __init__(self, facts, monkeypatch, *devices: Device) -> None:
        self.system = SoundSystem(*devices)
        monkeypatch.setattr(input_device, "_portaudio", lambda: self.system)
        self.pipe, theirs = Pipe()
        self._thread = threading.Thread(target=MicrophoneProcess(theirs, facts).run, daemon=True)
        self._thread.start()
        self.heard: list[Any] = []

    def send(self, message) -> None:
        self.pipe.send_bytes(pack(message))

    def wait_for(self, *kinds: type, limit_s: float = 10.0):
        """The next report of these kinds; those before it are in `heard`."""
        while self.pipe.poll(limit_s):
            self.heard.append(unpack(self.pipe.recv_bytes()))
            if isinstance(self.heard[-1], kinds):
                return self.heard[-1]
        raise AssertionError(f"none came; {self.heard}")

    def all(self, kind: type) -> list[Any]:
        return [one for one in self.heard if isinstance(one, kind)]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.pipe.send_bytes(QUIT)
        self._thread.join(10)
