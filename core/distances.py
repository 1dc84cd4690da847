"""Distances between two sounds, each by its published definition.

References:
    Esling et al., DAFx 2019: spectral convergence on mel power.
    Hayes et al., ISMIR 2025: multi-scale mel distance (MSS).
"""

import math
from functools import lru_cache

import numpy as np

from core.mel import MelConfig, log_mel, power_spectrogram, slaney_filters

__all__ = [
    "log_mel_distance",
    "mel_powers",
    "multi_scale_mel_distance",
    "relative_mel_distance",
    "relative_mels",
    "spectral_convergence",
]

_DB = 10.0 / math.log(10.0)  # natural logarithm of power to dB
_SCALES = ((10, 5, 32), (25, 10, 64), (100, 50, 128))  # window ms, hop ms, mel bands
_TOP_DB = 80.0


def log_mel_distance(mel_a: np.ndarray, mel_b: np.ndarray) -> float:
    """Return the mean absolute difference of two log-mels, in dB.

    Args:
        mel_a: Log-mel `(n_mels, n_frames)`, natural logarithm, as `core.mel` makes it.
        mel_b: Another of the same shape.
    """
    return float(np.mean(np.abs(mel_a - mel_b))) * _DB


def multi_scale_mel_distance(audio_a: np.ndarray, audio_b: np.ndarray, sample_rate: int) -> float:
    """Return MSS: mean absolute dB difference of mels at three scales, each relative to its loudest bin.

    Windows of 10, 25 and 100 ms with 32, 64 and 128 bands; 80 dB below the loudest bin is the floor. Level
    does not count. The shorter sound is padded with silence.

    Args:
        audio_a: Mono, `(n_samples,)`.
        audio_b: Mono.
        sample_rate: Of both, Hz. Figures at 22,050 are not comparable with figures at 44,100.

    Returns:
        dB; 0 for equal sounds.
    """
    n = max(len(audio_a), len(audio_b), 1)
    padded = (np.pad(x, (0, n - len(x))) for x in (audio_a, audio_b))
    a, b = (relative_mels(mel_powers(audio, sample_rate)) for audio in padded)
    return relative_mel_distance(a, b)


def mel_powers(audio: np.ndarray, sample_rate: int) -> tuple[np.ndarray, ...]:
    """Return the mel power of mono audio at the three scales of MSS, each `(n_mels, n_frames)`."""
    powers = []
    for window_ms, hop_ms, n_mels in _SCALES:
        n_fft, hop = sample_rate * window_ms // 1_000, sample_rate * hop_ms // 1_000
        powers.append(_filters(sample_rate, n_fft, n_mels) @ power_spectrogram(audio, n_fft, hop))
    return tuple(powers)


def relative_mels(powers: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Return what MSS compares, from `mel_powers`: dB relative to the loudest bin of each scale."""
    return tuple(_relative_db(power) for power in powers)


def relative_mel_distance(mels_a: tuple[np.ndarray, ...], mels_b: tuple[np.ndarray, ...]) -> float:
    """Return MSS of two sounds of equal length, from their `relative_mels`."""
    each = [float(np.mean(np.abs(a - b))) for a, b in zip(mels_a, mels_b, strict=True)]
    return sum(each) / len(each)


def spectral_convergence(target: np.ndarray, answer: np.ndarray, config: MelConfig) -> float:
    """Return SC: Frobenius norm of the difference of two mel powers, relative to the target's.

    Args:
        target: Mono audio at the mel's sample rate.
        answer: Mono audio.
        config: How sounds become mels.

    Returns:
        0 for equal sounds, 1 for a silent answer; infinite for a silent target.
    """
    floor = config.floor
    a, b = (np.exp(log_mel(x, config)) - floor for x in (target, answer))
    norm = float(np.linalg.norm(a))
    return float(np.linalg.norm(a - b)) / norm if norm > 0.0 else float("inf")


@lru_cache(maxsize=12)
def _filters(sample_rate: int, n_fft: int, n_mels: int) -> np.ndarray:
    # The shortest window has fewer bins than some bands need; those bands stay empty, as published.
    return slaney_filters(sample_rate, n_fft, n_mels)


def _relative_db(power: np.ndarray) -> np.ndarray:
    loudest = max(float(power.max()), 1e-10)
    db = 10.0 * np.log10(np.maximum(power, 1e-10)) - 10.0 * np.log10(loudest)
    return np.maximum(db, db.max() - _TOP_DB)
