"""Every figure by which an answer is judged, side by side; each by its published definition.

docs/metrics.md says in words what each of them hears and misses, and which mistakes of the original
evaluation are not repeated.

References:
    Esling et al., "Universal audio synthesizer control with normalizing flows", DAFx 2019: MSE_n, SC, MSE.
    `core.ruler.soft_mss`, `pitch_error` and `envelope_error`: the three figures that come first.
    Hayes et al., "Audio synthesizer inversion in symmetric parameter spaces with approximately equivariant
    flow matching", ISMIR 2025: MSS, wMFCC, SOT, RMS.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft

from core.distances import log_mel_distance, mel_powers, relative_mel_distance, relative_mels
from core.loudness import level, momentary_loudness
from core.mel import MelConfig, log_mel, power_spectrogram, slaney_filters
from core.ruler.envelope_error import envelope_difference, loudness_envelope
from core.ruler.pitch_error import PitchCurve, pitch_curve, pitch_difference
from core.ruler.soft_mss import soft_mel_distance, soft_mels
from core.ruler.warping import warped_distance

__all__ = [
    "FIGURES",
    "VERSION",
    "AnalysedSound",
    "Figure",
    "analyse",
    "compare",
    "envelope_cosine",
    "normalised_parameter_error",
    "parameter_magnitude",
    "spectral_transport",
    "warped_mfcc_distance",
]

VERSION = 2  # of the definitions below; figures measured under another are measured again
N_MFCC = 20
_MFCC_MELS = 128
_AMIN = 1e-10  # power below this counts as this, as in librosa's power_to_db
_TOP_DB = 80.0


@dataclass(frozen=True)
class Figure:
    """One figure of the tables.

    Attributes:
        name: Key in files.
        title: Heading of its column.
        lower_is_closer: Whether less is better.
        digits: Digits shown after the decimal point.
    """

    name: str
    title: str
    lower_is_closer: bool = True
    digits: int = 2


FIGURES = (
    Figure("soft_mss_db", "soft MSS, dB"),
    Figure("pitch_cents", "pitch error, cents", digits=0),
    Figure("envelope_db", "envelope error, dB"),
    Figure("mss_db", "MSS, dB"),
    Figure("wmfcc", "wMFCC"),
    Figure("sot", "SOT", digits=3),
    Figure("rms_cosine", "RMS cosine", lower_is_closer=False, digits=3),
    Figure("sc", "SC"),
    Figure("mse", "MSE"),
    Figure("log_mel_db", "log-mel, dB"),
    Figure("loudness_error_db", "loudness error, dB"),
)


@dataclass(frozen=True)
class AnalysedSound:
    """All that is compared of one sound, so that a target is analysed once for many answers.

    Attributes:
        soft_mels: For soft MSS, see `core.ruler.soft_mss`.
        pitch: For the pitch error.
        envelope_lufs: For the envelope error, see `core.ruler.envelope_error.loudness_envelope`.
        mels: For MSS, see `core.distances.relative_mels`.
        mfcc: `(n, 20)`.
        spectra: Magnitude spectra for SOT, each frame adding up to 1 or, where silent, to 0, `(n, bins)`.
        rms: RMS envelope, `(n,)`.
        power: Mel power as played, `(n_mels, n_frames)`.
        log_mel: Of the levelled sound.
        loudness: LUFS as played.
    """

    soft_mels: tuple[np.ndarray, ...]
    pitch: PitchCurve
    envelope_lufs: np.ndarray
    mels: tuple[np.ndarray, ...]
    mfcc: np.ndarray
    spectra: np.ndarray
    rms: np.ndarray
    power: np.ndarray
    log_mel: np.ndarray
    loudness: float


def analyse(audio: np.ndarray, mel: MelConfig, *, seconds: float = 4.0) -> AnalysedSound:
    """Analyse a sound for comparison.

    SC, MSE and loudness are of the sound as played, as the paper has them; all others of the sound brought
    to -24 LUFS, so that they hear timbre, pitch and shape.

    Args:
        audio: Mono, `(n_samples,)`, at the mel's sample rate.
        mel: How SC, MSE and log-mel hear.
        seconds: Longer is cut, shorter is padded with silence; two sounds to compare need the same.
    """
    rate = mel.sample_rate
    n = round(seconds * rate)
    audio = np.asarray(audio, np.float32)[:n]
    audio = np.pad(audio, (0, n - len(audio)))
    leveled = level(audio, rate)
    powers = mel_powers(leveled, rate)
    return AnalysedSound(
        soft_mels=soft_mels(powers),
        pitch=pitch_curve(leveled, rate),
        envelope_lufs=loudness_envelope(leveled, rate),
        mels=relative_mels(powers),
        mfcc=_mfcc(leveled, rate),
        spectra=_spectra(leveled, rate),
        rms=_envelope(leveled, rate),
        power=np.maximum(np.exp(log_mel(audio, mel)) - np.float32(mel.floor), 0.0),
        log_mel=log_mel(leveled, mel),
        loudness=momentary_loudness(audio, rate),
    )


def compare(target: AnalysedSound, answer: AnalysedSound) -> dict[str, float]:
    """Measure an answer against its target: a value for each of `FIGURES`.

    All are finite, but for a target without pitch, which has no pitch error: nan. A silent target has no SC
    by definition; it is 0 here for a silent answer and 1e6 for any other.
    """
    difference = target.power - answer.power
    norm = float(np.linalg.norm(target.power))
    off = float(np.linalg.norm(difference))
    return {
        "soft_mss_db": soft_mel_distance(target.soft_mels, answer.soft_mels),
        "pitch_cents": pitch_difference(target.pitch, answer.pitch),
        "envelope_db": envelope_difference(target.envelope_lufs, answer.envelope_lufs),
        "mss_db": relative_mel_distance(target.mels, answer.mels),
        "wmfcc": warped_distance(target.mfcc, answer.mfcc),
        "sot": _transport(target.spectra, answer.spectra),
        "rms_cosine": _cosine(target.rms, answer.rms),
        "sc": off / norm if norm > 0.0 else (1e6 if off > 0.0 else 0.0),
        "mse": float(np.mean(difference**2)),
        "log_mel_db": log_mel_distance(target.log_mel, answer.log_mel),
        "loudness_error_db": abs(target.loudness - answer.loudness),
    }


def warped_mfcc_distance(a: np.ndarray, b: np.ndarray, sample_rate: int) -> float:
    """Return wMFCC: mean absolute difference of 20 MFCCs (50 ms every 10 ms), best aligned in time."""
    return warped_distance(_mfcc(a, sample_rate), _mfcc(b, sample_rate))


def spectral_transport(a: np.ndarray, b: np.ndarray, sample_rate: int) -> float:
    """Return SOT: how far magnitude has to move along frequency, mean over frames (50 ms every 20 ms).

    Of two sounds of one length; in parts of the whole range, 0 to 1. A silent frame against a sounding one
    counts as if all of its magnitude lay above the range. Silent is what lies 80 dB below the loudest frame;
    the published code has an absolute limit instead, by which a tail that nobody hears is compared in full.
    """
    return _transport(_spectra(a, sample_rate), _spectra(b, sample_rate))


def envelope_cosine(a: np.ndarray, b: np.ndarray, sample_rate: int) -> float:
    """Return RMS: cosine between the two RMS envelopes (50 ms every 25 ms); 1 for the same shape in time."""
    return _cosine(_envelope(a, sample_rate), _envelope(b, sample_rate))


def parameter_magnitude(patches: np.ndarray) -> np.ndarray:
    """Return the mean square of every parameter over a test set `(n, P)`, at least 1e-4, for MSE_n."""
    return np.maximum((np.asarray(patches, np.float64) ** 2).mean(axis=0), 1e-4)


def normalised_parameter_error(
    true: np.ndarray, answers: np.ndarray, magnitude: np.ndarray | None = None
) -> np.ndarray:
    """Return MSE_n of each answer: squared error over that parameter's mean square, mean over parameters.

    The mean square is taken over the whole set, not over a batch as in the original code, where the figure
    depended on the batch size.

    Args:
        true: Patches of the test set, `(n, P)`.
        answers: `(n, P)`.
        magnitude: Mean squares `(P,)` of a larger set that these targets are drawn from.

    Returns:
        `(n,)`.
    """
    error = (np.asarray(answers, np.float64) - np.asarray(true, np.float64)) ** 2
    return np.asarray((error / (parameter_magnitude(true) if magnitude is None else magnitude)).mean(axis=1))


def _mfcc(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    n_fft, hop = int(0.05 * sample_rate), int(0.01 * sample_rate)
    power = _mfcc_filters(sample_rate, n_fft) @ power_spectrogram(audio, n_fft, hop)
    db = 10.0 * np.log10(np.maximum(power, _AMIN))
    db = np.maximum(db, db.max() - _TOP_DB)
    return np.asarray(scipy.fft.dct(db, axis=0, type=2, norm="ortho")[:N_MFCC].T)


@lru_cache(maxsize=4)
def _mfcc_filters(sample_rate: int, n_fft: int) -> np.ndarray:
    return slaney_filters(sample_rate, n_fft, _MFCC_MELS)


def _spectra(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    magnitude = np.sqrt(power_spectrogram(audio, int(0.05 * sample_rate), int(0.02 * sample_rate))).T
    total = magnitude.sum(axis=1, keepdims=True)
    silent = total < max(float(total.max()) * 10.0 ** (-_TOP_DB / 20.0), 1e-6)
    return np.where(silent, 0.0, magnitude / np.maximum(total, 1e-6))


def _transport(a: np.ndarray, b: np.ndarray) -> float:
    # In one dimension, the earth mover's distance is the area between the cumulative distributions.
    return float(np.abs(np.cumsum(a - b, axis=1)).mean())


def _envelope(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    n, hop = int(0.05 * sample_rate), int(0.025 * sample_rate)
    padded = np.pad(np.asarray(audio, np.float64), n // 2)
    total = np.concatenate([[0.0], np.cumsum(padded**2)])
    starts = np.arange(0, len(padded) - n + 1, hop)
    return np.sqrt(np.maximum(total[starts + n] - total[starts], 0.0) / n)


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    norms = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(a @ b) / norms if norms > 1e-12 else 0.0
