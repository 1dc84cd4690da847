"""Audio descriptors: a dozen numbers that say what a sound is like.

They name macros and presets, draw the curves of what a macro does, and stand in for tags that nobody gave.
"""

import numpy as np

from core.loudness import momentary_loudness
from core.mel import power_spectrogram

__all__ = ["DESCRIPTOR_NAMES", "describe"]

DESCRIPTOR_NAMES = (
    "loudness",  # LUFS, loudest 400 ms
    "centroid",  # octaves above 100 Hz, power-weighted mean over the sounding frames
    "bandwidth",  # octaves, spread around the centroid
    "rolloff",  # octaves above 100 Hz, below which 85 % of the power lies
    "flatness",  # dB, 0 is white noise, strongly negative is tonal
    "flux",  # dB a frame, how much the spectrum changes
    "attack",  # log2 seconds from onset to 90 % of the loudest frame
    "decay",  # dB that the last held second lies below the loudest frame
    "tail",  # dB that the last half second (after the note) lies below the loudest frame
    "pitch_strength",  # 0 to 1, height of the autocorrelation peak
    "movement",  # dB, standard deviation of level around its own slow trend
    "brightness_change",  # octaves, centroid of the last held second against the first half second
)
_N_FFT = 2_048
_HOP_SAMPLES = 512
_FLOOR = 1e-10


def describe(audio: np.ndarray, sample_rate: int, held_seconds: float = 3.0) -> np.ndarray:
    """Measure the descriptors of a sound.

    Args:
        audio: Mono, `(n_samples,)`.
        sample_rate: Hz.
        held_seconds: When the note was released.

    Returns:
        Float32 `(len(DESCRIPTOR_NAMES),)`, always finite.
    """
    power = power_spectrogram(audio, _N_FFT, _HOP_SAMPLES)[1:] + _FLOOR
    hz = np.fft.rfftfreq(_N_FFT, 1.0 / sample_rate)[1:]
    seconds = np.arange(power.shape[1]) * _HOP_SAMPLES / sample_rate
    octaves = np.log2(hz / 100.0)
    level = power.sum(axis=0)
    level_db = 10.0 * np.log10(level)
    loudest = float(level_db.max())
    sounding = level_db > loudest - 40.0

    mean = power[:, sounding].mean(axis=1)
    share = mean / mean.sum()
    centroid = float(share @ octaves)
    bandwidth = float(np.sqrt(share @ (octaves - centroid) ** 2))
    rolloff = float(octaves[np.searchsorted(np.cumsum(share), 0.85)])
    flatness = 10.0 * float(np.mean(np.log10(mean))) - 10.0 * float(np.log10(mean.mean()))

    shape_db = 10.0 * np.log10(power / level + 1e-6)
    both = sounding[1:] & sounding[:-1]
    change = np.abs(np.diff(shape_db, axis=1)).mean(axis=0)
    flux = float(change[both].mean()) if both.any() else 0.0

    reached = int(np.argmax(level >= 0.9 * level.max()))
    attack = float(np.log2(max(seconds[reached], 0.005)))
    held = (seconds > held_seconds - 1.0) & (seconds < held_seconds - 0.05)
    early = seconds < 0.5
    tail = seconds > seconds[-1] - 0.5
    moving_centroid = octaves @ (power / level)
    trend = np.convolve(np.pad(level_db, 20, mode="edge"), np.ones(41) / 41, mode="valid")
    playing = sounding & (seconds < held_seconds - 0.1) & (seconds > 0.1)
    movement = float(np.std((level_db - trend)[playing])) if playing.any() else 0.0

    values = (
        momentary_loudness(audio, sample_rate),
        centroid,
        bandwidth,
        rolloff,
        flatness,
        flux,
        attack,
        loudest - 10.0 * float(np.log10(level[held].mean())) if held.any() else 0.0,
        loudest - 10.0 * float(np.log10(level[tail].mean())),
        _pitch_strength(audio, sample_rate),
        movement,
        float(moving_centroid[held].mean() - moving_centroid[early].mean()) if held.any() else 0.0,
    )
    return np.nan_to_num(np.array(values, np.float32))


def _pitch_strength(audio: np.ndarray, sample_rate: int) -> float:
    """Return the height of the highest autocorrelation peak between 40 and 1,000 Hz in the loudest 0.2 s."""
    import scipy.fft  # loads slowly, and most who import this only want names

    n = int(0.2 * sample_rate)
    audio = np.pad(np.asarray(audio, np.float32), (0, max(0, n - len(audio))))
    energy = np.convolve(audio[::8] ** 2, np.ones(n // 8), mode="valid")
    start = min(int(np.argmax(energy)) * 8, len(audio) - n)
    piece = audio[start : start + n]
    piece = piece - piece.mean()
    spectrum = scipy.fft.rfft(piece, 2 * n)
    correlation = scipy.fft.irfft(np.abs(spectrum) ** 2)[:n]
    if correlation[0] <= 1e-9:
        return 0.0
    # Dividing by the overlap makes a lag of many samples as strong as a short one.
    correlation = correlation / correlation[0] * n / np.arange(n, 0, -1)
    low, high = int(sample_rate / 1_000), int(sample_rate / 40)
    return float(np.clip(correlation[low:high].max(), 0.0, 1.0))
