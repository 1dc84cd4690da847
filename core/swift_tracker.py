"""Pitch by SwiftF0, a network of 14,386 weights: 46 Hz to 2.1 kHz, a frame every 16 ms.

Chosen over pYIN; `python -m benchmarks.pitch` compares them.

References:
    Nieradzik, "SwiftF0: fast and accurate monophonic pitch detection", arXiv 2508.18440. The weights come in
    the wheel `swift-f0` (MIT).
"""

from functools import lru_cache
from typing import Any

import numpy as np

from core.native_output import native_output_dropped
from core.pitch import PitchTrack
from core.sound_file import resample

__all__ = ["SwiftStream", "SwiftTracker"]

_RATE = 16_000  # Hz, the rate it was trained at
_PEAK = 0.5  # full scale is 1
_VOICED = 0.5  # its confidence is calibrated to this


@lru_cache(maxsize=1)
def _network() -> Any:
    with native_output_dropped():  # it warns of graphics cards that are not there
        from swift_f0 import SwiftF0  # loads ONNX Runtime

    # One thread that does not spin: it is fast enough, and knobs need the other core.
    return SwiftF0(threads=1, spin=False)


class SwiftTracker:
    """Tracks pitch with SwiftF0, which is loaded once for the whole process.

    Args:
        voiced: Confidence from which a frame has a pitch; 0 for the network's best guess at each frame.
    """

    def __init__(self, voiced: float = _VOICED) -> None:
        self._network, self._voiced = _network(), voiced

    def track(self, audio: np.ndarray, sample_rate: int) -> PitchTrack:
        """Return the pitch of mono audio; see `core.pitch.PitchTracker`."""
        at_rate = resample(np.asarray(audio, np.float32), sample_rate, _RATE)
        if not len(at_rate):
            nothing = np.zeros(0)
            return PitchTrack(nothing, nothing, nothing)
        peak = float(np.abs(at_rate).max())
        if peak > 0.0:  # the network takes very quiet sounds for silence
            at_rate = at_rate * (_PEAK / peak)
        found = self._network.detect(at_rate, _RATE)
        hz = np.where(found.confidence >= self._voiced, found.pitch_hz, np.nan)
        return PitchTrack(found.timestamps, hz, found.confidence)

    def note_now(self, audio: np.ndarray, sample_rate: int) -> tuple[int, float] | None:
        """Return MIDI note and cents of the last moment of a voice, or None if it has no pitch.

        Args:
            audio: That moment, at least a tenth of a second.
            sample_rate: Hz.
        """
        hz = self.track(audio, sample_rate).hz
        hz = hz[np.isfinite(hz)]
        if not len(hz):
            return None
        exact = 69.0 + 12.0 * float(np.log2(np.median(hz) / 440.0))
        note = round(exact)
        return note, 100.0 * (exact - note)


class SwiftStream:
    """Tracks pitch while a sound is recorded, so that little is left to do when it ends.

    The result is that of `SwiftTracker` for the whole sound, unless it is very quiet (peak below 0.02):
    a whole sound can be amplified first, a stream cannot.

    Args:
        sample_rate: Of the blocks, Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._stream = _network().stream()
        self._parts: list[Any] = []

    def push(self, block: np.ndarray) -> None:
        """Process the next samples, `(n,)`."""
        self._parts.append(self._stream.push(np.asarray(block, np.float32), self._sample_rate))

    def so_far(self) -> PitchTrack:
        """Return the track so far, which ends a little before the samples pushed last."""
        return _joined(list(self._parts))

    def finish(self) -> PitchTrack:
        """Return the track of everything that was pushed."""
        return _joined([*self._parts, self._stream.flush()])


def _joined(parts: list[Any]) -> PitchTrack:
    seconds, hz, confidence = (
        np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)])
        for name in ("timestamps", "pitch_hz", "confidence")
    )
    return PitchTrack(seconds, np.where(confidence >= _VOICED, hz, np.nan), confidence)
