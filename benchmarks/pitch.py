"""How well pitch is tracked, on synthetic tones and voices.

    python -m benchmarks.pitch [--trackers swift pyin]

Sines and saws of 65 to 1,000 Hz, and vowels of espeak-ng voices, the highest of them also sped up; each with
noise 20 dB below it, and half a second of that noise alone before and after. A frame counts as right within
50 cents. 50 ms on each side of a beginning or an end are ignored.

Voices f1 to f3 of espeak-ng are not used: they have an added echo, so that two pitches sound at once.
"""

import argparse
import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import process_time

import numpy as np
import soundfile

from core.command import exit_status
from core.errors import BridgeError
from core.pitch import PitchTracker, PyinTracker
from core.swift_tracker import SwiftTracker

__all__ = ["RATE", "PitchScore", "PitchedSound", "judge", "pitch_set", "vowel"]

RATE = 22_050  # Hz, espeak-ng's own
_SILENT_SECONDS, _EDGE_SECONDS = 0.5, 0.05
_NOISE_DB = -20.0
_VOWELS = ("aa:", "i:", "u:", "e:", "o:")
_VOICES = (("en", 20), ("en", 60), ("en", 99), ("en+f5", 20), ("en+f5", 60), ("en+f5", 99), ("en+klatt", 50))
_HIGH = (1.5, 2.2, 2.9)  # times the highest voice: to about 1,000 Hz
_TRACKERS: dict[str, Callable[[], PitchTracker]] = {"swift": SwiftTracker, "pyin": PyinTracker}


@dataclass(frozen=True, eq=False)
class PitchedSound:
    """A sound of known pitch.

    Attributes:
        kind: Kind of sound, for the table.
        audio: The sound without noise, `(n_samples,)`, of constant power.
        hz: Its pitch, or about that where it glides.
        glides: Whether the pitch of each frame is found in the clean sound.
    """

    kind: str
    audio: np.ndarray
    hz: float
    glides: bool = False


@dataclass
class PitchScore:
    """How many frames were right, of how many."""

    pitch: int = 0
    n_pitch: int = 0
    voicing: int = 0
    n_voicing: int = 0

    def __add__(self, other: "PitchScore") -> "PitchScore":
        """Return the sum of two scores."""
        return PitchScore(
            self.pitch + other.pitch,
            self.n_pitch + other.n_pitch,
            self.voicing + other.voicing,
            self.n_voicing + other.n_voicing,
        )


def vowel(phoneme: str, voice: str, pitch: int) -> np.ndarray:
    """Return a vowel spoken by espeak-ng, `(n_samples,)` at `RATE`, with silence trimmed.

    Raises:
        BridgeError: espeak-ng is not installed.
    """
    command = ["espeak-ng", "-v", voice, "-s", "80", "-p", str(pitch), "--stdout", f"[[{phoneme}]]"]
    try:
        spoken = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise BridgeError(
            f"espeak-ng does not work ({error}). Install it: sudo apt-get install espeak-ng"
        ) from error
    audio, _ = soundfile.read(io.BytesIO(spoken), dtype="float64")
    loud = np.flatnonzero(np.abs(audio) > 0.05 * np.abs(audio).max())
    return np.asarray(audio[loud[0] : loud[-1]])


def pitch_set(n_tones: int = 20) -> list[PitchedSound]:
    """Return the sounds, the same every time."""
    t = np.arange(RATE) / RATE
    sounds = []
    for hz in np.geomspace(65.0, 1000.0, n_tones):
        n_partials = int(0.45 * RATE / hz)
        saw = sum((np.sin(2 * np.pi * hz * k * t) / k for k in range(1, n_partials + 1)), np.zeros_like(t))
        sounds += [PitchedSound("sine", np.sin(2 * np.pi * hz * t), hz), PitchedSound("saw", saw, hz)]
    for phoneme in _VOWELS:
        for voice, pitch in _VOICES:
            audio = vowel(phoneme, voice, pitch)
            sounds.append(PitchedSound(f"voice {voice}", audio, _period_hz(audio, 60.0, 500.0), glides=True))
        for faster in _HIGH:
            positions = np.arange(0.0, len(audio := vowel(phoneme, "en+f5", 99)) - 1.0, faster)
            high = np.interp(positions, np.arange(len(audio)), audio)
            sounds.append(PitchedSound("voice, faster", high, _period_hz(high, 400.0, 1_200.0), glides=True))
    return sounds


def _period_hz(audio: np.ndarray, lowest: float, highest: float) -> float:
    """Return the pitch in the middle of a clean sound, by the shortest lag that repeats it nearly best."""
    middle = audio[len(audio) // 3 : 2 * len(audio) // 3]
    return _lag_hz(middle, lowest, highest)


def _lag_hz(audio: np.ndarray, lowest: float, highest: float) -> float:
    audio = audio - audio.mean()
    n = len(audio)
    power = np.abs(np.fft.rfft(audio, 2 * n)) ** 2
    match = np.fft.irfft(power)[:n] / np.maximum(n - np.arange(n), 1)
    low, high = max(2, int(RATE / highest)), min(int(RATE / lowest) + 2, n - 1)
    peaks = [k for k in range(low, high) if match[k - 1] <= match[k] >= match[k + 1] and match[k] > 0.0]
    if not peaks:
        return float("nan")
    best = max(match[k] for k in peaks)
    k = next(k for k in peaks if match[k] > 0.9 * best)
    before, here, after = match[k - 1 : k + 2]
    bend = before - 2.0 * here + after
    return float(RATE / (k + (0.5 * (before - after) / bend if bend else 0.0)))


def judge(tracker: PitchTracker, sound: PitchedSound, seed: int = 0) -> PitchScore:
    """Count the frames that a tracker gets right while it follows a sound in noise."""
    gap = round(_SILENT_SECONDS * RATE)
    scale = 0.1 / np.sqrt((sound.audio**2).mean())
    clean = np.pad(scale * sound.audio, gap)
    noise = np.random.default_rng(seed).normal(size=len(clean)) * 0.1 * 10.0 ** (_NOISE_DB / 20.0)
    track = tracker.track((clean + noise).astype(np.float32), RATE)
    begin, end = _SILENT_SECONDS, _SILENT_SECONDS + len(sound.audio) / RATE
    inside = (track.seconds > begin + _EDGE_SECONDS) & (track.seconds < end - _EDGE_SECONDS)
    outside = (track.seconds < begin - _EDGE_SECONDS) | (track.seconds > end + _EDGE_SECONDS)
    outside &= track.seconds < len(clean) / RATE
    voiced = np.isfinite(track.hz)
    truth = np.full(len(track.hz), sound.hz)
    if sound.glides:
        half = round(max(0.02, 2.2 / sound.hz) * RATE)
        for k in np.flatnonzero(inside):
            at = round(track.seconds[k] * RATE)
            truth[k] = _lag_hz(clean[max(0, at - half) : at + half], 0.8 * sound.hz, 1.25 * sound.hz)
    known = inside & np.isfinite(truth)
    cents = 1200.0 * np.log2(np.where(voiced & known, track.hz, 1.0) / np.where(known, truth, 1.0))
    right = known & voiced & (np.abs(cents) < 50.0)
    return PitchScore(
        int(right.sum()),
        int(known.sum()),
        int((voiced & inside).sum() + (~voiced & outside).sum()),
        int(inside.sum() + outside.sum()),
    )


def main(given: Sequence[str] | None = None) -> int:
    """Print a table for each tracker, and return the exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.pitch", description=__doc__.split("\n")[0])
    p.add_argument("--trackers", nargs="+", choices=sorted(_TRACKERS), default=sorted(_TRACKERS))
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    sounds = pitch_set()
    for name in options.trackers:
        tracker = _TRACKERS[name]()
        judge(tracker, sounds[0])  # warm up: load what is loaded on first use
        scores: dict[str, PitchScore] = {}
        seconds, began = 0.0, process_time()
        for sound in sounds:
            scores[sound.kind] = scores.get(sound.kind, PitchScore()) + judge(tracker, sound)
            seconds += 2.0 * _SILENT_SECONDS + len(sound.audio) / RATE
        spent = process_time() - began
        scores["all"] = sum(scores.values(), PitchScore())
        print(f"{name}: {1000.0 * spent / seconds:.0f} ms of a core for a second of sound")
        for kind, s in scores.items():
            print(
                f"  {kind:<16} pitch {s.pitch / s.n_pitch:6.1%} of {s.n_pitch:5d} frames"
                f"   voiced or not {s.voicing / s.n_voicing:6.1%} of {s.n_voicing:5d}"
            )


if __name__ == "__main__":
    sys.exit(main())
