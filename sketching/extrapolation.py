"""How a sound would go on if it were a held note."""

import numpy as np

from core.mel import MelConfig
from synths.engine import Note

__all__ = ["extrapolated_mel"]

_LAST_SECONDS = 0.3  # from which the rest of a sound is extrapolated
_STEEPEST = -12.0  # natural logarithm of power a second; a sound that falls faster is over soon anyway
_OVER = 9.2  # 40 dB below the loudest frame, as natural logarithm of power: the sound has ended


def extrapolated_mel(mel: np.ndarray, seconds: float, config: MelConfig, note: Note) -> np.ndarray:
    """Return the mel of a whole note from its beginning: it goes on as it did last, then it is released.

    Args:
        mel: Log-mel of the beginning, followed by silence, `(n_mels, n_frames)`.
        seconds: How long the beginning is.
        config: Of the mel.
        note: Its length is that of the whole.

    Returns:
        The beginning unchanged, and the rest extrapolated; a sound that has already ended is unchanged.
    """
    per_second = config.sample_rate / config.hop_samples
    n = min(int(seconds * per_second) - 1, mel.shape[1])  # the last frame is not full
    n_held, n_last = int(note.held_seconds * per_second), max(2, round(_LAST_SECONDS * per_second))
    if n < 2 or n >= n_held:
        return mel
    last = mel[:, max(0, n - n_last) : n]
    power = np.log(np.exp(mel[:, :n]).sum(axis=0))
    if power[-last.shape[1] :].mean() < power.max() - _OVER:
        return mel
    slope = np.polyfit(np.arange(last.shape[1]), power[-last.shape[1] :], 1)[0]
    slope = min(max(float(slope), _STEEPEST / per_second), 0.0)
    after = np.arange(1, n_held - n + 1)
    carried = mel.copy()
    carried[:, n:n_held] = last.mean(axis=1, keepdims=True) + slope * after
    floor = np.float32(np.log(config.floor))
    return np.maximum(carried, floor)
