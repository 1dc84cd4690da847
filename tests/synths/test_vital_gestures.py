"""Gestures in Vital: heard as they are drawn, in the engine and in an exported preset alike."""

import json

import numpy as np
import pytest
import vita

from core.playing.gestures import GESTURE_POINTS, Gesture, Gestures
from synths.base_patch import BASE_PATCH, ROUTING, gesture_settings
from synths.engine import GestureEngine, Note, play
from synths.space_files import load_space
from synths.vital import VitalEngine
from synths.vital_preset import read_preset, write_preset

SPACE = load_space("vital-32")
NOTE = Note(note=57, held_seconds=1.0, seconds=1.2)
UP = tuple(np.linspace(0.0, 1.0, GESTURE_POINTS).round(4).tolist())
SINE = {"osc_1_wave_frame": 0.0, "filter_1_cutoff": 1.0}
ALL = Gestures(
    seconds=1.0,
    loudness=Gesture(points=UP, depth=0.9),
    brightness=Gesture(points=UP[::-1], depth=12.0),
    pitch=Gesture(points=UP, depth=7.0),
)


def drawn(seed):
    """A patch of the whole space."""
    vector = np.random.default_rng(seed).random(len(SPACE)).astype(np.float32)
    return SPACE.decode(vector)


def hz(audio, begin, sample_rate=22_050):
    """Frequency of the strongest partial in a tenth of a second."""
    piece = audio[round(begin * sample_rate) : round((begin + 0.1) * sample_rate)]
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 17))
    return int(np.argmax(spectrum)) * sample_rate / (1 << 17)


def rms(audio, begin, sample_rate=22_050):
    return float(
        np.sqrt(np.mean(audio[round(begin * sample_rate) : round((begin + 0.1) * sample_rate)] ** 2))
    )


@pytest.mark.parametrize("nothing", [None, Gestures(seconds=1.0)])
def test_without_gestures_every_sample_is_as_before(nothing):
    plain, other = VitalEngine(), VitalEngine()
    for seed in range(3):
        np.testing.assert_array_equal(
            plain.render(drawn(seed), NOTE), other.render_gestures(drawn(seed), NOTE, nothing)
        )


def test_gestures_leave_nothing_behind():
    engine, patch = VitalEngine(), SINE
    before = engine.render(patch, NOTE)
    gestured = engine.render_gestures(patch, NOTE, ALL)
    after = engine.render(patch, NOTE)
    assert np.abs(after - before).max() < 0.01 * np.abs(before).max() < np.abs(gestured - before).max()


def test_an_engine_that_plays_gestures_does_and_another_plays_the_patch():
    engine = VitalEngine()
    assert isinstance(engine, GestureEngine)
    assert np.abs(play(engine, SINE, NOTE, ALL) - play(engine, SINE, NOTE, None)).max() > 0.01

    class Plain:
        sample_rate = 22_050

        def render(self, patch, note):
            return np.ones((2, 3), np.float32)

    assert play(Plain(), SINE, NOTE, ALL).shape == (2, 3)


def test_loudness_follows_its_curve():
    engine, gestures = VitalEngine(), Gestures(seconds=1.0, loudness=Gesture(points=UP, depth=0.9))
    plain = engine.render(SINE, NOTE).mean(axis=0)
    curved = engine.render_gestures(SINE, NOTE, gestures).mean(axis=0)
    for begin in (0.2, 0.45, 0.8):
        expected = gestures.gain(np.array([begin + 0.05]))[0]
        assert rms(curved, begin) / rms(plain, begin) == pytest.approx(expected, rel=0.15)


def test_pitch_follows_its_curve():
    gestures = Gestures(seconds=1.0, pitch=Gesture(points=UP, depth=7.0))
    audio = VitalEngine().render_gestures(SINE, NOTE, gestures).mean(axis=0)
    for begin in (0.2, 0.45, 0.8):
        semitones = 7.0 * (2.0 * (begin + 0.05) - 1.0)
        assert 12.0 * np.log2(hz(audio, begin) / 220.0) == pytest.approx(semitones, abs=0.4)


def test_brightness_follows_its_curve():
    saw = {"osc_1_wave_frame": 0.375, "filter_1_cutoff": 0.5}
    gestures = Gestures(seconds=1.0, brightness=Gesture(points=UP, depth=24.0))
    audio = VitalEngine().render_gestures(saw, NOTE, gestures).mean(axis=0)
    assert rms(audio, 0.1) < rms(audio, 0.45) < rms(audio, 0.8)  # more partials pass


@pytest.mark.parametrize("seed", [1, 2])
def test_an_exported_preset_sounds_like_the_engine(tmp_path, seed):
    vector = np.random.default_rng(seed).random(len(SPACE)).astype(np.float32)
    vector[SPACE.index("volume")] = 0.7
    path = tmp_path / "sung.vital"
    write_preset(path, SPACE, vector, "Sung", gestures=ALL)
    synth = vita.Synth()
    synth.set_sample_rate(22_050.0)
    assert synth.load_json(path.read_text())
    fresh = np.asarray(synth.render(NOTE.note, NOTE.velocity / 127.0, NOTE.held_seconds, NOTE.seconds))
    ours = VitalEngine().render_gestures(SPACE.decode(vector), NOTE, ALL)
    envelope = [[rms(one.mean(axis=0), begin) for begin in np.arange(0.0, 1.1, 0.1)] for one in (fresh, ours)]
    np.testing.assert_allclose(*envelope, rtol=0.15, atol=0.02)
    np.testing.assert_allclose(read_preset(path, SPACE).vector, vector, atol=1e-5)


def test_a_preset_without_gestures_is_the_same_file_as_before(tmp_path):
    vector = np.full(len(SPACE), 0.5, np.float32)
    files = [tmp_path / "a.vital", tmp_path / "b.vital"]
    write_preset(files[0], SPACE, vector, "One")
    write_preset(files[1], SPACE, vector, "One", gestures=Gestures(seconds=1.0))
    assert files[0].read_bytes() == files[1].read_bytes()


def test_gestures_take_only_what_no_space_and_no_routing_uses():
    base = json.loads(BASE_PATCH.read_text())["settings"]
    changed = gesture_settings(base, ALL)
    moved = {name for name in changed if changed[name] != base.get(name)} - {"lfos", "modulations"}
    assert moved and not moved & set(load_space("vital-64").names)
    rows = [k for k in range(64) if changed["modulations"][k] != base["modulations"][k]]
    assert len(rows) == 3 and not {k + 1 for k in rows} & {slot for slot, *_ in ROUTING}
    assert [changed["lfos"][k] for k in (0, 1)] == [base["lfos"][k] for k in (0, 1)]
