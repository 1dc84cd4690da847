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

__all__ = ["SwiftTracker"]

_RATE = 16_000  # Hz, what it was trained on
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
        found = self._network.detect(at_rate, _RATE)
        hz = np.where(found.confidence >= _VOICED, found.pitch_hz, np.nan)
        return PitchTrack(found.timestamps, hz, found.confidence)
