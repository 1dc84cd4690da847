"""Gestures drawn after sounds: they rise where the sound rises, and nothing breaks on bad sounds."""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pytest

from core.loudness import level
from core.mel import MelConfig
from core.playing.gestures import GESTURE_KINDS, GESTURE_POINTS, Gesture, Gestures
from sketching.gesture_fitting import GestureFitting
from sketching.rendering.distance import distance_features

MEL = MelConfig()
RATE, SECONDS = MEL.sample_rate, 4.0
T = np.arange(round(1.5 * RATE)) / RATE
U = T / T[-1]
NOTHING = np.full(MEL.n_frames, np.nan)


@dataclass(frozen=True)
class Sound:
    audio: np.ndarray
    seconds: float = 1.5
    note: int = 57
    glides: bool = False
    mel: np.ndarray = field(default_factory=lambda: np.zeros(MEL.shape))
    pitch_hz: np.ndarray = field(default_factory=lambda: NOTHING)


def tone(hz=220.0, gain=1.0, tilt=1.0):
    """A tone of many partials; `tilt` is how steeply they fall, and may change."""
    hz = np.broadcast_to(hz, T.shape)
    phase = 2.0 * np.pi * np.cumsum(hz) / RATE
    partials = [np.sin(k * phase) * k ** -np.broadcast_to(tilt, T.shape) for k in range(1, 30)]
    return np.asarray(level(gain * sum(partials), RATE), np.float32)


def soft(audio):
    return distance_features(np.asarray(audio, np.float32), RATE, SECONDS).mels[1]


def proposed(target, render, gestures=None):
    fitting = GestureFitting(target, soft(target.audio), MEL)
    return {kind: got.of(kind) for kind, got in fitting.proposals(soft(render), gestures, 1.0)}


def slope(gesture):
    """Height gained from the first quarter to the last."""
    points = np.array(gesture.points)
    return float(points[-GESTURE_POINTS // 4 :].mean() - points[: GESTURE_POINTS // 4].mean())


@pytest.mark.parametrize(("gain", "sign"), [(U**2, 1), ((1 - U) ** 2 + 0.01, -1)])
def test_a_rising_loudness_gets_a_rising_gesture_and_a_falling_one_a_falling_one(gain, sign):
    gesture = proposed(Sound(tone(gain=gain)), tone())["loudness"]
    assert sign * slope(gesture) > 0.3 and gesture.depth > 0.5


def test_a_loudness_gesture_has_the_gain_that_was_lacking():
    fitting = GestureFitting(Sound(tone(gain=U + 0.05)), soft(tone(gain=U + 0.05)), MEL)
    drawn = dict(fitting.proposals(soft(tone()), None, 1.0))["loudness"]
    at = np.linspace(0.2, 1.3, 12)
    gain_db = 20.0 * np.log10(drawn.gain(at))
    expected_db = 20.0 * np.log10(at / 1.5 + 0.05)
    np.testing.assert_allclose(gain_db - gain_db[-1], expected_db - expected_db[-1], atol=2.0)


def test_a_gesture_that_was_drawn_needs_no_other():
    gain = U + 0.05
    assert "loudness" not in proposed(Sound(tone(gain=gain)), tone(gain=gain))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sound_that_gets_brighter_gets_a_rising_cutoff(sign):
    tilt = 2.0 - sign * (U - 0.5) * 2.0
    assert sign * slope(proposed(Sound(tone(tilt=tilt)), tone(tilt=2.0))["brightness"]) > 0.3


def test_a_glide_is_drawn_in_semitones_from_the_note():
    frames = np.arange(MEL.n_frames) * MEL.hop_samples / RATE
    curve = 220.0 * 2.0 ** (frames / 1.5 - 0.5)  # an octave up, its middle at the note
    glide = Sound(tone(hz=220.0 * 2.0 ** (U - 0.5)), pitch_hz=np.where(frames < 1.5, curve, np.nan))
    gesture = proposed(glide, tone())["pitch"]
    semitones = gesture.depth * (2.0 * np.array(gesture.points) - 1.0)
    np.testing.assert_allclose(semitones, np.linspace(-6.0, 6.0, GESTURE_POINTS), atol=0.7)


def test_without_a_pitch_there_is_no_gesture_of_pitch():
    assert "pitch" not in proposed(Sound(tone()), tone(gain=U))


def test_a_gesture_that_is_there_is_changed_and_not_begun_anew():
    flat = Gesture(points=(1.0,) * GESTURE_POINTS, depth=0.0)
    before = Gestures(seconds=1.5, loudness=flat, pitch=flat)
    fitting = GestureFitting(Sound(tone(gain=U**2)), soft(tone(gain=U**2)), MEL)
    for kind, changed in fitting.proposals(soft(tone()), before, 1.0):
        assert all(changed.of(other) == before.of(other) for other in GESTURE_KINDS if other != kind)


def test_a_patch_that_is_loud_elsewhere_is_not_raised_much():
    """Without its gestures, as a plug-in may play it, it would blare."""
    elsewhere = tone(gain=np.where(U < 0.2, 1.0, 0.003))
    fitting = GestureFitting(Sound(tone(gain=U > 0.2)), soft(tone(gain=U > 0.2)), MEL)
    drawn = dict(fitting.proposals(soft(elsewhere), None, 1.0))["loudness"]
    assert drawn.gain(np.linspace(0.0, 0.29, 20)).max() > 10.0 ** (-12.0 / 20.0)


CLICK = np.concatenate([np.ones(20, np.float32), np.zeros(5_000, np.float32)])
HISS = 0.1 * np.random.default_rng(0).standard_normal(len(T)).astype(np.float32)


ONE_PITCH = np.where(np.arange(MEL.n_frames) == 3, 1e-3, np.nan)


@pytest.fixture(scope="module")
def heard():
    """Soft mels of a click, hiss, a tone and silence."""
    return [soft(audio) for audio in (CLICK, HISS, tone(), np.zeros(4_000, np.float32))]


@pytest.mark.parametrize("seconds", [0.0, 0.03, 1.5, 60.0])
@pytest.mark.parametrize("hz", [NOTHING, ONE_PITCH, np.full(MEL.n_frames, 9_000.0)])
def test_any_sound_and_any_render_give_gestures_that_can_be_kept(heard, hz, seconds):
    for target, render in product(heard, heard):
        fitting = GestureFitting(Sound(CLICK, seconds=seconds, pitch_hz=hz), target, MEL)
        proposals = list(fitting.proposals(render, None, 1.0))
        for _, gestures in proposals:
            proposals = [*proposals, *fitting.proposals(render, gestures, 0.7)]
        assert all(Gestures.from_dict(gestures.to_dict()) == gestures for _, gestures in proposals)
