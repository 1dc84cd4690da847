"""Reading and writing sound files: of any kind, rate and number of channels."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from core.atomic_file import replacing
from core.errors import SoundError
from core.sound_decoding import SoundSource, check_is_sound

__all__ = [
    "SOUND_KINDS",
    "mono_channel",
    "read_sound",
    "read_source",
    "resample",
    "sound_files",
    "write_sound",
]

SOUND_KINDS = "wav, aiff, flac, mp3, ogg, opus, caf, m4a and others"
_LONGEST_SECONDS = 60.0  # from where it begins; what comes later is not decoded
_LOOK_ON_SECONDS = 600.0  # for a sound that begins late
MOST_DECODED = 600 * 48_000 * 2  # samples of all channels, so that many channels do not take longer
MOST_KEPT = 60 * 96_000  # samples
_BEFORE_SECONDS = 0.5  # kept of what comes before a late beginning
_BELOW_LOUDEST = 1e-4  # power: a sound begins where it comes within 40 dB of its loudest
_SILENT = 1e-7  # power: -70 dB of full scale
_CANCELS = 0.2  # power of the mean beside that of the loudest channel: one of two alone has 0.25


def sound_files(folder: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Find the sounds directly in a folder, by their content, without hidden files.

    Returns:
        The files that can be decoded, by name, and every other one with the reason.

    Raises:
        SoundError: The folder is missing.
    """
    if not folder.is_dir():
        raise SoundError(f"there is no folder {folder}; name one that holds sound files.")
    found, left_out = [], []
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            try:
                check_is_sound(path)
                found.append(path)
            except SoundError as error:
                left_out.append((path, str(error)))
    return found, left_out


def read_sound(path: Path, sample_rate: int) -> np.ndarray:
    """Read a minute of a sound file as mono: its first, or if it begins later, that from where it begins.

    Less of it where there are many samples a second: files are small that hold gigabytes of silence.

    Args:
        path: The file.
        sample_rate: Wanted, Hz.

    Returns:
        Float32 `(n_samples,)`, finite.

    Raises:
        SoundError: The file is missing, damaged, empty, of an unknown kind, or holds values that are not
            finite; or the first ten minutes of it are silent.
    """
    if not path.is_file():
        raise SoundError(f"there is no sound file {path.name} in {path.parent.as_posix()}; check its name.")
    audio, rate = read_source(SoundSource(path, path.name))
    return resample(audio, rate, sample_rate)


def read_source(source: SoundSource) -> tuple[np.ndarray, int]:
    """Read a sound as `read_sound` does.

    Returns:
        Mono float32 `(n_samples,)`, and its sample rate in Hz.

    Raises:
        SoundError: As `read_sound`, except for a file that is missing.
    """
    rate = source.sample_rate
    n_looked_at = min(round(_LOOK_ON_SECONDS * rate), MOST_DECODED // source.n_channels)
    lengths, powers = _powers(_first(source.blocks(), n_looked_at))
    n_frames = int(lengths.sum())
    if not n_frames:
        raise SoundError(f"{source.name} is empty; record it again.")
    begin, n_wanted = 0, min(round(_LONGEST_SECONDS * rate), MOST_KEPT, n_looked_at)
    if n_frames > n_wanted:
        loudest = powers.max(axis=1)
        if n_frames >= n_looked_at and float(loudest.max()) < _SILENT:
            raise SoundError(
                f"the first {n_frames / rate / 60.0:.2g} minutes of {source.name} are silent; cut it so that "
                "it begins with its sound."
            )
        first = int(np.argmax(loudest >= _BELOW_LOUDEST * float(loudest.max())))
        begin = max(0, int(lengths[:first].sum()) - round(_BEFORE_SECONDS * rate))
    ends = np.cumsum(lengths)
    inside = (ends > begin) & (ends - lengths < begin + n_wanted)
    channel = mono_channel((powers[inside] * lengths[inside, None]).sum(axis=0))
    mono, at = [], 0
    for block in _first(source.blocks(), begin + n_wanted):
        kept = block[max(0, begin - at) :]
        at += len(block)
        if len(kept):
            mono.append(kept.mean(axis=1) if channel is None else kept[:, channel].copy())
    return np.concatenate(mono).astype(np.float32, copy=False), rate


def mono_channel(powers: np.ndarray) -> int | None:
    """Return the channel to hear of several; None for their mean.

    Channels of opposite phase cancel each other in the mean, and silent ones weaken it: then it is the
    loudest.

    Args:
        powers: Of each channel, then of their mean, `(n_channels + 1,)`.
    """
    loudest = int(np.argmax(powers[:-1]))
    return loudest if powers[-1] < _CANCELS * powers[loudest] else None


def _powers(blocks: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the length of each block `(n_blocks,)`, and the power of each channel and of their mean."""
    lengths: list[int] = []
    powers: list[np.ndarray] = []
    for block in blocks:
        exact = block.astype(np.float64)
        with_mean = np.column_stack([exact, exact.mean(axis=1)])
        lengths.append(len(block))
        powers.append((with_mean**2).mean(axis=0))
    return np.array(lengths, np.int64), np.array(powers)


def _first(blocks: Iterator[np.ndarray], n_frames: int) -> Iterator[np.ndarray]:
    """Yield the blocks up to a number of frames."""
    for block in blocks:
        if len(block):
            yield block[:n_frames]
        n_frames -= len(block)
        if n_frames <= 0:
            return


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
