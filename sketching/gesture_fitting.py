"""Gestures drawn after a sound: what a patch's own render lacks of its loudness, brightness and pitch.

A curve is not that of the sound but the difference between the sound and what the patch plays by itself, so
that knobs of the patch go on doing what they did. Only the pitch is that of the sound: that of a render is
not tracked. Whether a curve helps is for a render to tell.
"""

import math
from collections.abc import Iterator

import numpy as np
import scipy.ndimage

from core.mel import MelConfig, mel_centres_hz
from core.playing.gestures import GESTURE_KINDS, GESTURE_POINTS, Gesture, GestureKind, Gestures
from core.ruler.soft_mss import SOFT_FLOOR
from sketching.candidate import TargetSound

__all__ = ["GestureFitting"]

_HOP_SECONDS = 0.01  # of the middle scale of soft MSS
_SHORTEST_SECONDS = 0.1
_DB = 10.0 / math.log(10.0)  # natural logarithm of power to dB
_LOG_FLOOR = math.log(SOFT_FLOOR)
_HEARD = _LOG_FLOOR + 1.0  # natural logarithm of power
_LOUD_DB, _SOUNDING_DB = 20.0, 30.0  # below the loudest moment
_FULL_SHARE = 90.0  # percentile of the gain in loud moments that counts as full amplitude
_LEAST_DB = -45.0
# Of the loudest moments, so many keep all but so much: an answer must not blare without its gestures.
_KEPT_SHARE, _MOST_LOST_DB = 25.0, 9.0
_LEAST_DEPTH = {"loudness": 0.05, "brightness": 1.0, "pitch": 0.1}
_DEEPEST = {"brightness": 60.0, "pitch": 36.0}
_PITCHED_SHARE = 0.2  # of the sounding moments, at least
_MEDIAN_MOMENTS = 5  # jumps of a single moment are mistakes


class GestureFitting:
    """Draws gestures after one sound; the same for the same sound and renders.

    Args:
        target: The sound.
        soft: Middle scale of its soft mels, see `core.ruler.soft_mss.soft_mels`, `(bands, n)`.
        mel: Times the frames of the sound's pitch, and has its sample rate.
    """

    def __init__(self, target: TargetSound, soft: np.ndarray, mel: MelConfig) -> None:
        self.seconds = min(max(target.seconds, _SHORTEST_SECONDS), soft.shape[1] * _HOP_SECONDS)
        self._n = round(self.seconds / _HOP_SECONDS)
        self._soft = self._cut(soft)
        self._centres = 12.0 * np.log2(mel_centres_hz(len(soft), 0.0, mel.sample_rate / 2.0))
        level_db = _level_db(self._soft)
        self._loud = level_db > level_db.max() - _LOUD_DB
        self._sounding = level_db > level_db.max() - _SOUNDING_DB
        self._brightness = self._brightness_of(self._soft)
        self._pitch = self._pitch_of(target, mel)

    def proposals(
        self, soft: np.ndarray, gestures: Gestures | None, strength: float
    ) -> Iterator[tuple[GestureKind, Gestures]]:
        """Yield gestures that may bring a render nearer to the sound, each with one curve changed.

        Args:
            soft: Middle scale of the render's soft mels, `(bands, n)`.
            gestures: It was rendered with.
            strength: Share of what it lacks that is drawn.
        """
        drawn, cut = gestures or Gestures(seconds=self.seconds), self._cut(soft)
        for kind in GESTURE_KINDS:
            before = drawn.of(kind)
            match kind:
                case "loudness":
                    gesture = self._loudness(drawn, strength * self._gain_db(cut), _level_db(cut))
                case "brightness":
                    gesture = self._moved("brightness", before, strength * self._lacking_brightness(cut))
                case "pitch":
                    gesture = None if before else self._moved("pitch", None, self._pitch)
            if gesture is not None and gesture != before:
                yield kind, drawn.having(kind, gesture)

    def _cut(self, soft: np.ndarray) -> np.ndarray:
        return np.asarray(soft, np.float32)[:, : self._n]

    # -- what is lacking, at each moment, (n,)

    def _gain_db(self, soft: np.ndarray) -> np.ndarray:
        """Return the gain that brings a render nearest to the sound.

        It is the median over the bands in which the render is heard, which makes a mean of absolute
        differences smallest: soft MSS is one. Between moments without any, it goes straight.
        """
        heard = soft > _HEARD
        some = heard.any(axis=0)
        gain = np.full(self._n, np.nan)
        gain[some] = np.nanmedian(np.where(heard, self._soft - soft, np.nan)[:, some], axis=0)
        return _DB * _without_gaps(gain)

    def _lacking_brightness(self, soft: np.ndarray) -> np.ndarray:
        both = self._sounding & ((soft > _HEARD).sum(axis=0) > 1)
        lacking = self._brightness - self._brightness_of(soft)
        return _steady(_without_gaps(np.where(both, lacking, np.nan)))

    def _brightness_of(self, soft: np.ndarray) -> np.ndarray:
        """Return the middle of what is above the floor, semitones."""
        above = np.maximum(soft - _LOG_FLOOR, 0.0) + 1e-9
        return np.asarray(self._centres @ above / above.sum(axis=0))

    def _pitch_of(self, target: TargetSound, mel: MelConfig) -> np.ndarray:
        """Return how far the pitch is above the note, semitones; 0 if it has hardly any."""
        hz, frame_seconds = np.asarray(target.pitch_hz, np.float64), mel.hop_samples / mel.sample_rate
        known = np.isfinite(hz) & (hz > 0.0)
        at = np.arange(self._n) * _HOP_SECONDS
        frames = np.minimum(np.round(at / frame_seconds).astype(int), len(hz) - 1)
        pitched = known[frames] & self._sounding
        if pitched.sum() < max(_PITCHED_SHARE * self._sounding.sum(), 1.0):
            return np.zeros(self._n)
        above = 69.0 + 12.0 * np.log2(hz[known] / 440.0) - target.note
        curve = np.interp(at, np.flatnonzero(known) * frame_seconds, above)
        return _steady(_without_gaps(np.where(pitched, curve, np.nan)))

    # -- gestures

    def _loudness(self, drawn: Gestures, gain_db: np.ndarray, level_db: np.ndarray) -> Gesture | None:
        """Return a gesture with this gain on top of another, for a render of this level.

        None if it hardly moves.
        """
        before = drawn.gain(np.arange(self._n) * _HOP_SECONDS)
        before_db = np.maximum(20.0 * np.log10(np.maximum(before, 1e-9)), _LEAST_DB)
        gain_db, level_db = gain_db + before_db, level_db - before_db
        gain_db = gain_db - np.percentile(gain_db[self._loud], _FULL_SHARE)
        lost = np.maximum(level_db.max() - level_db - np.minimum(gain_db, 0.0), 0.0)
        near = level_db > level_db.max() - _MOST_LOST_DB
        gain_db = gain_db + max(float(np.percentile(lost[near], _KEPT_SHARE)) - _MOST_LOST_DB, 0.0)
        amplitude = _at_points(10.0 ** (np.clip(gain_db, _LEAST_DB, 0.0) / 40.0))
        depth = float(1.0 - amplitude.min())
        return _gesture("loudness", 1.0 - (1.0 - amplitude) / max(depth, 1e-6), depth)

    def _moved(self, kind: GestureKind, before: Gesture | None, semitones: np.ndarray) -> Gesture | None:
        """Return a gesture that moves so far beyond another; None if it hardly moves."""
        if before is not None:
            semitones = semitones + before.depth * (2.0 * self._heights(before) - 1.0)
        points = np.clip(_at_points(semitones), -_DEEPEST[kind], _DEEPEST[kind])
        depth = float(np.abs(points).max())
        return _gesture(kind, 0.5 + 0.5 * points / max(depth, 1e-6), depth)

    def _heights(self, gesture: Gesture) -> np.ndarray:
        return np.interp(
            np.linspace(0.0, GESTURE_POINTS - 1.0, self._n), np.arange(GESTURE_POINTS), gesture.points
        )


def _level_db(soft: np.ndarray) -> np.ndarray:
    return np.asarray(_DB * np.log(np.exp(soft).mean(axis=0)))


def _gesture(kind: GestureKind, heights: np.ndarray, depth: float) -> Gesture | None:
    if not depth >= _LEAST_DEPTH[kind]:
        return None
    points = tuple(round(float(y), 4) for y in np.clip(heights, 0.0, 1.0))
    return Gesture(points=points, depth=round(depth, 4))


def _at_points(curve: np.ndarray) -> np.ndarray:
    """Return a curve at the points of a gesture: means around each, so that no moment is left out."""
    n = len(curve)
    smooth = scipy.ndimage.uniform_filter1d(curve, max(1, round(n / (GESTURE_POINTS - 1))), mode="nearest")
    return np.interp(np.linspace(0.0, n - 1.0, GESTURE_POINTS), np.arange(n), smooth)


def _without_gaps(curve: np.ndarray) -> np.ndarray:
    """Return a curve with straight lines over moments that are nan; 0 if all are."""
    known = np.flatnonzero(np.isfinite(curve))
    if not len(known):
        return np.zeros(len(curve))
    return np.interp(np.arange(len(curve)), known, curve[known])


def _steady(curve: np.ndarray) -> np.ndarray:
    return np.asarray(scipy.ndimage.median_filter(curve, _MEDIAN_MOMENTS, mode="nearest"))
