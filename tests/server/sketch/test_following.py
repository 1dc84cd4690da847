"""Following a voice: the gate, the pace, the smoothing, and what a held sound is taken for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.loudness import level
from core.mel import MelConfig, log_mel
from sketching.following import STEP_SECONDS, VoiceFollower, VoiceGate, held_note
from synths.engine import Note
from tests.server.sketch.voices import noise, saw, sine

RATE = 48_000
MEL, NOTE = MelConfig(), Note()


def follow(sound, sizes=(512,), gate_db=-45.0, answer=None):
    """Patches that come, and how many samples had been heard by then."""
    follower = VoiceFollower(
        RATE,
        gate_db,
        answer or (lambda mel: np.array([mel[:20].mean(), mel[20:].mean()], np.float32)),
        mel=MEL,
        note=NOTE,
        target_lufs=-24.0,
    )
    found, at, k = [], 0, 0
    while at < len(sound):
        block = sound[at : at + sizes[k % len(sizes)]]
        at, k = at + len(block), k + 1
        patch = follower.push(block)
        if patch is not None:
            found.append((at, patch))
    return found


def test_patches_come_25_times_a_second_while_it_sounds_and_not_otherwise():
    silence = np.zeros(RATE, np.float32)
    found = follow(np.concatenate([silence, saw(200, 2.0, RATE), silence]))
    times = np.array([at for at, _ in found]) / RATE
    assert 1.0 < times.min() < 1.16 and 2.9 < times.max() < 3.2
    assert len(found) == pytest.approx(2.0 / STEP_SECONDS, abs=5)
    assert np.diff(times).max() < 2.1 * STEP_SECONDS


def test_it_begins_within_a_window_of_the_sound():
    """2,048 samples at 22,050 Hz, 20 ms of the gate, and a block."""
    at, _ = follow(np.concatenate([np.zeros(RATE, np.float32), saw(200, 1.0, RATE)]))[0]
    assert (at - RATE) / RATE < 0.093 + 0.02 + 0.012


@settings(max_examples=10)
@given(st.lists(st.integers(100, 9_000), min_size=1, max_size=6))
def test_the_size_of_the_blocks_only_changes_the_pace(sizes):
    found = follow(saw(200, 1.0, RATE), sizes)
    assert len(found) <= 1.0 / STEP_SECONDS + 1
    assert all(np.isfinite(patch).all() for _, patch in found)
    if max(sizes) < 2_000:
        assert len(found) >= 0.8 / STEP_SECONDS


@pytest.mark.parametrize(("level_db", "heard"), [(-60, False), (-48, False), (-42, True), (-20, True)])
def test_the_gate_opens_above_its_level(level_db, heard):
    sound = sine(300, 1.0, RATE) / 0.2 * np.sqrt(2) * 10 ** (level_db / 20)
    assert bool(follow(sound, gate_db=-45.0)) == heard


def test_the_gate_stays_open_over_a_short_gap_and_closes_after_a_long_one():
    gate = VoiceGate(RATE, -45.0)
    assert gate.push(sine(300, 0.2, RATE)) is not None and gate.is_open
    assert gate.push(np.zeros(round(0.08 * RATE), np.float32)) is None and gate.is_open
    assert gate.push(sine(300, 0.2, RATE)) is None and gate.is_open
    gate.push(np.zeros(round(0.3 * RATE), np.float32))
    assert not gate.is_open


def test_the_gate_does_not_chatter_at_its_level():
    sound = noise(3.0, 10 ** (-45 / 20), rate=RATE)
    gate, opened = VoiceGate(RATE, -45.0), 0
    for k in range(0, len(sound), 480):
        opened += gate.push(sound[k : k + 480]) is not None
    assert opened <= 1


def test_a_change_of_timbre_is_smoothed_and_an_onset_is_not():
    low, high = saw(100, 1.0, RATE), noise(1.0, 0.1, rate=RATE)
    joined = np.array([p[1] for _, p in follow(np.concatenate([low, high]))])
    ends = joined[10], joined[-1]
    between = joined[
        (joined > min(ends) + 0.2 * abs(ends[1] - ends[0]))
        & (joined < max(ends) - 0.2 * abs(ends[1] - ends[0]))
    ]
    assert len(between) >= 2
    apart = np.array([p[1] for _, p in follow(np.concatenate([low, np.zeros(RATE // 2, np.float32), high]))])
    jump = np.abs(np.diff(apart)).max()
    assert jump > 0.7 * abs(ends[1] - ends[0])


def test_level_does_not_matter():
    quiet, loud = (follow(gain * saw(150, 1.0, RATE), gate_db=-70.0) for gain in (0.05, 1.0))
    np.testing.assert_allclose(quiet[-1][1], loud[-1][1], atol=0.02)


def test_a_held_sound_is_taken_for_the_note_it_is():
    """The mel of the last moment of a held note is near the mel of the whole note."""
    rate = MEL.sample_rate
    whole = np.pad(saw(220, 3.0, rate), (0, rate))
    truth = log_mel(level(whole, rate, -24.0), MEL)
    moment = held_note(saw(220, 0.14, rate), MEL, NOTE, -24.0)
    assert moment.shape == MEL.shape and moment.dtype == np.float32
    held = slice(2, 62)
    assert np.abs(moment[:, held] - truth[:, held]).mean() < 0.35  # natural log of power: 1.5 dB
    assert moment[:, 75:].max() < moment[:, held].max() - 8.0
