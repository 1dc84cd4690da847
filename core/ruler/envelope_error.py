"""Loudness-envelope error: how far the loudness of two sounds differs from moment to moment, in dB.

Loudness is that of BS.1770 (K-weighted), in windows of 50 ms every 25 ms. Both sounds are at one loudness
overall, so gain does not count. They are aligned at their beginnings and nowhere else: a sound that starts
late, swells slowly or ends early is wrong for as long as it differs. Moments count in which either sound is
less than 50 dB below the loudest 400 ms; silence after both have ended is no agreement.

References:
    ITU-R BS.1770-5: K-weighting. EBU Tech 3341: loudness over time.
"""

import numpy as np

from core.loudness import level, loudness_curve

__all__ = ["envelope_difference", "envelope_error", "loudness_envelope"]

_LUFS = -24.0  # of both sounds
_FLOOR_LUFS = _LUFS - 50.0  # anything softer is silence
_WINDOW_SECONDS, _HOP_SECONDS = 0.05, 0.025


def envelope_error(audio_a: np.ndarray, audio_b: np.ndarray, sample_rate: int) -> float:
    """Return the loudness-envelope error of two sounds, in dB.

    Each is brought to -24 LUFS (loudest 400 ms, at most 60 dB of gain); the shorter is padded with silence.

    Args:
        audio_a: Mono, `(n_samples,)`, from its onset.
        audio_b: Mono, from its onset.
        sample_rate: Of both, Hz.

    Returns:
        dB, mean over the moments in which either sounds; 0 for equal sounds and for two silences, nan if
        one of them has values that are not finite.
    """
    n = max(len(audio_a), len(audio_b), 1)
    padded = (np.pad(np.asarray(x, np.float32), (0, n - len(x))) for x in (audio_a, audio_b))
    a, b = (loudness_envelope(level(x, sample_rate, _LUFS), sample_rate) for x in padded)
    return envelope_difference(a, b)


def loudness_envelope(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the loudness of a sound at -24 LUFS over time, LUFS, at least -74, `(n,)`, every 25 ms."""
    return np.maximum(loudness_curve(audio, sample_rate, _WINDOW_SECONDS, _HOP_SECONDS), _FLOOR_LUFS)


def envelope_difference(envelope_a: np.ndarray, envelope_b: np.ndarray) -> float:
    """Return the error, dB, of two sounds of equal length, from their `loudness_envelope`."""
    counted = ~((envelope_a <= _FLOOR_LUFS) & (envelope_b <= _FLOOR_LUFS))  # keeps what is not finite
    if not counted.any():
        return 0.0
    return float(np.mean(np.abs(envelope_a - envelope_b)[counted]))
