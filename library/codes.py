"""What a sound is like as 8,960 bytes, from which soft MSS is estimated in a few microseconds.

A code holds the three levelled log-mels that soft MSS compares, averaged over tenths of a second, in steps of
0.29 dB. The mean absolute difference of two codes is soft MSS within 0.16 dB on average, measured over 6,216
pairs of sounds (docs/library.md).
"""

import math

import numpy as np

from core.distances import mel_powers
from core.loudness import level
from core.ruler.soft_mss import SOFT_LUFS, soft_mels

__all__ = ["CODE_BYTES", "HEARD_NOTE", "coarse_codes", "code_distances", "sound_code"]

HEARD_NOTE = 60
_SECONDS = 4.0
_SLOTS = 40  # tenths of a second
_BANDS = (32, 64, 128)
CODE_BYTES = _SLOTS * sum(_BANDS)
# Natural logarithm of mel power plus the floor of 1e-5: from just below the floor up to what a sound that is
# all in one band reaches at -24 LUFS.
_LOWEST, _RANGE = -11.6, 17.0
_DB_A_STEP = 10.0 / math.log(10.0) * _RANGE / 255.0
_ROWS_AT_ONCE = 512


def sound_code(audio: np.ndarray, sample_rate: int, note: float = HEARD_NOTE) -> np.ndarray:
    """Return the code of a sound; level does not count.

    Args:
        audio: Mono, `(n_samples,)`; its first 4 s count, shorter is padded with silence.
        sample_rate: Hz.
        note: MIDI note that it has; the code is that of the sound transposed to 60, at which presets are
            heard.

    Returns:
        Uint8 `(CODE_BYTES,)`.
    """
    ratio = 2.0 ** ((HEARD_NOTE - note) / 12.0)
    n = round(_SECONDS * sample_rate)
    audio = np.pad(np.asarray(audio, np.float32)[:n], (0, max(0, n - len(audio))))
    if ratio != 1.0:  # played faster: the slots below then stand for shorter times, so time is as it was
        audio = np.interp(np.arange(0.0, n, ratio), np.arange(n), audio).astype(np.float32)
    mels = soft_mels(mel_powers(level(audio, sample_rate, SOFT_LUFS), sample_rate))
    parts = [np.round((_slots(mel) - _LOWEST) * (255.0 / _RANGE)).clip(0, 255) for mel in mels]
    return np.concatenate([part.astype(np.uint8).ravel() for part in parts])


def code_distances(code: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return about how far sounds are from another, in dB of soft MSS.

    Args:
        code: `(CODE_BYTES,)`.
        codes: `(N, CODE_BYTES)`.

    Returns:
        `(N,)`.
    """
    one = code.astype(np.int16)
    total = np.empty(len(codes))
    ends = np.cumsum((0, *(_SLOTS * n for n in _BANDS)))
    for start in range(0, len(codes), _ROWS_AT_ONCE):
        apart = np.abs(codes[start : start + _ROWS_AT_ONCE].astype(np.int16) - one)
        scales = [apart[:, a:b].mean(axis=1) for a, b in zip(ends[:-1], ends[1:], strict=True)]
        total[start : start + _ROWS_AT_ONCE] = np.mean(scales, axis=0)
    return total * _DB_A_STEP


def coarse_codes(codes: np.ndarray) -> np.ndarray:
    """Average codes `(N, CODE_BYTES)` over tiles of 4 bands and 4 tenths of a second, `(N, 560)`.

    Their mean absolute difference tells in a twentieth of the time which codes may be near.
    """
    ends = np.cumsum((0, *(_SLOTS * n for n in _BANDS)))
    parts = [
        codes[:, a:b].reshape(len(codes), n // 4, 4, _SLOTS // 4, 4).mean(axis=(2, 4)).reshape(len(codes), -1)
        # A scale of few bands counts as much as one of many.
        * np.float32(_BANDS[-1] / n)
        for a, b, n in zip(ends[:-1], ends[1:], _BANDS, strict=True)
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _slots(mel: np.ndarray) -> np.ndarray:
    """Average a mel `(n_mels, n_frames)` over equal stretches of time, `(n_mels, _SLOTS)`."""
    n_frames = mel.shape[1]
    starts = (np.arange(_SLOTS) * n_frames) // _SLOTS
    ends = np.maximum(starts + 1, (np.arange(1, _SLOTS + 1) * n_frames) // _SLOTS)
    summed = np.pad(np.cumsum(mel, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    return np.asarray((summed[:, ends] - summed[:, starts]) / (ends - starts))
