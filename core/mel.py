"""The only maker of mels: how audio becomes what networks hear."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = ["MelConfig", "log_mel", "mel_filters", "power_spectrogram", "slaney_filters"]


@dataclass(frozen=True, kw_only=True)
class MelConfig:
    """How audio becomes a mel; saved with every model, so training and playing agree.

    The defaults are those of Esling et al. 2019. Only `floor` differs (they add 1e-3 before the
    logarithm): at 1e-5 the decay of a levelled sound stays visible for 70 dB.
    """

    sample_rate: int = 22_050  # Hz
    n_fft: int = 2_048  # samples
    hop_samples: int = 1_024
    n_mels: int = 64
    low_hz: float = 30.0
    high_hz: float = 11_000.0
    n_frames: int = 80  # 3.7 s
    floor: float = 1e-5  # added to the mel power before the logarithm

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of a mel, `(n_mels, n_frames)`."""
        return self.n_mels, self.n_frames

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        return asdict(self)


@lru_cache(maxsize=4)
def mel_filters(config: MelConfig) -> np.ndarray:
    """Return the triangular mel filters, Slaney style, float32 `(n_mels, n_fft // 2 + 1)`."""
    return slaney_filters(config.sample_rate, config.n_fft, config.n_mels, config.low_hz, config.high_hz)


def slaney_filters(
    sample_rate: int, n_fft: int, n_mels: int, low_hz: float = 0.0, high_hz: float | None = None
) -> np.ndarray:
    """Return triangular filters of equal area on Slaney's mel scale: linear to 1 kHz, logarithmic above.

    The same as `librosa.filters.mel`, which takes 2 s to import.

    Args:
        sample_rate: Hz.
        n_fft: Transform length, samples.
        n_mels: Number of filters.
        low_hz: Where the first begins.
        high_hz: Where the last ends; by default half the sample rate.

    Returns:
        Float32 `(n_mels, n_fft // 2 + 1)`.

    References:
        Slaney, "Auditory Toolbox", Interval Research Corporation, 1998.
    """
    ends = _hz_to_mel(np.array([low_hz, sample_rate / 2.0 if high_hz is None else high_hz]))
    corners = _mel_to_hz(np.linspace(ends[0], ends[1], n_mels + 2))
    widths = np.diff(corners)
    ramps = corners[:, None] - np.fft.rfftfreq(n_fft, 1.0 / sample_rate)
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    filters = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    filters *= (2.0 / (corners[2:] - corners[:-2]))[:, None]
    return filters


def mel_centres_hz(n_mels: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Return the centre of each filter of `slaney_filters`, Hz, `(n_mels,)`."""
    ends = _hz_to_mel(np.array([low_hz, high_hz]))
    return np.asarray(_mel_to_hz(np.linspace(ends[0], ends[1], n_mels + 2))[1:-1])


_MEL_HZ = 200.0 / 3.0  # one mel, up to where the scale bends
_BEND_HZ = 1_000.0
_BEND_MEL = _BEND_HZ / _MEL_HZ
_OCTAVE_STEP = np.log(6.4) / 27.0  # natural logarithm of the ratio that one mel stands for, above


def _hz_to_mel(hz: np.ndarray) -> np.ndarray:
    above = _BEND_MEL + np.log(np.maximum(hz, _BEND_HZ) / _BEND_HZ) / _OCTAVE_STEP
    return np.where(hz >= _BEND_HZ, above, hz / _MEL_HZ)


def _mel_to_hz(mels: np.ndarray) -> np.ndarray:
    above = _BEND_HZ * np.exp(_OCTAVE_STEP * (np.maximum(mels, _BEND_MEL) - _BEND_MEL))
    return np.where(mels >= _BEND_MEL, above, mels * _MEL_HZ)


@lru_cache(maxsize=16)
def _hann(n: int) -> np.ndarray:
    """Return a periodic Hann window, float32 `(n,)`, the same as SciPy's, which takes a second to import."""
    return (0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, n + 1)[:-1])).astype(np.float32)


def power_spectrogram(audio: np.ndarray, n_fft: int, hop_samples: int) -> np.ndarray:
    """Return the power spectrogram: centred frames, periodic Hann window, zeros beyond the ends.

    Args:
        audio: Mono, `(n_samples,)`.
        n_fft: Window and transform length, samples.
        hop_samples: Step from frame to frame.

    Returns:
        Float32 `(n_fft // 2 + 1, n_frames)`.
    """
    import scipy.fft  # not above: the server reads a mel's settings and computes none

    padded = np.pad(np.asarray(audio, np.float32), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_samples]
    spectrum = scipy.fft.rfft(frames * _hann(n_fft), axis=1)
    return np.ascontiguousarray((spectrum.real**2 + spectrum.imag**2).T)


def log_mel(audio: np.ndarray, config: MelConfig) -> np.ndarray:
    """Turn mono audio into a log-mel spectrogram.

    Args:
        audio: `(n_samples,)` at `config.sample_rate`; longer is cut, shorter is padded with silence.
        config: How sounds become mels.

    Returns:
        Natural logarithm of mel power plus `config.floor`, float32 `(n_mels, n_frames)`.
    """
    needed = config.n_frames * config.hop_samples
    audio = np.asarray(audio, np.float32)[:needed]
    audio = np.pad(audio, (0, needed - len(audio)))
    power = power_spectrogram(audio, config.n_fft, config.hop_samples)[:, : config.n_frames]
    return np.log(mel_filters(config) @ power + np.float32(config.floor))
