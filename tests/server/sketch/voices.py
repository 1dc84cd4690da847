"""Sounds made on the spot: a voice by espeak-ng, tones, noise."""

import ctypes.util
import io
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from core.sound_file import resample

__all__ = ["RATE", "needs_espeak", "needs_portaudio", "noise", "saw", "sine", "vowel"]

RATE = 22_050  # Hz, espeak-ng's own

needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="no espeak-ng: sudo apt-get install espeak-ng"
)
# Not by importing sounddevice: that opens JACK in this process, and ends it badly once JACK has gone.
needs_portaudio = pytest.mark.skipif(
    sys.platform == "linux" and ctypes.util.find_library("portaudio") is None,
    reason="no PortAudio: sudo apt-get install libportaudio2",
)


def vowel(phoneme: str = "aa:", voice: str = "en+f5", pitch: int = 50, rate: int = RATE) -> np.ndarray:
    """A vowel as espeak-ng says it, half a second or so, its silence cut off."""
    command = ["espeak-ng", "-v", voice, "-s", "80", "-p", str(pitch), "--stdout", f"[[{phoneme}]]"]
    said = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
    audio, own = soundfile.read(io.BytesIO(said), dtype="float32")
    loud = np.flatnonzero(np.abs(audio) > 0.05 * np.abs(audio).max())
    return resample(audio[loud[0] : loud[-1]], own, rate)


def sine(hz: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return (0.2 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def saw(hz: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    n = int(0.45 * rate / hz)
    return (0.15 * sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, n + 1))).astype(np.float32)


def noise(seconds: float = 1.0, level: float = 0.05, seed: int = 0, rate: int = RATE) -> np.ndarray:
    draw = np.random.default_rng(seed).normal(size=round(seconds * rate))
    return (level * draw).astype(np.float32)
