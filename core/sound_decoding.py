"""Sounds of any kind, block by block: judged by their content, whatever a file is called.

libsndfile reads most (wav, aiff, flac, mp3, ogg, opus, caf, w64, au), PyAV the memos of phones and some more
(m4a, mp4, aac, webm, wma, amr, wavpack). PyAV is told the kind and is given the bytes,
never a name, so that nothing in a file can make it open another, or an address.
"""

import contextlib
import importlib.util
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile

from core.errors import SoundError

__all__ = ["MOST_CHANNELS", "MOST_SAMPLES_PER_S", "SoundSource", "check_is_sound"]

MOST_CHANNELS = 32
MOST_SAMPLES_PER_S = 384_000  # of one channel
_BLOCK_SECONDS = 0.1
_DAMAGED_PACKETS = 8  # more are no glitch
_HEAD_BYTES = 16
# Where its first bytes say so, the kind that PyAV is told, and what people call it.
_KINDS = (
    (4, b"ftyp", "mov", "m4a"),
    (4, b"moov", "mov", "m4a"),
    (4, b"mdat", "mov", "m4a"),
    (0, b"\x1a\x45\xdf\xa3", "matroska", "webm"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", "wma"),
    (0, b"#!AMR", "amr", "amr"),
    (0, b"wvpk", "wv", "wavpack"),
    (0, b"\xff\xf1", "aac", "aac"),
    (0, b"\xff\xf9", "aac", "aac"),
)
# Those of which libsndfile knows the container, but not every codec; a damaged one stays damaged.
_CONTAINERS = ((0, b"caff", "caf", "caf"), (0, b"OggS", "ogg", "ogg"), (0, b"RIFF", "wav", "wav"))
_UNKNOWN_CODEC, _UNKNOWN_KIND = "unimplemented", "not recognised"  # libsndfile's words for it


@dataclass(frozen=True)
class _Format:
    sample_rate: int
    n_channels: int


class SoundSource:
    """A sound that can be decoded as often as wanted.

    Args:
        source: A file, or the bytes of one.
        name: What people call it.

    Attributes:
        name: As given.
        sample_rate: Hz.
        n_channels: Number of channels.

    Raises:
        SoundError: It is missing, damaged, of an unknown kind, or beyond what is decoded.
    """

    def __init__(self, source: Path | bytes, name: str) -> None:
        self.name = name
        self._source = source
        # For PyAV, and for people; None where libsndfile reads it.
        self._kind: tuple[str, str] | None = None
        try:
            with self._open() as file:
                form = self._form(file)
        except OSError as error:
            raise SoundError(f"{name} cannot be read ({error.strerror or error}); check it.") from error
        if not 1 <= form.n_channels <= MOST_CHANNELS or not 1 <= form.sample_rate <= MOST_SAMPLES_PER_S:
            raise SoundError(
                f"{name} has {form.n_channels} channels of {form.sample_rate} Hz, more than is read. Save it "
                "as stereo at 48 kHz."
            )
        self.sample_rate, self.n_channels = form.sample_rate, form.n_channels

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the sound from its beginning, float32 `(n, n_channels)`, about 0.1 s at a time.

        Raises:
            SoundError: It is damaged, or holds values that are not finite.
        """
        try:
            with self._open() as file:
                for block in self._decode(file):
                    if not np.isfinite(block).all():
                        raise SoundError(f"{self.name} holds values that are not finite; save it again.")
                    yield block
        except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
            raise self._unreadable(error) from error

    @contextlib.contextmanager
    def _open(self) -> "Iterator[_Bytes]":
        if isinstance(self._source, bytes):
            yield _Bytes(io.BytesIO(self._source))
        else:
            with self._source.open("rb") as file:
                yield _Bytes(file)

    def _unreadable(self, error: Exception) -> SoundError:
        if _UNKNOWN_KIND in str(error):
            return SoundError(f"{self.name} is no sound file that is known here; save it as wav or flac.")
        reason = str(error).rstrip(".").split(": ")[-1]
        return SoundError(f"{self.name} cannot be read ({reason}); save it as wav or flac.")

    def _form(self, file: "_Bytes") -> _Format:
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        if not head:
            raise SoundError(f"{self.name} is empty; record it again.")
        try:
            with soundfile.SoundFile(file) as sound:
                return _Format(int(sound.samplerate), int(sound.channels))
        except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
            kinds = (*_KINDS, *_CONTAINERS) if _UNKNOWN_CODEC in str(error) else _KINDS
            found = [(form, word) for at, sign, form, word in kinds if head[at:].startswith(sign)]
            self._kind = found[0] if found else None
            if self._kind is None:
                raise self._unreadable(error) from error
        file.seek(0)
        if importlib.util.find_spec("av") is None:
            raise SoundError(
                f"{self.name} is {self._kind[1]}, which needs PyAV. Install it (python -m pip install av), "
                "or save it as wav."
            )
        try:
            first = next(_decoded(file, self._kind[0]), None)
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error
        if first is None:
            raise SoundError(f"{self.name} holds no sound; choose another file.")
        return _Format(int(first.sample_rate), int(first.layout.nb_channels))

    def _decode(self, file: "_Bytes") -> Iterator[np.ndarray]:
        if self._kind is None:
            with _StraightFile(file) as sound:
                n = max(1, round(_BLOCK_SECONDS * self.sample_rate))
                while len(block := sound.read(n, dtype="float32", always_2d=True)):
                    yield block
            return
        for frame in _decoded(file, self._kind[0]):
            if frame.layout.nb_channels == self.n_channels:
                yield np.ascontiguousarray(frame.to_ndarray().T, np.float32)


def check_is_sound(path: Path) -> None:
    """Check that a file begins as a sound that can be decoded.

    Raises:
        SoundError: It does not; the text says why.
    """
    SoundSource(path, path.name)


class _StraightFile(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
    """A file that is read from one end to the other.

    soundfile seeks after each read where it can, and a decoder of mp3 plays on wrongly after a seek.
    """

    def seekable(self) -> bool:
        """Whether it can be read from anywhere."""
        return False


class _Bytes:
    """An open file without its name: decoders judge by the ending, too, if they are told one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read, self.tell = file.read, file.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place; a damaged file may look for what lies before its beginning, and finds that."""
        try:
            return self._file.seek(offset, whence)
        except (ValueError, OSError):
            return self._file.seek(0)


def _decoded(file: _Bytes, form: str) -> Iterator[Any]:
    """Yield the frames of a file that PyAV decodes, planar floats of one rate and layout.

    Raises:
        ValueError: It is damaged.
    """
    import av

    resampler, n_damaged = None, 0
    try:
        with av.open(file, "r", format=form, metadata_errors="ignore") as container:
            for packet in container.demux(audio=0) if container.streams.audio else ():
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    n_damaged += 1
                    if n_damaged > _DAMAGED_PACKETS:
                        raise
                    continue
                for frame in frames:
                    if resampler is None:
                        resampler = av.AudioResampler("fltp", frame.layout, frame.sample_rate)
                    yield from resampler.resample(frame)
            if resampler is not None:
                yield from resampler.resample(None)
    except av.error.FFmpegError as error:
        raise ValueError(error.strerror or str(error)) from error
