"""A picture of a sound: its mel spectrogram, a byte for each point."""

import numpy as np

from core.mel import MelConfig, log_mel
from core.sound_file import resample

__all__ = ["spectrogram"]

_RANGE_DB = 70.0  # from the loudest point down


def spectrogram(audio: np.ndarray, sample_rate: int) -> tuple[int, int, bytes]:
    """Draw a sound. For a worker thread.

    Args:
        audio: Mono `(n_samples,)`.
        sample_rate: Hz.

    Returns:
        Width, height, and a byte for each point, row by row, highest pitch first: 0 silent, 255 loudest.
    """
    config = MelConfig(n_fft=2_048, hop_samples=512, n_mels=96, n_frames=140)
    audio = resample(audio, sample_rate, config.sample_rate)
    db = log_mel(audio, config) * (10.0 / np.log(10.0))
    shown = np.clip(1.0 + (db - db.max()) / _RANGE_DB, 0.0, 1.0)
    if float(np.abs(audio).max(initial=0.0)) < 1e-5:
        shown = np.zeros_like(shown)
    picture = (shown[::-1] * 255.0).astype(np.uint8)
    return config.n_frames, config.n_mels, picture.tobytes()
