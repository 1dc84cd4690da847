"""A render as the ruler of macros hears it: its descriptors, its mels for distances, its peak."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.distances import mel_powers
from core.loudness import level
from core.mel import power_spectrogram
from core.playing.note import Note
from core.ruler.soft_mss import SOFT_LUFS, soft_mels

__all__ = ["MORE_DESCRIPTORS", "Heard", "hear", "more_descriptors"]

MORE_DESCRIPTORS = ("wobble", "sweep", "detuning", "crest", "hollowness")

_HARMONICS = 8
_PEAK_SECONDS = 0.4
_FLOOR = 1e-12
_AUDIBLE = 1e-4  # of the strongest harmonic's power


@dataclass(frozen=True)
class Heard:
    """What one render sounds like.

    Attributes:
        descriptors: Those of `core.descriptors`, and `more_descriptors`, by name.
        mels: `core.ruler.soft_mss.soft_mels` of the levelled sound.
        peak: Largest absolute sample; 1 is full scale.
    """

    descriptors: Mapping[str, float]
    mels: tuple[np.ndarray, ...]
    peak: float


def hear(audio: np.ndarray, sample_rate: int, note: Note) -> Heard:
    """Analyse mono audio of a note."""
    found = describe(audio, sample_rate, note.held_seconds).tolist()
    powers = mel_powers(level(audio, sample_rate, SOFT_LUFS), sample_rate)
    return Heard(
        {**dict(zip(DESCRIPTOR_NAMES, found, strict=True)), **more_descriptors(audio, sample_rate, note)},
        soft_mels(powers),
        float(np.abs(audio).max(initial=0.0)),
    )


def more_descriptors(audio: np.ndarray, sample_rate: int, note: Note) -> dict[str, float]:
    """Return what the descriptors of a dataset do not hold.

    Returns:
        wobble: Cents by which the fundamental moves from frame to frame, standard deviation.
        sweep: Octaves by which the spectral centroid moves around its own slow trend, standard deviation.
        detuning: Cents by which the power around each harmonic is spread, in the loudest second.
        crest: dB from mean power to peak, in the loudest 0.4 s; distortion lowers it.
        hollowness: dB of the odd harmonics' power over that of the even ones.
    """
    hz = 440.0 * 2.0 ** ((note.note - 69) / 12.0)
    cents, power = _around_harmonics(_loudest(audio, sample_rate, 1.0), sample_rate, hz)
    sums = power.sum(axis=1) + _FLOOR
    middle = (power * cents).sum(axis=1) / sums
    spread = np.sqrt(np.maximum((power * cents**2).sum(axis=1) / sums - middle**2, 0.0))
    audible = sums > _AUDIBLE * sums.max()
    loud = _loudest(audio, sample_rate, _PEAK_SECONDS)
    mean = float(np.mean(loud.astype(np.float64) ** 2))
    return {
        "wobble": _wobble(audio, sample_rate, hz),
        "sweep": _sweep(audio, sample_rate),
        "detuning": float(spread[audible].mean()),
        "crest": 10.0 * float(np.log10((float(np.abs(loud).max()) ** 2 + _FLOOR) / (mean + _FLOOR))),
        "hollowness": 10.0 * float(np.log10(sums[0::2].sum() / sums[1::2].sum())),
    }


def _loudest(audio: np.ndarray, sample_rate: int, seconds: float) -> np.ndarray:
    n = int(seconds * sample_rate)
    padded = np.pad(np.asarray(audio, np.float32), (0, max(0, n - len(audio))))
    summed = np.concatenate([[0.0], np.cumsum(padded.astype(np.float64) ** 2)])
    start = int(np.argmax(summed[n:] - summed[:-n]))
    return padded[start : start + n]


def _around_harmonics(audio: np.ndarray, sample_rate: int, hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Return cents from each harmonic, and the power there, `(harmonics, n)`: 100 cents to either side."""
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    bins = np.fft.rfftfreq(len(audio), 1.0 / sample_rate)
    cents = np.linspace(-100.0, 100.0, 81)
    at = hz * np.arange(1, _HARMONICS + 1)[:, None] * 2.0 ** (cents / 1200.0)
    return np.broadcast_to(cents, at.shape), np.interp(at, bins, spectrum)


def _wobble(audio: np.ndarray, sample_rate: int, hz: float) -> float:
    power = power_spectrogram(audio, 2_048, 512)
    bins = np.fft.rfftfreq(2_048, 1.0 / sample_rate)
    near = (bins > 0.75 * hz) & (bins < 1.33 * hz)
    power, octaves = power[near], np.log2(bins[near] / hz)
    weight = power.sum(axis=0)
    sounding = weight > 1e-3 * weight.max(initial=0.0)
    if not sounding.any():
        return 0.0
    return 1200.0 * float(np.std(octaves @ (power[:, sounding] / weight[sounding])))


def _sweep(audio: np.ndarray, sample_rate: int) -> float:
    power = power_spectrogram(audio, 2_048, 512)[1:] + _FLOOR
    level = power.sum(axis=0)
    octaves = np.log2(np.fft.rfftfreq(2_048, 1.0 / sample_rate)[1:])
    centroid = octaves @ (power / level)
    trend = np.convolve(np.pad(centroid, 20, mode="edge"), np.ones(41) / 41, mode="valid")
    return float(np.std((centroid - trend)[level > 1e-4 * level.max()]))
