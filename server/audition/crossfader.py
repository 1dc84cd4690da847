"""Fades the next note in over the one that sounds."""

import numpy as np

__all__ = ["CEILING", "Crossfader"]

CEILING = 10.0 ** (-1.0 / 20.0)  # -1 dBFS; no sample exceeds it
_FADE_SECONDS = 0.03
_BLOCK = 1_024  # frames mixed at once; a larger callback is filled in pieces


class Crossfader:
    """Plays the note offered last, with a 30 ms equal-power crossfade from what still sounds.

    `offer` is for one thread, and `fill` for the audio callback, where it takes no lock and makes no array.

    Args:
        sample_rate: Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        angle = np.linspace(0.0, 0.5 * np.pi, int(_FADE_SECONDS * sample_rate))
        # One column per channel: numpy would allocate to broadcast one over two.
        self._rise, self._fall = (
            np.repeat(curve[:, None], 2, axis=1).astype(np.float32)
            for curve in (np.sin(angle), np.cos(angle))
        )
        silence = np.zeros((0, 2), np.float32)
        self._offered: tuple[int, np.ndarray] = (0, silence)  # replaced as a whole, so never half new
        self._started = 0
        self._now, self._at = silence, 0
        self._old, self._old_at = silence, 0
        self._faded = len(self._rise)
        self._scratch = np.zeros((_BLOCK, 2), np.float32)

    def offer(self, audio: np.ndarray) -> None:
        """Play this next, instead of any earlier offer that has not begun."""
        self._offered = (self._offered[0] + 1, audio)

    def fill(self, out: np.ndarray) -> None:
        """Write the next frames into `out`, `(n_frames, 2)`."""
        for start in range(0, len(out), _BLOCK):
            self._fill(out[start : start + _BLOCK])

    def _fill(self, out: np.ndarray) -> None:
        serial, audio = self._offered
        if serial != self._started and self._faded >= len(self._rise):
            self._started = serial
            self._old, self._old_at = self._now, self._at
            self._now, self._at = audio, 0
            sounding = self._old_at < len(self._old)
            self._faded = 0 if sounding else len(self._rise)
        self._at = _read(self._now, self._at, out)
        n = min(len(self._rise) - self._faded, len(out))
        if n > 0:
            out[:n] *= self._rise[self._faded : self._faded + n]
            old = self._scratch[:n]
            self._old_at = _read(self._old, self._old_at, old)
            old *= self._fall[self._faded : self._faded + n]
            out[:n] += old
            # Two notes in phase can add up to 3 dB more than either.
            np.clip(out[:n], -CEILING, CEILING, out=out[:n])
            self._faded += n


def _read(audio: np.ndarray, at: int, out: np.ndarray) -> int:
    """Copy frames from an index on, then silence; return the index after them."""
    n = max(0, min(len(audio) - at, len(out)))
    out[:n] = audio[at : at + n]
    out[n:] = 0.0
    return at + len(out)
