"""The default audio output."""

from typing import Any

import numpy as np

from core.errors import DeviceError
from core.native_output import native_output_dropped
from core.system.live_priority import SLICE_NS, ask_for_slice
from sounding.shared_stream import Listener

__all__ = ["Speaker"]

_RATE = 44_100  # Hz, where the device has it


class Speaker:
    """Plays a stream through the default audio output.

    Attributes:
        n_gaps: Times that the output ran dry.
        sample_rate: Hz.

    Raises:
        DeviceError: There is no output, or no PortAudio.
    """

    def __init__(self) -> None:
        self._listener: Listener | None = None
        self._stream: Any = None
        self.n_gaps = 0
        try:
            with native_output_dropped():  # ALSA and JACK report at length what they do not find
                import sounddevice  # loads PortAudio, which a browser does not need
        except (ImportError, OSError) as error:
            raise DeviceError(
                "no sound: PortAudio is missing. Install it: sudo apt install libportaudio2 (Linux), "
                "pip install --force-reinstall sounddevice (macOS, Windows)."
            ) from error
        self._sounddevice = sounddevice
        try:
            self.sample_rate = _RATE
            try:
                with native_output_dropped():
                    sounddevice.check_output_settings(channels=2, dtype="float32", samplerate=_RATE)
            except sounddevice.PortAudioError:  # JACK has only one rate
                self.sample_rate = int(sounddevice.query_devices(kind="output")["default_samplerate"])
        except (sounddevice.PortAudioError, ValueError) as error:
            raise _no_output(error) from error

    def start(self, listener: Listener) -> None:
        """Play what a listener hears.

        Raises:
            DeviceError: The output does not start.
        """
        self._listener = listener
        first = [True]

        def callback(out: np.ndarray, frames: int, time: Any, status: Any) -> None:
            if first:  # this thread is PortAudio's: only here can it ask
                first.clear()
                ask_for_slice(SLICE_NS)
            self.n_gaps += bool(status.output_underflow)
            listener.read(out)

        try:
            with native_output_dropped():
                self._stream = self._sounddevice.OutputStream(
                    samplerate=self.sample_rate, channels=2, dtype="float32", latency="low", callback=callback
                )
            self._stream.start()
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise _no_output(error) from error

    def close(self) -> None:
        """Stop playing."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        if self._listener is not None:
            self._listener.leave()


def _no_output(error: Exception) -> DeviceError:
    return DeviceError(
        f"no sound: no audio output works ({error}). Connect one and start again, or play in the browser: "
        "python run_server.py --panel"
    )
