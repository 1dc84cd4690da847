"""Pitch error: how far an answer is out of tune with its target, in cents.

Pitch is tracked in both sounds (SwiftF0, 46 Hz to 2.1 kHz, a frame every 16 ms), and compared frame by frame
where the target has a pitch and both sound, that is, are within 30 dB of their own loudest moment. The error
is the median of the absolute differences, so it is robust to a tracker that jumps here and there.

- **A target without pitch** (fewer than half of its sounding frames have one) has no pitch error: nan.
- **An answer** is judged by the tracker's best guess, however unsure: of low or complex synth tones it is
  often right and unsure, about noise it is far off. No guess, or an answer that is silent throughout, counts
  as 1,200 cents.
- **Octaves count**: an answer an octave too high is 1,200 cents off, which is also the most that counts for a
  frame, so that a tracker's error of two octaves weighs no more than a missing pitch. Single frames an octave
  off do not move the median.
- Frames in which the answer is silent are left out: that is an error of the envelope.

On steady tones the tracker is 4 cents off (rms over 60 saws of 55 Hz to 1.5 kHz; 13 at most), which is about
what listeners just notice: smaller errors are not told apart.

References:
    Nieradzik, "SwiftF0", arXiv 2508.18440: the tracker.
    Poliner et al., "Melody transcription from music audio", IEEE TASLP 2007: pitch judged by frame, in cents,
    where the reference has one.
"""

from dataclasses import dataclass

import numpy as np

from core.pitch import PitchTrack, PitchTracker, sounding_frames
from core.swift_tracker import SwiftTracker

__all__ = ["MOST_CENTS", "PitchCurve", "pitch_curve", "pitch_difference", "pitch_error"]

MOST_CENTS = 1_200.0
_SHORTEST_SECONDS = 0.05  # two periods of the lowest note
_SURE = 0.5  # confidence of the tracker
_PITCHED_SHARE = 0.5  # of the sounding frames of a target


@dataclass(frozen=True, eq=False)
class PitchCurve:
    """Pitch over time, as far as it is compared.

    Attributes:
        cents: The tracker's best guess, above A4 = 440 Hz; nan where it has none, `(n,)`.
        trusted: Whether the tracker is sure that there is a pitch, `(n,)`.
        sounding: Whether the frame is within 30 dB of the loudest, `(n,)`.
    """

    cents: np.ndarray
    trusted: np.ndarray
    sounding: np.ndarray

    @property
    def is_pitched(self) -> bool:
        """Whether at least half of the sounding frames have a pitch."""
        n = int(self.sounding.sum())
        return n > 0 and int((self.sounding & self.trusted).sum()) >= _PITCHED_SHARE * n


def pitch_error(
    target: np.ndarray, answer: np.ndarray, sample_rate: int, tracker: PitchTracker | None = None
) -> float:
    """Return the pitch error of an answer, in cents, 0 to 1,200; nan if the target has no pitch.

    Args:
        target: Mono, `(n_samples,)`, from its onset.
        answer: Mono, from its onset.
        sample_rate: Of both, Hz.
        tracker: Tracks the pitch; SwiftF0 by default.
    """
    curves = (pitch_curve(audio, sample_rate, tracker) for audio in (target, answer))
    return pitch_difference(*curves)


def pitch_curve(audio: np.ndarray, sample_rate: int, tracker: PitchTracker | None = None) -> PitchCurve:
    """Track the pitch of mono audio; sounds of less than 50 ms, silent or not finite have none."""
    audio = np.asarray(audio, np.float32)
    peak = float(np.abs(audio).max()) if len(audio) >= _SHORTEST_SECONDS * sample_rate else 0.0
    if not 0.0 < peak < np.inf:
        return PitchCurve(np.zeros(0), np.zeros(0, bool), np.zeros(0, bool))
    track: PitchTrack = (tracker or SwiftTracker(voiced=0.0)).track(audio, sample_rate)
    return PitchCurve(
        cents=1_200.0 * np.log2(track.hz / 440.0),
        trusted=np.isfinite(track.hz) & (track.confidence >= _SURE),
        sounding=sounding_frames(track, audio, sample_rate),
    )


def pitch_difference(target: PitchCurve, answer: PitchCurve) -> float:
    """Return the pitch error, cents, from two curves of one tracker; see `pitch_error`."""
    if not target.is_pitched:
        return float("nan")
    n = min(len(target.cents), len(answer.cents))
    wanted, found = target.cents[:n], answer.cents[:n]
    compared = target.trusted[:n] & target.sounding[:n] & answer.sounding[:n]
    if not compared.any():
        return MOST_CENTS
    off = np.abs(found[compared] - wanted[compared])
    return float(np.median(np.minimum(np.where(np.isnan(off), MOST_CENTS, off), MOST_CENTS)))
