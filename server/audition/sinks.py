"""Where auditioned notes go: the speakers, or a folder of WAV files."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.atomic_file import replacing
from core.errors import DeviceError
from server.audition.crossfader import Crossfader

__all__ = ["FolderSink", "Sink", "SpeakerSink"]


class Sink(Protocol):
    """Where notes go."""

    def open(self) -> int:
        """Open the sink and return the sample rate it wants, Hz.

        Raises:
            DeviceError: It cannot be used.
        """
        ...

    def play(self, audio: np.ndarray) -> None:
        """Play a note, float32 `(n_samples, 2)`.

        Raises:
            DeviceError: It cannot be played.
        """
        ...

    def close(self) -> None:
        """Release what `open` acquired."""
        ...


class SpeakerSink:
    """The default audio output."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._crossfader: Crossfader | None = None

    def open(self) -> int:
        """Start the stream; see `Sink.open`."""
        try:
            import sounddevice  # loads PortAudio, which other sinks do not need
        except (ImportError, OSError) as error:
            raise DeviceError(
                "no sound: PortAudio is missing. Install it: sudo apt install libportaudio2 (Linux), "
                "pip install --force-reinstall sounddevice (macOS, Windows)."
            ) from error
        try:
            sample_rate = 44_100
            try:
                sounddevice.check_output_settings(channels=2, dtype="float32", samplerate=sample_rate)
            except sounddevice.PortAudioError:  # JACK has only one rate
                sample_rate = int(sounddevice.query_devices(kind="output")["default_samplerate"])
            crossfader = Crossfader(sample_rate)

            def callback(out: np.ndarray, frames: int, time: Any, status: Any) -> None:
                crossfader.fill(out)

            stream = sounddevice.OutputStream(
                samplerate=sample_rate, channels=2, dtype="float32", callback=callback
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(
                f"no sound: no audio output works ({error}). Connect one and start again, or write the notes "
                "to files with --audition-to FOLDER."
            ) from error
        self._stream, self._crossfader = stream, crossfader
        return sample_rate

    def play(self, audio: np.ndarray) -> None:
        """Play a note; see `Sink.play`."""
        assert self._crossfader is not None, "opened first"
        self._crossfader.offer(audio)

    def close(self) -> None:
        """Stop the stream."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class FolderSink:
    """A folder of 16-bit WAV files, `0001.wav` first; numbers go on after those that exist.

    Args:
        folder: Made when the sink is opened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._sample_rate = 44_100

    def open(self) -> int:
        """Make the folder; see `Sink.open`."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            numbers = [int(path.stem) for path in self._folder.glob("*.wav") if path.stem.isdigit()]
        except OSError as error:
            raise DeviceError(
                f"{self._folder} cannot be written: {error.strerror}; choose another folder."
            ) from error
        self._count = max(numbers, default=0)
        return self._sample_rate

    def play(self, audio: np.ndarray) -> None:
        """Write a note, whole or not at all; see `Sink.play`."""
        import soundfile

        path = self._folder / f"{self._count + 1:04d}.wav"
        try:
            with replacing(path) as partial:
                soundfile.write(partial, audio, self._sample_rate, subtype="PCM_16", format="WAV")
        except (OSError, soundfile.SoundFileError) as error:
            raise DeviceError(f"{path} cannot be written: {error}; choose another folder.") from error
        self._count += 1

    def close(self) -> None:
        """Do nothing, since nothing is held open."""
