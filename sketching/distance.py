"""How far an answer is from a sound: what refinement minimizes, and what closeness is computed from.

Timbre over time is compared by the mels of MSS (`core.distances`), at three scales and levelled. The envelope
of the loudness is compared beside it, because MSS spreads a wrong envelope over many soft bins and hardly
penalizes it, although a musician hears it at once.
"""

from dataclasses import dataclass

import numpy as np

from core.distances import relative_mel_distance, relative_mels

__all__ = ["ENVELOPE_WEIGHT", "DistanceFeatures", "distance_db", "distance_features"]

ENVELOPE_WEIGHT = 0.2
_WINDOW_SECONDS, _HOP_SECONDS = 0.05, 0.025
_ENVELOPE_FLOOR_DB = -50.0  # relative to the loudest moment; anything softer counts as silence


@dataclass(frozen=True)
class DistanceFeatures:
    """The features of a sound that a distance compares; computed once for a target.

    Attributes:
        mels: See `core.distances.relative_mels`.
        envelope_db: RMS relative to the loudest moment, `(n,)`.
    """

    mels: tuple[np.ndarray, ...]
    envelope_db: np.ndarray

    def in_half_precision(self) -> "DistanceFeatures":
        """Return the features in half precision, within 0.03 dB, to be sent between processes."""
        return DistanceFeatures(
            tuple(m.astype(np.float16) for m in self.mels), self.envelope_db.astype(np.float16)
        )


def distance_features(audio: np.ndarray, sample_rate: int, seconds: float) -> DistanceFeatures:
    """Return the features of mono audio; longer audio is cut, shorter is padded with silence.

    Args:
        audio: `(n_samples,)`.
        sample_rate: Hz.
        seconds: Length at which sounds are compared.
    """
    n = round(seconds * sample_rate)
    audio = np.pad(np.asarray(audio, np.float32)[:n], (0, max(0, n - len(audio))))
    return DistanceFeatures(relative_mels(audio, sample_rate), _envelope_db(audio, sample_rate))


def distance_db(a: DistanceFeatures, b: DistanceFeatures) -> float:
    """Return MSS plus a share of the mean difference of the envelopes, in dB; 0 for equal sounds."""
    envelope = float(np.mean(np.abs(a.envelope_db - b.envelope_db)))
    return relative_mel_distance(a.mels, b.mels) + ENVELOPE_WEIGHT * envelope


def _envelope_db(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    n, hop = round(_WINDOW_SECONDS * sample_rate), round(_HOP_SECONDS * sample_rate)
    total = np.concatenate([[0.0], np.cumsum(np.asarray(audio, np.float64) ** 2)])
    starts = np.arange(0, max(1, len(audio) - n + 1), hop)
    power = (total[np.minimum(starts + n, len(audio))] - total[starts]) / n
    loudest = max(float(power.max()), 1e-12)
    return np.maximum(10.0 * np.log10(np.maximum(power, 1e-12) / loudest), _ENVELOPE_FLOOR_DB)
