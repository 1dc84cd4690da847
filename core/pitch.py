"""Which note a sound is at, and how sure that is; a sound may have no pitch at all.

References:
    Mauch and Dixon, "pYIN: a fundamental frequency estimator using probabilistic threshold distributions",
    ICASSP 2014; the implementation is librosa's.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

__all__ = [
    "HeardNote",
    "PitchTrack",
    "PitchTracker",
    "PyinTracker",
    "hear_note",
    "note_of",
    "sounding_frames",
]

_LOWEST_HZ, _HIGHEST_HZ = 46.0, 2_100.0
_FRAME_SAMPLES = 2_048  # at 22,050 Hz four periods of the lowest note
_SHORTEST_SECONDS = 0.05  # two periods of the lowest note
_SOUNDING_DB = -30.0  # relative to the loudest frame
_SURE = 0.5  # share of the sounding frames that have to agree on a note, or to have a pitch that glides


@dataclass(frozen=True)
class PitchTrack:
    """Pitch over time.

    Attributes:
        seconds: Centre of each frame, `(n,)`.
        hz: Pitch, nan where there is none, `(n,)`.
        confidence: 0 to 1, `(n,)`.
    """

    seconds: np.ndarray
    hz: np.ndarray
    confidence: np.ndarray


class PitchTracker(Protocol):
    """Anything that follows the pitch of a sound."""

    def track(self, audio: np.ndarray, sample_rate: int) -> PitchTrack:
        """Follow the pitch of mono audio `(n_samples,)`."""
        ...


class PyinTracker:
    """Probabilistic YIN, 46 Hz to 2.1 kHz: about 0.3 s of one core for a sound of 4 s."""

    def track(self, audio: np.ndarray, sample_rate: int) -> PitchTrack:
        """Follow the pitch; see `PitchTracker`."""
        import librosa  # takes 1.5 s

        n = max(_FRAME_SAMPLES, int(2 ** np.ceil(np.log2(4.0 * sample_rate / _LOWEST_HZ))))
        hop = n // 4
        audio = np.asarray(audio, np.float32)
        audio = np.pad(audio, (0, max(0, 2 * n - len(audio))))
        hz, voiced, probability = librosa.pyin(
            audio, fmin=_LOWEST_HZ, fmax=_HIGHEST_HZ, sr=sample_rate, frame_length=n, hop_length=hop
        )
        seconds = np.arange(len(hz)) * hop / sample_rate
        return PitchTrack(seconds, np.where(voiced, hz, np.nan), np.asarray(probability))


@dataclass(frozen=True)
class HeardNote:
    """The note of a sound.

    Attributes:
        note: MIDI note, or None where there is no pitch.
        cents: How far the pitch lies above that note.
        confidence: Share of the sounding frames that agree within a semitone, 0 to 1.
        glides: Whether the pitch glides, so that there is no one note; `note` is then the middle of its way.
    """

    note: int | None
    cents: float
    confidence: float
    glides: bool = False


def hear_note(audio: np.ndarray, sample_rate: int, tracker: PitchTracker | None = None) -> HeardNote:
    """Return the note that a sound is at, if it is at one.

    That is the median pitch of the frames within 30 dB of the loudest, if half of these frames have a pitch
    within a semitone of it. If instead half have a pitch that the tracker trusts, the sound glides.

    Args:
        audio: Mono, `(n_samples,)`.
        sample_rate: Hz.
        tracker: Follows the pitch; pYIN by default.
    """
    audio = np.asarray(audio, np.float32)
    if len(audio) < _SHORTEST_SECONDS * sample_rate or not float(np.abs(audio).max()) > 0.0:
        return HeardNote(None, 0.0, 0.0)
    return note_of((tracker or PyinTracker()).track(audio, sample_rate), audio, sample_rate)


def note_of(track: PitchTrack, audio: np.ndarray, sample_rate: int) -> HeardNote:
    """Return the note of a sound whose pitch was followed; see `hear_note`."""
    if not len(track.seconds):
        return HeardNote(None, 0.0, 0.0)
    sounding = sounding_frames(track, audio, sample_rate)
    pitched = sounding & np.isfinite(track.hz)
    if not pitched.any():
        return HeardNote(None, 0.0, 0.0)
    notes = 69.0 + 12.0 * np.log2(track.hz[pitched] / 440.0)
    middle = float(np.median(notes))
    agree = float((np.abs(notes - middle) < 1.0).sum()) / float(sounding.sum())
    trusted = pitched & (track.confidence >= _SURE)  # pYIN finds a pitch in noise, too, but does not trust it
    if agree < _SURE and float(trusted.sum()) / float(sounding.sum()) < _SURE:
        return HeardNote(None, 0.0, agree)
    note = round(middle)
    return HeardNote(note, 100.0 * (middle - note), agree, glides=agree < _SURE)


def sounding_frames(track: PitchTrack, audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return whether each frame of a track is within 30 dB of the loudest, `(n,)`."""
    if not len(track.seconds):
        return np.zeros(0, bool)
    level = _level_at(audio, sample_rate, track.seconds)
    return np.asarray(level > level.max() * 10.0 ** (_SOUNDING_DB / 20.0))


def _level_at(audio: np.ndarray, sample_rate: int, seconds: np.ndarray) -> np.ndarray:
    """Return the RMS of the 50 ms around each time."""
    n = round(0.05 * sample_rate)
    total = np.concatenate([[0.0], np.cumsum(np.asarray(audio, np.float64) ** 2)])
    middle = np.round(seconds * sample_rate).astype(int)
    low, high = np.clip(middle - n // 2, 0, len(audio)), np.clip(middle + n // 2, 0, len(audio))
    return np.sqrt((total[high] - total[low]) / n)
