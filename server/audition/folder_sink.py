"""Where auditioned notes go: a folder of WAV files."""

from pathlib import Path
from typing import Protocol

import numpy as np

from core.atomic_file import replacing
from core.errors import DeviceError

__all__ = ["FolderSink", "Sink"]


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
