"""A rendered stretch of a note, from its beginning, and how it goes on where it ends."""

from dataclasses import dataclass

import numpy as np

from sounding.fades import crossfade_gains, likeness

__all__ = ["SILENCE", "Piece", "held_piece", "released_piece"]

SILENCE = 1e-4  # of full scale: what stays below is over
_SEAM_S = 0.06  # over which a loop's end is faded into its beginning
_QUIET_S = 0.05  # a sound whose end is silent for this long is over
_END_S = 0.03  # over which a release that is cut off is faded out
_NO_LOOP = -1


@dataclass(frozen=True, slots=True)
class Piece:
    """Audio from the beginning of a note.

    Attributes:
        audio: Float32 `(n, 2)`.
        loop_start: Frame that follows the last one; -1 where silence follows.
        is_over: Whether the sound has died away by the end, so that no longer render adds anything.
    """

    audio: np.ndarray
    loop_start: int = _NO_LOOP
    is_over: bool = False

    def __len__(self) -> int:
        """Return the number of frames before it ends, or begins its loop again."""
        return len(self.audio)

    @property
    def loops(self) -> bool:
        """Whether it goes on for ever."""
        return self.loop_start >= 0

    def wrapped(self, place: float) -> float:
        """Return the place in the audio at which a place beyond its end is heard."""
        if place < len(self.audio) or not self.loops:
            return place
        return self.loop_start + (place - self.loop_start) % (len(self.audio) - self.loop_start)

    def read(self, place: float, n: int, step: float = 1.0) -> np.ndarray:
        """Return `(n, 2)` frames from a place on, `step` apart; between frames, by a cubic.

        A copy of the samples where place and step are whole.
        """
        if step == 1.0 and place == int(place):
            return self._copy(int(place), n)
        places = place + step * np.arange(n)
        whole = np.floor(places).astype(np.int64)
        t = (places - whole).astype(np.float32)[:, None]
        before, here, after, beyond = (self._at(whole + k) for k in (-1, 0, 1, 2))
        # Catmull and Rom's spline: through every sample, and smooth at each.
        a = 0.5 * (beyond - before) + 1.5 * (here - after)
        b = before - 2.5 * here + 2.0 * after - 0.5 * beyond
        return ((a * t + b) * t + 0.5 * (after - before)) * t + here

    def _copy(self, place: int, n: int) -> np.ndarray:
        place = int(self.wrapped(place))
        if place + n <= len(self.audio):
            return self.audio[place : place + n]
        return self._at(place + np.arange(n))

    def _at(self, index: np.ndarray) -> np.ndarray:
        if self.loops:
            length = len(self.audio) - self.loop_start
            index = np.where(
                index < len(self.audio), index, self.loop_start + (index - self.loop_start) % length
            )
            return self.audio[np.maximum(index, 0)]
        inside = (index >= 0) & (index < len(self.audio))
        found = self.audio[np.clip(index, 0, len(self.audio) - 1)]
        return np.where(inside[:, None], found, np.float32(0.0))


def held_piece(audio: np.ndarray, sample_rate: int) -> Piece:
    """Return a note whose key is down: it loops from its end, unless it has died away.

    Args:
        audio: Float32 `(n, 2)`.
        sample_rate: Hz.
    """
    if _ends_in_silence(audio, sample_rate):
        return Piece(audio, is_over=True)
    n = len(audio)
    seam = min(int(_SEAM_S * sample_rate), n // 4)
    if seam < 8:
        return Piece(audio)
    start = _loop_start(audio, seam)
    end, before = audio[n - seam :], audio[start - seam : start]
    fall, rise = crossfade_gains(seam, likeness(end, before))
    return Piece(np.concatenate([audio[: n - seam], end * fall + before * rise]), start)


def released_piece(audio: np.ndarray, sample_rate: int) -> Piece:
    """Return a note whose key is let go somewhere in it: faded out at its end if it goes on.

    Args:
        audio: Float32 `(n, 2)`.
        sample_rate: Hz.
    """
    if _ends_in_silence(audio, sample_rate):
        return Piece(audio, is_over=True)
    n = min(int(_END_S * sample_rate), len(audio))
    faded = audio.copy()
    faded[len(audio) - n :] *= np.linspace(1.0, 0.0, n, dtype=np.float32)[:, None]
    return Piece(faded)


def _ends_in_silence(audio: np.ndarray, sample_rate: int) -> bool:
    end = audio[-max(1, int(_QUIET_S * sample_rate)) :]
    return bool(np.abs(end).max(initial=0.0) < SILENCE)


def _loop_start(audio: np.ndarray, seam: int) -> int:
    """Return the frame, about the middle, before which the sound is most like its end."""
    mono = audio.sum(axis=1, dtype=np.float64)
    end = mono[-seam:]
    low, high = int(0.35 * len(mono)), int(0.65 * len(mono))
    low = max(low, seam)
    searched = mono[low - seam : max(high, low + 1)]
    size = 1 << (len(searched) + seam).bit_length()
    product = np.fft.rfft(searched, size) * np.conj(np.fft.rfft(end, size))
    n = len(searched) - seam + 1
    correlation = np.fft.irfft(product, size)[:n]
    energy = np.concatenate([[0.0], np.cumsum(searched**2)])
    powers = energy[seam : seam + n] - energy[:n]
    floor = 1e-9 + 1e-3 * float(powers.max(initial=0.0))  # a silent stretch is like nothing
    return low + int(np.argmax(correlation / np.sqrt(powers + floor)))
