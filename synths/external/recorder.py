"""Audio from an input of this machine, cut by its time of arrival."""

import threading
from collections import deque
from time import perf_counter
from types import TracebackType
from typing import Any

import numpy as np

from core.errors import DeviceError
from core.native_output import native_output_dropped

__all__ = ["Recorder", "find_input"]

_KEPT_SECONDS = 20.0
_PATIENCE_S = 3.0  # a device that sends nothing for longer is gone
_CLOCK_SECONDS = 0.1  # of blocks that tell the card's clock; with more, drift blurs it


def find_input(wanted: str) -> tuple[int, dict[str, Any]]:
    """Find the audio input whose name contains `wanted`, ignoring case.

    Returns:
        Its number, and the audio system's description of it.

    Raises:
        DeviceError: There is no such input, or no audio system.
    """
    try:
        with native_output_dropped():
            import sounddevice  # starts the audio system, so not before it is needed
    except OSError as error:
        raise DeviceError(
            f"audio does not work here ({error}); on Debian: sudo apt-get install libportaudio2"
        ) from None
    devices = [
        (k, dict(device))
        for k, device in enumerate(sounddevice.query_devices())
        if device["max_input_channels"] > 0
    ]
    for k, device in devices:
        if wanted.lower() in device["name"].lower():
            return k, device
    there = ", ".join(device["name"] for _, device in devices) or "none"
    raise DeviceError(f"no audio input is called '{wanted}'; there are: {there}.")


class Recorder:
    """Keeps the last seconds of an input; a context manager.

    The sound card has a clock of its own. Which sample belongs to which moment is inferred from when the last
    few blocks arrived: a busy machine takes some of them late, so the earliest counts.

    Args:
        wanted: Part of the input's name.
        channels: Record this many, the first ones; None for all, but two at most.

    Attributes:
        name: Of the input.
        sample_rate: Hz, the input's own.

    Raises:
        DeviceError: There is no such input, or it does not open.
    """

    def __init__(self, wanted: str, channels: int | None = None) -> None:
        import sounddevice

        number, device = find_input(wanted)
        self.name = str(device["name"])
        self.sample_rate = int(device["default_samplerate"])
        most = int(device["max_input_channels"])
        self._channels = min(most, 2) if channels is None else channels
        self._ring = np.zeros((int(_KEPT_SECONDS * self.sample_rate), self._channels), np.float32)
        self._n = 0  # samples so far
        self._starts: deque[tuple[float, float]] = deque()  # of each block: time of sample 0, and its own
        self._condition = threading.Condition()
        try:
            with native_output_dropped():
                self._stream = sounddevice.InputStream(
                    device=number, channels=self._channels, samplerate=self.sample_rate, callback=self._record
                )
        except sounddevice.PortAudioError as error:
            raise DeviceError(
                f"the audio input '{self.name}' does not open ({error}); close the program that uses it."
            ) from error

    def _record(self, block: np.ndarray, n: int, _time: Any, _status: Any) -> None:
        now = perf_counter()
        with self._condition:
            indices = np.arange(self._n, self._n + n) % len(self._ring)
            self._ring[indices] = block
            self._n += n
            self._starts.append((now - self._n / self.sample_rate, now))
            while self._starts[0][1] < now - _CLOCK_SECONDS:
                self._starts.popleft()
            self._condition.notify_all()

    def sample_at(self, at: float) -> int:
        """Return the number of the sample that came at a time of `perf_counter`."""
        with self._condition:
            if not self._starts and not self._condition.wait_for(lambda: self._starts, _PATIENCE_S):
                raise DeviceError(f"the audio input '{self.name}' gives nothing; is it connected?")
            return round((at - min(start for start, _ in self._starts)) * self.sample_rate)

    def lag(self) -> float:
        """Return how far its clock is behind ours, in seconds from an arbitrary start.

        Lost audio makes it grow. The driver's own report of overflows is not used: many report blocks that
        are only late.
        """
        with self._condition:
            return min((start for start, _ in self._starts), default=0.0)

    def cut(self, start: int, n: int) -> np.ndarray:
        """Return samples as soon as they have come, float32 `(n_channels, n)`.

        Raises:
            DeviceError: The input has stopped.
        """
        assert n <= len(self._ring) // 2
        with self._condition:
            while self._n < start + n:
                if not self._condition.wait(_PATIENCE_S):
                    raise DeviceError(f"the audio input '{self.name}' has stopped; is it still plugged in?")
            return np.ascontiguousarray(self._ring[np.arange(start, start + n) % len(self._ring)].T)

    def recent(self, seconds: float) -> np.ndarray:
        """Return the last samples, `(n_channels, n)`."""
        n = round(seconds * self.sample_rate)
        with self._condition:
            start = max(0, self._n - n)
        return self.cut(start, n)

    def __enter__(self) -> "Recorder":
        self._stream.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
