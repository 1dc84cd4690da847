"""Where a sound begins, and a sound cut to what a model hears: from its onset, at one loudness and length."""

import numpy as np

from core.errors import SoundError
from core.loudness import level, momentary_loudness

__all__ = ["SILENT_LUFS", "cut_to_note", "find_onset"]

SILENT_LUFS = -70.0  # anything softer is no sound that was meant: BS.1770's absolute gate
_BELOW_LOUDEST_DB = 40.0
_FRAME_SECONDS = 0.01
_BEFORE_SECONDS = 0.005  # kept, so that the attack itself is whole


def find_onset(audio: np.ndarray, sample_rate: int) -> int:
    """Find the first sample of the sound.

    That is 5 ms before the first 10 ms that come within 40 dB of the loudest: deep enough for a slow swell,
    above the noise of a room.

    Args:
        audio: Mono, `(n_samples,)`.
        sample_rate: Hz.

    Returns:
        Index of the sample; 0 for silence.
    """
    n = max(1, round(_FRAME_SECONDS * sample_rate))
    if len(audio) < n:
        return 0
    frames = np.asarray(audio[: len(audio) // n * n], np.float64).reshape(-1, n)
    power = (frames**2).mean(axis=1)
    loudest = float(power.max())
    if loudest <= 0.0:
        return 0
    first = int(np.argmax(power >= loudest * 10.0 ** (-_BELOW_LOUDEST_DB / 10.0)))
    return max(0, first * n - round(_BEFORE_SECONDS * sample_rate))


def cut_to_note(
    audio: np.ndarray,
    sample_rate: int,
    *,
    seconds: float = 4.0,
    held_seconds: float = 3.0,
    target_lufs: float = -24.0,
) -> np.ndarray:
    """Cut a sound to what a model was trained to hear: a note from its onset, released, at one loudness.

    A sound longer than the note fades out from where the note would be released, as in the paper for its
    out-of-domain sounds; a shorter one ends by itself.

    Args:
        audio: Mono, `(n_samples,)`.
        sample_rate: Hz.
        seconds: Length of the result.
        held_seconds: When a note would be released.
        target_lufs: Loudness of the result.

    Returns:
        Float32 `(seconds * sample_rate,)`.

    Raises:
        SoundError: The sound is silent.
    """
    n = round(seconds * sample_rate)
    start = find_onset(audio, sample_rate)
    cut = np.array(audio[start : start + n], np.float32)
    if momentary_loudness(cut, sample_rate) < SILENT_LUFS:
        raise SoundError("it is silent; record it louder.")
    if len(audio) - start > n and held_seconds < seconds:
        n_fade = n - round(held_seconds * sample_rate)
        cut[n - n_fade :] *= np.linspace(1.0, 0.0, n_fade, dtype=np.float32)
    return level(np.pad(cut, (0, n - len(cut))), sample_rate, target_lufs)
