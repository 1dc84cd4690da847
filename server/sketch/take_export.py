"""Takes on disk for a moment, because a client on this computer asked to hear them.

Nothing that is sung is kept: a file that nobody fetched is deleted here, and at the end every one is.
"""

import contextlib
import os
import threading
from pathlib import Path

import numpy as np

from core.errors import SoundError

__all__ = ["EXPORTED_S", "TakeExports"]

EXPORTED_S = 10.0  # the client that asked reads it at once
_MOST = 4  # files at the same time; the longest take has 3 MB


class TakeExports:
    """Writes takes to files, and deletes them again. Any thread may call it."""

    def __init__(self) -> None:
        self._waiting: dict[Path, threading.Timer] = {}
        self._lock = threading.Lock()

    def write(self, path: Path, audio: np.ndarray, sample_rate: int) -> None:
        """Write mono audio `(n_samples,)` as a WAV that only this user can read, for `EXPORTED_S`.

        Raises:
            SoundError: There are too many, the file exists already, or it cannot be written.
        """
        import soundfile

        with self._lock:
            if len(self._waiting) >= _MOST:
                raise SoundError("several takes wait to be fetched already; ask again in a few seconds.")
            timer = threading.Timer(EXPORTED_S, self._expire, [path])
            timer.daemon = True
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
                with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
                    self._waiting[path] = timer
                    soundfile.write(file, audio, sample_rate, format="WAV", subtype="PCM_16")
            except (soundfile.SoundFileError, OSError) as error:
                if self._waiting.pop(path, None) is not None:  # ours, and cut short
                    _delete(path)
                raise SoundError(
                    f"{path.name} cannot be written ({error}); ask under another name."
                ) from error
            timer.start()

    def close(self) -> None:
        """Delete all files that are still there."""
        for path in list(self._waiting):
            self._expire(path)

    def _expire(self, path: Path) -> None:
        with self._lock:
            timer = self._waiting.pop(path, None)
        if timer is not None:
            timer.cancel()
            _delete(path)


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):  # fetched, and deleted there
        path.unlink(missing_ok=True)
