"""Sounds on their way between browser, panel and server, through the sketch folder.

An uploaded file is decoded, checked, and what was decoded is written under a name of our own: neither the
file's name nor its bytes reach the disk. A take of the server's microphone lies in the folder for a moment.
"""

import os
import secrets
import stat
from pathlib import Path

import numpy as np

from core.errors import SoundError
from core.sound_file import read_source, write_sound
from core.store.data_folder import make_private

__all__ = [
    "MAX_UPLOAD_BYTES",
    "new_take_name",
    "read_exported_take",
    "read_target",
    "read_upload",
    "save_upload",
]

MAX_UPLOAD_BYTES = 32 * 2**20 - 2**16  # a minute of stereo at 44.1 kHz and 24 bits is 16 MB
_SHORTEST_SECONDS = 0.05


def read_upload(data: bytes) -> tuple[np.ndarray, int]:
    """Decode a sound file's bytes.

    Returns:
        Mono float32 `(n_samples,)`, a minute at most from where it begins, and its sample rate in Hz.

    Raises:
        SoundError: It is no sound that can be decoded, too short, or has values that are not finite.
    """
    from core.sound_decoding import SoundSource  # takes a moment

    audio, rate = read_source(SoundSource(data, "this file"))
    if len(audio) < _SHORTEST_SECONDS * rate:
        raise SoundError(
            "The sound is too short to hear anything in it; send at least a twentieth of a second."
        )
    return audio, rate


def read_target(data: bytes) -> tuple[np.ndarray, int]:
    """Decode the sound that a sketch is to match, from its onset on, as answers begin. For a worker thread.

    Raises:
        SoundError: As `read_upload`.
    """
    from core.onset import find_onset  # takes a second

    audio, rate = read_upload(data)
    return audio[find_onset(audio, rate) :], rate


def new_take_name() -> str:
    """Return a new name in the sketch folder; the server deletes takes of such names once they are read."""
    return f"sketch-{secrets.randbelow(10**9)}-{secrets.randbelow(10**9)}.wav"


def read_exported_take(path: Path) -> tuple[np.ndarray, int]:
    """Read a take that the server exported, and delete it. For a worker thread.

    Raises:
        SoundError: It is not a sound file, or is gone: the server deletes it after a while.
    """
    try:
        data = _read_plain(path)
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SoundError(f"{path.name} cannot be read: {error.strerror}.") from error
    return read_target(data)


def _read_plain(path: Path) -> bytes:
    """Read a regular file; another would be waited for, or never end."""
    flags = getattr(os, "O_NONBLOCK", 0)
    with open(path, "rb", opener=lambda name, mode: os.open(name, mode | flags)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise SoundError(f"{path.name} is not a regular file.")
        return file.read(MAX_UPLOAD_BYTES)


def save_upload(folder: Path, data: bytes) -> Path:
    """Write an upload into the sketch folder as WAV, and return its path. For a worker thread.

    Raises:
        SoundError: It is not a sound file, or the folder cannot be made.
    """
    audio, rate = read_upload(data)
    try:
        make_private(folder)
    except OSError as error:
        raise SoundError(
            f"{folder} cannot be made: {error.strerror}; start the server with --data."
        ) from error
    path = folder / new_take_name()
    write_sound(path, audio, rate)
    return path
