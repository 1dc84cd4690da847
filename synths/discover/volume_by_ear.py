"""Recognise a synth's volume by ear: the control whose moves change the loudness and not the timbre.

Where a limiter or a distortion follows it, that is so only as long as it is turned low. So what looks like a
gain is turned in small steps from the bottom to the top, in several patches, and each step is judged alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.distances import log_mel_distance
from synths.discover.control_tests import Heard, Move

__all__ = ["VolumeFound", "find_volume", "may_be_volume"]

_CURVE = 17  # points
_LEAST_SPAN_DB = 6.0
_LEAST_STEP_DB = 0.5  # of loudness; a smaller step tells nothing
_TIMBRE_SHARE = 0.05  # most change of the log-mel for each dB of loudness, in the better steps
_IN_PATCHES = 0.6  # of the patches a volume is a gain in so many
_FAINT_LUFS = -60.0  # below, what else sounds changes the timbre
_STILL_DB = 0.5  # a step down that counts as none
_BOTTOM_DB = -80.0


@dataclass(frozen=True)
class VolumeFound:
    """A volume control.

    Attributes:
        name: Of the control.
        gain_db: Gain at even values from 0 to 1, rising, 0 at the top.
        timbre_share: How much it changes the log-mel at equal loudness, for each dB of loudness.
    """

    name: str
    gain_db: tuple[float, ...]
    timbre_share: float


@dataclass(frozen=True)
class _Curve:
    """How a patch goes along as a control is turned up: its levels, and what share of a step is timbre."""

    gain_db: np.ndarray
    share: float  # nan where no step tells anything

    @property
    def rises(self) -> bool:
        return bool(np.all(np.diff(self.gain_db) > -_STILL_DB))

    @property
    def unlimited_db(self) -> float:
        return float(-self.gain_db[len(self.gain_db) // 3])


def find_volume(
    moves: Mapping[str, Sequence[Sequence[Move]]],
    sounds: Callable[[str, Sequence[float], int], Sequence[Heard | None]],
) -> VolumeFound | None:
    """Find the volume of a synth.

    Args:
        moves: What each control did, in each patch at each value.
        sounds: Returns how a patch sounds as a control goes through some values; which patch, its place
            among the rows of `moves` tells.

    Returns:
        The most plainly a gain of the controls that are one in most patches; None if none is.
    """
    found = []
    values = np.linspace(0.0, 1.0, _CURVE).tolist()
    for name, rows in moves.items():
        if not may_be_volume(rows):
            continue
        curves = [_curve(sounds(name, values, k)) for k in range(len(rows))]
        told = [curve for curve in curves if curve is not None and np.isfinite(curve.share)]
        share = float(np.median([curve.share for curve in told])) if told else np.inf
        rising = [curve for curve in told if curve.rises]
        if len(rising) >= max(_IN_PATCHES * len(rows), 1) and share <= _TIMBRE_SHARE:
            # Where a limiter follows, the patch that reaches it last tells most.
            gain_db = np.maximum.accumulate(max(rising, key=lambda curve: curve.unlimited_db).gain_db)
            gain_db = np.minimum(gain_db - gain_db[-1], 0.0)
            found.append(VolumeFound(name, tuple(round(float(x), 2) for x in gain_db), share))
    return min(found, key=lambda one: one.timbre_share, default=None)


def may_be_volume(rows: Sequence[Sequence[Move]]) -> bool:
    """Whether a control has only ever made the sound louder as it was turned up, and some time by much."""
    spans = []
    for row in rows:
        louder = [move.louder_db for move in row if move.heard]
        if not row[-1].heard or np.any(np.diff(louder) < -_STILL_DB):
            return False
        spans.append(np.inf if not row[0].heard else louder[-1] - louder[0])
    return max(spans) >= _LEAST_SPAN_DB


def _curve(sounds: Sequence[Heard | None]) -> _Curve | None:
    if sounds[-1] is None:
        return None
    lufs = np.array([-np.inf if sound is None else sound.lufs for sound in sounds])
    shares = [
        log_mel_distance(a.mel, b.mel) / (b.lufs - a.lufs)
        for a, b in zip(sounds, sounds[1:], strict=False)
        if a is not None and b is not None and a.lufs > _FAINT_LUFS and b.lufs > a.lufs + _LEAST_STEP_DB
    ]
    gain_db = np.maximum(lufs - lufs[-1], _BOTTOM_DB)
    # The lower steps are those that nothing limits yet.
    return _Curve(gain_db, float(np.quantile(shares, 0.25)) if shares else float("nan"))
