"""Our own wavetable and noise: nine spectra from dull to bright to vowel-like, and seeded white noise.

Every frame is a sum of harmonics in sine phase, so neighbouring frames morph without cancelling.
"""

import base64
from typing import Any

import numpy as np

__all__ = ["FRAME_NAMES", "noise_sample", "wavetable", "wavetable_frames"]

FRAME_SAMPLES = 2_048
N_HARMONICS = 512  # reaches 22.05 kHz for any note above 43 Hz
FRAME_NAMES = ("sine", "warm", "triangle", "saw", "square", "pulse", "ah", "ee", "organ")

# Formant centres and bandwidths in harmonics of C4 (261.6 Hz), after Peterson & Barney (1952),
# means of male speakers for /a/ (730, 1090, 2440 Hz) and /i/ (270, 2290, 3010 Hz).
_AH = ((730 / 261.6, 0.7), (1090 / 261.6, 0.8), (2440 / 261.6, 1.2))
_EE = ((270 / 261.6, 0.5), (2290 / 261.6, 1.0), (3010 / 261.6, 1.3))


def wavetable_frames() -> np.ndarray:
    """Return the frames, float32 `(9, 2048)`, each with an rms of 0.5 and no peak above 1."""
    h = np.arange(1, N_HARMONICS + 1, dtype=np.float64)
    odd = h % 2 == 1
    pulse = np.abs(np.sin(np.pi * h * 0.12)) / h  # 12 % duty
    drawbars = np.zeros_like(h)
    drawbars[[0, 1, 2, 3, 5, 7]] = (1.0, 0.8, 0.6, 0.5, 0.35, 0.3)
    spectra = (
        (h == 1).astype(float),
        h**-2.0,
        np.where(odd, h**-2.0, 0.0) * np.where(h % 4 == 3, -1.0, 1.0),
        1.0 / h,
        np.where(odd, 1.0 / h, 0.0),
        pulse,
        _formants(h, _AH),
        _formants(h, _EE),
        drawbars,
    )
    harmonics = np.sin(2.0 * np.pi * np.outer(h, np.arange(FRAME_SAMPLES) / FRAME_SAMPLES))
    frames = np.stack([spectrum @ harmonics for spectrum in spectra])
    frames *= 0.5 / np.sqrt(np.mean(frames**2, axis=1, keepdims=True))
    peak = np.abs(frames).max(axis=1, keepdims=True)
    return (frames / np.maximum(peak, 1.0)).astype(np.float32)


def wavetable() -> dict[str, Any]:
    """Return the wavetable in the form of a `.vital` file, with frames evenly spread from 0 to 256."""
    frames = wavetable_frames()
    positions = np.linspace(0, 256, len(frames)).round().astype(int)
    keyframes = [
        {"position": int(p), "wave_data": _base64(frame.astype("<f4"))}
        for p, frame in zip(positions, frames, strict=True)
    ]
    component = {
        "interpolation": 1,
        "interpolation_style": 1,
        "keyframes": keyframes,
        "type": "Wave Source",
    }
    return {
        "author": "Flow Synth Live",
        "full_normalize": False,
        "groups": [{"components": [component]}],
        "name": "Flow Nine",
        "remove_all_dc": True,
        "version": "1.5.5",
    }


def noise_sample(n_samples: int = 32_768, sample_rate: int = 44_100) -> dict[str, Any]:
    """Return seeded white noise in the form of a `.vital` file.

    Vital's own noise is drawn anew in each instance, so two renders of one patch would differ.
    """
    noise = np.random.default_rng(2019).uniform(-0.9, 0.9, n_samples)
    return {
        "length": n_samples,
        "name": "Flow Noise",
        "sample_rate": sample_rate,
        "samples": _base64((noise * 32_767).astype("<i2")),
    }


def _formants(h: np.ndarray, formants: tuple[tuple[float, float], ...]) -> np.ndarray:
    peaks = [np.exp(-0.5 * ((h - at) / width) ** 2) / (1 + k) for k, (at, width) in enumerate(formants)]
    return np.sum(peaks, axis=0) + 0.25 * h**-1.5


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()
