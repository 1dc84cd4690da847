"""Reading and writing sound files: wav, aiff, flac, mp3, ogg; any rate, any number of channels."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from core.atomic_file import replacing
from core.errors import SoundError

__all__ = ["SOUND_SUFFIXES", "read_mono", "read_sound", "resample", "sound_files", "write_sound"]

SOUND_SUFFIXES = (".wav", ".aif", ".aiff", ".flac", ".mp3", ".ogg")
_LOWEST_HZ, _HIGHEST_HZ = 1_000, 384_000
_MOST_CHANNELS = 64
_BLOCK = 1 << 16  # frames
_LONGEST_SECONDS = 60.0  # a sound to match starts by then, so the rest need not be decoded


def sound_files(folder: Path) -> list[Path]:
    """List the sound files directly in a folder by name, without hidden ones.

    Raises:
        SoundError: The folder is missing.
    """
    if not folder.is_dir():
        raise SoundError(f"there is no folder {folder}; name one that holds sound files.")
    return sorted(
        p
        for p in folder.iterdir()
        if p.is_file() and p.suffix.lower() in SOUND_SUFFIXES and not p.name.startswith(".")
    )


def read_sound(path: Path, sample_rate: int) -> np.ndarray:
    """Read the first minute of a sound file as mono.

    Args:
        path: The file.
        sample_rate: Wanted, Hz.

    Returns:
        Float32 `(n_samples,)`, finite.

    Raises:
        SoundError: The file is missing, damaged, empty, or holds values that are not finite.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise SoundError(f"{path.name} is not a regular file; save it as wav or flac.")
    try:
        with soundfile.SoundFile(path) as file:
            audio, rate = read_mono(file, _LONGEST_SECONDS)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        reason = str(error).rstrip(".").split(": ")[-1]
        raise SoundError(f"{path.name} cannot be read ({reason}); save it as wav or flac.") from error
    if not len(audio):
        raise SoundError(f"{path.name} is empty; record it again.")
    if not np.isfinite(audio).all():
        raise SoundError(f"{path.name} holds values that are not finite; save it again.")
    return resample(audio, rate, sample_rate)


def read_mono(file: soundfile.SoundFile, seconds: float) -> tuple[np.ndarray, int]:
    """Read the beginning of an open sound file, block by block: memory grows with the time, not the channels.

    Args:
        file: Open.
        seconds: How much of it, at most.

    Returns:
        Float32 `(n_samples,)`, the mean of the channels, and the sample rate in Hz.

    Raises:
        ValueError: Its sample rate or its number of channels is none of a recording.
    """
    rate = int(file.samplerate)
    if not (_LOWEST_HZ <= rate <= _HIGHEST_HZ and 1 <= file.channels <= _MOST_CHANNELS):
        raise ValueError(f"{file.channels} channels at {rate} Hz are no recording")
    left, blocks = int(seconds * rate), [np.zeros(0, np.float32)]
    while left > 0:
        block = file.read(min(left, _BLOCK), dtype="float32", always_2d=True)
        if not len(block):
            break
        left -= len(block)
        blocks.append(block.mean(axis=1))
    return np.concatenate(blocks), rate


def resample(audio: np.ndarray, sample_rate: int, wanted: int) -> np.ndarray:
    """Return mono audio `(n_samples,)` at another sample rate, float32, its length rounded."""
    audio = np.asarray(audio, np.float32)
    return (
        audio if sample_rate == wanted else np.asarray(soxr.resample(audio, sample_rate, wanted), np.float32)
    )


def write_sound(path: Path, audio: np.ndarray, sample_rate: int) -> None:
    """Write mono audio as 16-bit wav or flac, whole or not at all; audio beyond full scale is scaled down.

    Raises:
        SoundError: The file cannot be written.
    """
    loudest = float(np.abs(audio).max()) if audio.size else 0.0
    kind = path.suffix.removeprefix(".").upper()
    try:
        with replacing(path) as partial:
            soundfile.write(partial, audio / max(loudest, 1.0), sample_rate, format=kind, subtype="PCM_16")
    except (soundfile.SoundFileError, OSError) as error:
        raise SoundError(f"{path} cannot be written ({error}); choose another folder.") from error
