"""How far an answer is from a sound: what refinement minimizes, and what closeness is computed from.

It is soft MSS (`core.ruler.soft_mss`): answers are judged by it, too, and it agrees best with listeners. It
hears a wrong envelope in every bin that sounds. A term for the envelope beside it was tried, and is not worth
what it costs (docs/experiments.md).
"""

from dataclasses import dataclass

import numpy as np

from core.distances import mel_powers
from core.loudness import level
from core.ruler.soft_mss import SOFT_LUFS, soft_mel_distance, soft_mels

__all__ = ["DistanceFeatures", "distance_db", "distance_features"]


@dataclass(frozen=True)
class DistanceFeatures:
    """The features of a sound that a distance compares; computed once for a target.

    Attributes:
        mels: See `core.ruler.soft_mss.soft_mels`.
    """

    mels: tuple[np.ndarray, ...]

    def in_half_precision(self) -> "DistanceFeatures":
        """Return the features in half precision, within 0.02 dB, to be sent between processes."""
        return DistanceFeatures(tuple(m.astype(np.float16) for m in self.mels))


def distance_features(
    audio: np.ndarray, sample_rate: int, seconds: float, *, loudness: float | None = None
) -> DistanceFeatures:
    """Return the features of mono audio; longer audio is cut, shorter is padded with silence.

    Args:
        audio: `(n_samples,)`.
        sample_rate: Hz.
        seconds: Length at which sounds are compared.
        loudness: LUFS of the loudest 400 ms of that length, if it is known.
    """
    n = round(seconds * sample_rate)
    audio = np.pad(np.asarray(audio, np.float32)[:n], (0, max(0, n - len(audio))))
    leveled = level(audio, sample_rate, SOFT_LUFS, loudness=loudness)
    return DistanceFeatures(soft_mels(mel_powers(leveled, sample_rate)))


def distance_db(a: DistanceFeatures, b: DistanceFeatures) -> float:
    """Return soft MSS, in dB; 0 for equal sounds."""
    return soft_mel_distance(a.mels, b.mels)
