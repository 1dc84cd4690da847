"""Gestures: how loudness, brightness and pitch move during one note, as curves that a synth can play."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from core.errors import PatchError

__all__ = ["GESTURE_KINDS", "GESTURE_POINTS", "Gesture", "GestureKind", "Gestures"]

GestureKind = Literal["loudness", "brightness", "pitch"]
GESTURE_KINDS: tuple[GestureKind, ...] = ("loudness", "brightness", "pitch")
GESTURE_POINTS = 64  # of every curve
_SECONDS = (0.05, 30.0)
_DEEPEST = {"loudness": 1.0, "brightness": 60.0, "pitch": 36.0}


@dataclass(frozen=True, kw_only=True)
class Gesture:
    """One curve.

    Attributes:
        points: 64 heights, 0 to 1, evenly spaced in time and joined by straight lines.
        depth: How far it reaches. Loudness: the gain is (1 - depth + depth * height) squared, depth 0 to 1.
            Brightness and pitch: the filter's cutoff and the note move by depth * (2 * height - 1)
            semitones.
    """

    points: tuple[float, ...]
    depth: float


@dataclass(frozen=True, kw_only=True)
class Gestures:
    """The curves of an answer; each begins with the note, runs once, and stays at its last height.

    Attributes:
        seconds: How long they run.
        loudness, brightness, pitch: None where the patch plays by itself.
    """

    seconds: float
    loudness: Gesture | None = None
    brightness: Gesture | None = None
    pitch: Gesture | None = None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return any(self.of(kind) is not None for kind in GESTURE_KINDS)

    def of(self, kind: GestureKind) -> Gesture | None:
        """Return the curve of a kind."""
        gesture: Gesture | None = getattr(self, kind)
        return gesture

    def gain(self, seconds: np.ndarray) -> np.ndarray:
        """Return the gain of the loudness curve at moments of the note, a factor of 0 to 1."""
        if self.loudness is None:
            return np.ones(len(seconds))
        at = np.asarray(seconds) / self.seconds * (GESTURE_POINTS - 1)
        heights = np.interp(at, np.arange(GESTURE_POINTS), self.loudness.points)
        return np.asarray((1.0 - self.loudness.depth + self.loudness.depth * heights) ** 2)

    def having(self, kind: GestureKind, gesture: Gesture | None) -> "Gestures":
        """Return them with another curve of this kind, or without one."""
        return replace(self, **{kind: gesture})  # type: ignore[arg-type]  # kind is a field

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for a file."""
        curves = {kind: self.of(kind) for kind in GESTURE_KINDS}
        return {
            "seconds": self.seconds,
            **{k: {"depth": g.depth, "points": list(g.points)} for k, g in curves.items() if g is not None},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Gestures":
        """Read what `to_dict` returned.

        Raises:
            PatchError: It is something else, or out of range.
        """
        try:
            seconds = float(values["seconds"])
            curves = {
                kind: Gesture(
                    points=tuple(float(y) for y in values[kind]["points"]), depth=float(values[kind]["depth"])
                )
                for kind in GESTURE_KINDS
                if kind in values
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PatchError(f"these are no gestures ({error!r}); sketch again.") from error
        if not _within(seconds, *_SECONDS):
            raise PatchError("gestures last 0.05 to 30 s; sketch again.")
        for kind, curve in curves.items():
            fits = len(curve.points) == GESTURE_POINTS and _within(curve.depth, 0.0, _DEEPEST[kind])
            if not fits or not all(_within(y, 0.0, 1.0) for y in curve.points):
                raise PatchError(f"the gesture of {kind} is out of range; sketch again.")
        return cls(seconds=seconds, **curves)


def _within(value: float, low: float, high: float) -> bool:
    return math.isfinite(value) and low <= value <= high
