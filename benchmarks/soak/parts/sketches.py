"""A client that has sketches answered, one after the other."""

import importlib.util
from contextlib import ExitStack
from pathlib import Path

from benchmarks.rig.device import Device
from benchmarks.soak.parts.part import Part
from core.errors import DeviceError
from server.osc.addresses import Value

__all__ = ["Sketches"]

_REFINE_S = 2
_AGAIN_S = 2.0  # after an answer
_RATE = 48_000


class Sketches(Part):
    """Asks for patches that sound like a file; each has to be answered, or refused with a word."""

    name = "sketches"
    patience_s = 240.0  # torch and the model are loaded anew after each fault that ends the process

    def __init__(self) -> None:
        super().__init__()
        self._device: Device | None = None
        self._waits = False
        self._next_at = 0.0
        self.n_done = 0

    def prepare(self, stack: ExitStack, data: Path) -> None:
        """Write the sound that is sketched."""
        for module in ("torch", "vita", "soundfile"):
            if importlib.util.find_spec(module) is None:
                raise DeviceError(f"{module} is not installed")
        import soundfile

        from benchmarks.sketch import voice

        folder = data / "sketches"
        folder.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / "soak.wav", voice(), _RATE)
        self.options = ["--refine", str(_REFINE_S)]
        stack.callback(self.end)

    def begin(self, port: int) -> None:
        """Register with an instrument of its own."""
        self._device = Device(port, "soak-sketch", self._heard, kind="script")

    def play(self, now: float) -> None:
        """Ask for the next sketch once the last one is answered."""
        if self._device is None:
            return
        self._device.beat(now)
        self._device.drain()
        if self._device.welcome and not self._waits and now >= self._next_at:
            self._waits, self._next_at = True, now + _AGAIN_S
            self._device.send("/flow/sketch/file", "soak.wav", 0)
        elif self._waits:
            self._next_at = now + _AGAIN_S

    def _heard(self, address: str, values: list[Value]) -> None:
        is_over = address == "/flow/sketch/state" and values[0] in ("done", "failed")
        if self._waits and (is_over or (address == "/flow/error" and values[0] == "/flow/sketch/file")):
            self._waits = False
            self.n_done += address == "/flow/sketch/state" and values[0] == "done"
            self.was_well()

    def restarted(self) -> None:
        """Wait for the server that comes now."""
        self._waits = False
        if self._device is not None:
            self._device.forget_server()

    def words(self) -> str:
        """Return what it did, for the table."""
        return f"{self.n_done} answered, {self.n - self.n_done} refused or failed"

    def end(self) -> None:
        """Unregister."""
        if self._device is not None:
            self._device.close()
            self._device = None
