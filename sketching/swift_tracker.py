"""Pitch by SwiftF0, a network of 14,386 weights: 46 Hz to 2.1 kHz, a frame every 16 ms.

Chosen over pYIN by `python -m benchmarks.pitch`.

References:
    Nieradzik, "SwiftF0: fast and accurate monophonic pitch detection", arXiv 2508.18440. The weights come in
    the wheel `swift-f0` (MIT).
"""

from functools import lru_cache
from typing import Any

import numpy as np

from core.pitch import PitchTrack
from core.sound_file import resample

__all__ = ["SwiftStream", "SwiftTracker"]

_RATE = 16_000  # Hz, what it was trained on
_PEAK = 0.5  # full scale is 1
_VOICED = 0.5  # its confidence is calibrated to this


@lru_cache(maxsize=1)
def _network() -> Any:
    from swift_f0 import SwiftF0  # loads ONNX Runtime

    # One thread that does not spin: it is fast enough, and knobs need the other core.
    return SwiftF0(threads=1, spin=False)


class SwiftTracker:
    """Follows pitch with SwiftF0; loaded once for the whole process."""

    def __init__(self) -> None:
        self._network = _network()

    def track(self, audio: np.ndarray, sample_rate: int) -> PitchTrack:
        """Follow the pitch; see `core.pitch.PitchTracker`."""
        at_rate = resample(np.asarray(audio, np.float32), sample_rate, _RATE)
        if not len(at_rate):
            nothing = np.zeros(0)
            return PitchTrack(nothing, nothing, nothing)
        peak = float(np.abs(at_rate).max())
        if peak > 0.0:  # the network takes what is very quiet for silence
            at_rate = at_rate * (_PEAK / peak)
        found = self._network.detect(at_rate, _RATE)
        hz = np.where(found.confidence >= _VOICED, found.pitch_hz, np.nan)
        return PitchTrack(found.timestamps, hz, found.confidence)

    def note_now(self, audio: np.ndarray, sample_rate: int) -> tuple[int, float] | None:
        """Give MIDI note and cents of the last moment of a voice, or None where it has no pitch.

        Args:
            audio: That moment, a tenth of a second or more.
            sample_rate: Hz.
        """
        hz = self.track(audio, sample_rate).hz
        hz = hz[np.isfinite(hz)]
        if not len(hz):
            return None
        place = 69.0 + 12.0 * float(np.log2(np.median(hz) / 440.0))
        note = round(place)
        return note, 100.0 * (place - note)


class SwiftStream:
    """Follows pitch while a sound is recorded, so that little is left to do when it ends.

    What it gives is what `SwiftTracker` gives for the whole, but for what is very quiet (peak below 0.02):
    the whole can be raised first, a stream cannot.

    Args:
        sample_rate: Of the blocks, Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._stream = _network().stream()
        self._parts: list[Any] = []

    def push(self, block: np.ndarray) -> None:
        """Take the next samples in, `(n,)`."""
        self._parts.append(self._stream.push(np.asarray(block, np.float32), self._sample_rate))

    def so_far(self) -> PitchTrack:
        """Give the track of what was followed already, which ends a little before what was pushed last."""
        return _joined(list(self._parts))

    def finish(self) -> PitchTrack:
        """Give the track of everything that was pushed."""
        return _joined([*self._parts, self._stream.flush()])


def _joined(parts: list[Any]) -> PitchTrack:
    seconds, hz, confidence = (
        np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)])
        for name in ("timestamps", "pitch_hz", "confidence")
    )
    return PitchTrack(seconds, np.where(confidence >= _VOICED, hz, np.nan), confidence)
