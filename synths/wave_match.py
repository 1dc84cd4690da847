"""Which of our wave frames sounds most like another, and whether tables, samples and shapes are the same."""

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from synths.wavetable import FRAME_NAMES, wavetable_frames

__all__ = ["nearest_frame", "same_sample", "same_shape", "same_table", "wave_at"]


def same_table(table: Any, ours: Any) -> bool:
    """Whether two wavetables have the same waves at the same positions."""
    return _keyframes(table) == _keyframes(ours)


def _keyframes(table: Any) -> list[tuple[Any, Any]]:
    """Return position and wave of each frame of a wavetable's first source."""
    try:
        component = table["groups"][0]["components"][0]
        return [(row["position"], row["wave_data"]) for row in component["keyframes"]]
    except (KeyError, IndexError, TypeError):
        return []


def wave_at(table: Any, position: float) -> np.ndarray | None:
    """Return one cycle of a wavetable at a position, or None if it is not a plain list of waves."""
    rows = [(p, w) for p, w in _keyframes(table) if isinstance(p, int | float) and isinstance(w, str)]
    if not rows:
        return None
    nearest = min(rows, key=lambda row: abs(row[0] - position))
    try:
        wave = np.frombuffer(base64.b64decode(nearest[1]), "<f4")
    except (binascii.Error, ValueError):
        return None
    return wave if len(wave) == 2_048 and np.isfinite(wave).all() else None


def nearest_frame(wave: np.ndarray) -> tuple[float, str]:
    """Return position and name of our frame, in between ones too, whose 64 harmonics in dB are nearest."""
    numbers, ours = _frames_db()
    apart = np.mean((ours - _harmonics_db(wave[None])) ** 2, axis=1)
    k = int(np.argmin(apart))
    return float(256.0 * numbers[k] / (len(FRAME_NAMES) - 1)), FRAME_NAMES[round(float(numbers[k]))]


@lru_cache(maxsize=1)
def _frames_db() -> tuple[np.ndarray, np.ndarray]:
    """Return our frames and seven between each two: their numbers `(n,)` and harmonics in dB `(n, 64)`."""
    frames = wavetable_frames()
    numbers = np.linspace(0.0, len(frames) - 1.0, 8 * (len(frames) - 1) + 1)
    low = np.minimum(numbers.astype(int), len(frames) - 2)
    share = (numbers - low)[:, None]
    return numbers, _harmonics_db((1.0 - share) * frames[low] + share * frames[low + 1])


def _harmonics_db(waves: np.ndarray) -> np.ndarray:
    power = np.abs(np.fft.rfft(waves, axis=1)[:, 1:65]) ** 2
    return np.asarray(10.0 * np.log10(power / (power.sum(axis=1, keepdims=True) + 1e-12) + 1e-5))


def same_sample(raw: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Whether the samples of two files agree to 2 of 32,768 steps; the plug-in rewrites them to 1."""
    try:
        a, b = (
            np.frombuffer(base64.b64decode(row["sample"]["samples"]), "<i2").astype(int)
            for row in (raw, base)
        )
    except (KeyError, TypeError, ValueError):
        return False
    return a.shape == b.shape and int(np.abs(a - b).max()) <= 2


def same_shape(shape: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Whether two LFO shapes are the same."""
    keys = ("points", "powers", "smooth")
    return all(shape.get(key) == base[key] for key in keys)
