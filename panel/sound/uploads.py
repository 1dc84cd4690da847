"""Sounds on their way between browser, panel and server, through the sketch folder.

A file that a browser sent is read, checked, and written again under a name of our own: nothing of the
browser's name reaches the disk, and what is written is what was decoded, not what was sent. What the server's
microphone recorded is lent to us for a moment.
"""

import io
import secrets
from pathlib import Path

import numpy as np

from core.errors import SoundError
from core.sound_file import write_sound

__all__ = [
    "MAX_UPLOAD_BYTES",
    "new_take_name",
    "read_exported_take",
    "read_target",
    "read_upload",
    "save_upload",
]

_LONGEST_SECONDS = 60.0
MAX_UPLOAD_BYTES = 32 * 2**20 - 2**16  # a minute of stereo at 44.1 kHz and 24 bits is 16 MB
_SHORTEST_SECONDS = 0.05


def read_upload(data: bytes) -> tuple[np.ndarray, int]:
    """Decode a sound file's bytes.

    Returns:
        Mono float32 `(n_samples,)`, the first minute of it, and its sample rate in Hz.

    Raises:
        SoundError: It is no sound, empty, too short, or holds values that are not finite.
    """
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate = int(file.samplerate)
            audio = file.read(int(_LONGEST_SECONDS * rate), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise SoundError("This is no sound file that can be read here; save it as WAV or FLAC.") from error
    if len(audio) < _SHORTEST_SECONDS * rate:
        raise SoundError(
            "The sound is too short to hear anything in it; send at least a twentieth of a second."
        )
    if not np.isfinite(audio).all():
        raise SoundError("The file holds values that are not finite; save it again.")
    return audio.mean(axis=1), rate


def read_target(data: bytes) -> tuple[np.ndarray, int]:
    """Decode what a sketch is after, from its onset on, as the answer sounds. For a worker thread.

    Raises:
        SoundError: As `read_upload`.
    """
    from core.onset import find_onset  # takes a second

    audio, rate = read_upload(data)
    return audio[find_onset(audio, rate) :], rate


def new_take_name() -> str:
    """Give a name for a sound in the sketch folder: so named, the server deletes it once it was read."""
    return f"sketch-{secrets.randbelow(10**9)}-{secrets.randbelow(10**9)}.wav"


def read_exported_take(path: Path) -> tuple[np.ndarray, int]:
    """Read what the server lent us, and delete it. For a worker thread.

    Raises:
        SoundError: It is no sound, or not there: the server runs on another computer, or we came too late.
    """
    try:
        data = path.read_bytes()
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SoundError(f"{path.name} cannot be read: {error.strerror}.") from error
    return read_target(data)


def save_upload(folder: Path, data: bytes) -> Path:
    """Write what a browser sent into the sketch folder as WAV, and say where. For a worker thread.

    Raises:
        SoundError: It is no sound, or the folder cannot be written.
    """
    audio, rate = read_upload(data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SoundError(
            f"{folder} cannot be made: {error.strerror}; start the server with --data."
        ) from error
    path = folder / new_take_name()
    write_sound(path, audio, rate)
    return path
