"""The one maker of mels: how audio becomes the picture that networks hear."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.fft
import scipy.signal

__all__ = ["MelConfig", "log_mel", "mel_filters", "power_spectrogram"]


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
        """Give the settings as plain data."""
        return asdict(self)


@lru_cache(maxsize=4)
def mel_filters(config: MelConfig) -> np.ndarray:
    """Give the triangular mel filters, Slaney style, float32 `(n_mels, n_fft // 2 + 1)`."""
    import librosa.filters  # takes 1.5 s; whoever only plays never needs it

    return librosa.filters.mel(
        sr=config.sample_rate,
        n_fft=config.n_fft,
        n_mels=config.n_mels,
        fmin=config.low_hz,
        fmax=config.high_hz,
    )


def power_spectrogram(audio: np.ndarray, n_fft: int, hop_samples: int) -> np.ndarray:
    """Give the power spectrogram, centred frames, periodic Hann window, zeros beyond the ends.

    Args:
        audio: Mono, `(n_samples,)`.
        n_fft: Window and transform length, samples.
        hop_samples: Step from frame to frame.

    Returns:
        Float32 `(n_fft // 2 + 1, n_frames)`.
    """
    padded = np.pad(np.asarray(audio, np.float32), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_samples]
    window = scipy.signal.get_window("hann", n_fft).astype(np.float32)
    spectrum = scipy.fft.rfft(frames * window, axis=1)
    return np.ascontiguousarray((spectrum.real**2 + spectrum.imag**2).T)


def log_mel(audio: np.ndarray, config: MelConfig) -> np.ndarray:
    """Turn mono audio into a log-mel spectrogram.

    Args:
        audio: `(n_samples,)` at `config.sample_rate`; longer is cut, shorter is padded with silence.
        config: The settings.

    Returns:
        Natural logarithm of mel power plus `config.floor`, float32 `(n_mels, n_frames)`.
    """
    needed = config.n_frames * config.hop_samples
    audio = np.asarray(audio, np.float32)[:needed]
    audio = np.pad(audio, (0, needed - len(audio)))
    power = power_spectrogram(audio, config.n_fft, config.hop_samples)[:, : config.n_frames]
    return np.log(mel_filters(config) @ power + np.float32(config.floor))
