"""How loud a sound is, by the K-weighting of ITU-R BS.1770."""

from functools import lru_cache

import numpy as np

__all__ = ["SILENCE_LUFS", "level", "loudness_curve", "momentary_loudness"]

SILENCE_LUFS = -100.0  # for silence, instead of minus infinity
_WINDOW_SECONDS = 0.4  # BS.1770's momentary window
_STEP_SECONDS = 0.1
_MAX_GAIN_DB = 60.0  # silence is not amplified further than this
_SETTLED_SECONDS = 0.25  # the high pass has faded by 500 dB


@lru_cache(maxsize=4)
def _k_weighting(sample_rate: int, n_fft: int) -> np.ndarray:
    """Return the K-weighting, redesigned for a sample rate: its response at the bins of a transform.

    Centre, gain and Q of the two stages are those that reproduce BS.1770's 48 kHz coefficients.
    """
    shelf = _biquad_shelf(sample_rate, hz=1_681.9744509555319, gain_db=3.99984385397, q=0.7071752369554193)
    high_pass = _biquad_high_pass(sample_rate, hz=38.13547087613982, q=0.5003270373253953)
    delays = np.exp(-2j * np.pi * np.outer(np.arange(3), np.arange(n_fft // 2 + 1) / n_fft))
    response = np.ones(n_fft // 2 + 1, np.complex128)
    for section in (shelf, high_pass):
        response *= (section[:3] @ delays) / (section[3:] @ delays)
    return response


def _weighted(channels: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return channels `(n_channels, n_samples)` through the K-weighting.

    By transforms and not by recursion: SciPy's filters load 40 MB, which nothing else needs, into every
    process. What a filter goes on with after the end comes round to the beginning: by then it has faded.
    """
    n = channels.shape[-1]
    n_fft = 1 << (n + int(_SETTLED_SECONDS * sample_rate)).bit_length()
    with np.errstate(invalid="ignore"):  # values that are not finite make all of it so
        spectrum = np.fft.rfft(channels, n_fft) * _k_weighting(sample_rate, n_fft)
        return np.asarray(np.fft.irfft(spectrum, n_fft)[..., :n])


def momentary_loudness(audio: np.ndarray, sample_rate: int) -> float:
    """Return the loudness of the loudest 400 ms of a sound, in LUFS.

    The loudest moment and not the mean over the file, because a pluck and a pad of equal momentary loudness
    are heard as equally loud.

    Args:
        audio: `(n_samples,)`, or `(n_channels, n_samples)` whose channels are added in power.
        sample_rate: Hz.

    Returns:
        Loudness, at least `SILENCE_LUFS`.
    """
    if np.shape(audio)[-1] == 0:
        return SILENCE_LUFS
    # Python's max: a sound with values that are not finite counts as silence.
    return max(SILENCE_LUFS, float(loudness_curve(audio, sample_rate, _WINDOW_SECONDS, _STEP_SECONDS).max()))


def loudness_curve(
    audio: np.ndarray, sample_rate: int, window_seconds: float, step_seconds: float
) -> np.ndarray:
    """Return the loudness of each window of a sound, in LUFS, at least `SILENCE_LUFS`.

    Args:
        audio: `(n_samples,)`, or `(n_channels, n_samples)` whose channels are added in power; padded with
            silence if it is shorter than a window.
        sample_rate: Hz.
        window_seconds: Length of a window; the first begins with the sound, the last ends within it.
        step_seconds: From the beginning of one to that of the next.

    Returns:
        `(n_windows,)`.
    """
    channels = np.atleast_2d(np.asarray(audio, np.float64))
    window, step = int(window_seconds * sample_rate), int(step_seconds * sample_rate)
    power = np.sum(_weighted(channels, sample_rate) ** 2, axis=0)
    power = np.pad(power, (0, max(0, window - len(power))))
    summed = np.concatenate([[0.0], np.cumsum(power)])
    starts = np.arange(0, len(power) - window + 1, step)
    mean = (summed[starts + window] - summed[starts]) / window
    return np.asarray(np.maximum(SILENCE_LUFS, -0.691 + 10.0 * np.log10(np.maximum(mean, 1e-12))))


def level(
    audio: np.ndarray, sample_rate: int, target_lufs: float = -24.0, *, loudness: float | None = None
) -> np.ndarray:
    """Scale a sound to a loudness (LUFS of the loudest 400 ms); silence stays silence.

    Args:
        audio: Mono, `(n_samples,)`.
        sample_rate: Hz.
        target_lufs: The loudness that it is to have.
        loudness: That it has, LUFS, if it is known.
    """
    before = momentary_loudness(audio, sample_rate) if loudness is None else loudness
    gain_db = min(target_lufs - before, _MAX_GAIN_DB)
    return np.asarray(audio * 10.0 ** (gain_db / 20.0), np.float32)


def _biquad_shelf(sample_rate: int, *, hz: float, gain_db: float, q: float) -> np.ndarray:
    k = np.tan(np.pi * hz / sample_rate)
    high = 10.0 ** (gain_db / 20.0)
    band = high**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    b = [high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k]
    return np.array([*b, a0, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k]) / a0


def _biquad_high_pass(sample_rate: int, *, hz: float, q: float) -> np.ndarray:
    k = np.tan(np.pi * hz / sample_rate)
    a0 = 1.0 + k / q + k * k
    # BS.1770 leaves the numerator at 1, -2, 1.
    return np.array([1.0, -2.0, 1.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0])
