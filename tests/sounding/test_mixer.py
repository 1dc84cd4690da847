"""The mixer: sample-exact, never over the ceiling, never a click."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sounding.fades import crossfade_gains, likeness
from sounding.limiter import CEILING, Limiter
from sounding.master import FULL
from sounding.mixer import Mixer
from sounding.piece import Piece, held_piece, released_piece
from sounding.playback import Playback
from tests.sounding.playing import steps

RATE = 44_100


def tone(hz, seconds, amplitude=0.5, phase=0.0):
    t = np.arange(int(seconds * RATE)) / RATE
    wave = amplitude * np.sin(2 * np.pi * hz * t + phase)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def noise(n, amplitude=0.1, seed=0):
    return np.random.default_rng(seed).normal(0, amplitude, (n, 2)).astype(np.float32)


def run(mixer, n, blocks=(256,)):
    out, k, start = np.full((n, 2), np.nan, np.float32), 0, 0
    while start < n:
        mixer.fill(out[start : start + blocks[k % len(blocks)]])
        start += blocks[k % len(blocks)]
        k += 1
    return out


def test_silence_before_anything_and_after_everything():
    mixer = Mixer(RATE)
    assert not run(mixer, 1_000).any()
    mixer.add(Playback(Piece(tone(440, 0.01))))
    assert run(mixer, 441 + mixer.n_delay).any()
    assert not run(mixer, 1_000).any()


def test_what_plays_alone_is_unchanged():
    mixer, audio = Mixer(RATE), noise(5_000)
    mixer.add(Playback(Piece(audio)))
    heard = run(mixer, 5_000 + mixer.n_delay)
    assert np.array_equal(heard[mixer.n_delay :], audio)


@settings(deadline=None, max_examples=30)
@given(blocks=st.lists(st.integers(1, 700), min_size=1, max_size=8), bend=st.sampled_from([1.0, 1.1, 0.8]))
def test_what_is_heard_does_not_depend_on_the_blocks(blocks, bend):
    heard = []
    for asked in (blocks, [512]):
        mixer = Mixer(RATE)
        mixer.master.set_volume(0.5)
        playback = Playback(held_piece(tone(300, 0.1, 0.9), RATE))
        mixer.add(playback)
        mixer.add(Playback(Piece(tone(777, 0.2, 0.9))))
        first = run(mixer, 1_024, asked)
        playback.bend = bend
        playback.replace(Piece(tone(310, 0.2, 0.9)), 900)
        heard.append(np.concatenate([first, run(mixer, 6_000, asked)]))
    assert np.array_equal(*heard) or heard[0] == pytest.approx(heard[1], abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    hz=st.floats(50, 2_000), other=st.floats(50, 2_000), phase=st.floats(0, 6.28), at=st.integers(1, 20_000)
)
def test_another_piece_takes_over_without_a_click(hz, other, phase, at):
    mixer = Mixer(RATE)
    playback = Playback(Piece(tone(hz, 1.0)))
    mixer.add(playback)
    before = run(mixer, at)
    playback.replace(Piece(tone(other, 1.0, phase=phase)), 1_764)
    heard = np.concatenate([before, run(mixer, 5_000)])
    # Two tones at most add up to sqrt(2) of one, and the fade itself moves pi/2 of each in 1,764 samples.
    steepest = 0.5 * 2 * np.pi * max(hz, other) / RATE
    assert steps(heard) <= np.sqrt(2) * steepest + 2 * 0.5 * np.pi / 1_764 + 1e-3


def test_the_newest_of_several_pieces_wins_after_a_fade():
    playback = Playback(Piece(np.full((RATE, 2), 0.1, np.float32)))
    mixer = Mixer(RATE)
    mixer.add(playback)
    for level in (0.2, 0.3, 0.4):
        playback.replace(Piece(np.full((RATE, 2), level, np.float32)), 500)
        run(mixer, 100)
    assert run(mixer, 3_000)[-1] == pytest.approx([0.4, 0.4], abs=1e-6)


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_power_stays_level_through_a_fade(alike):
    rng = np.random.default_rng(1)
    one, two = rng.normal(size=(2, 200_000))
    two = alike * one + np.sqrt(1 - alike**2) * two
    fall, rise = (np.repeat(gain[:, 0], 20_000) for gain in crossfade_gains(10, alike))
    power = ((fall * one + rise * two) ** 2).reshape(10, -1).mean(axis=1)
    assert power == pytest.approx([1.0] * 10, rel=0.05)


def test_the_same_sound_is_faded_into_itself_unchanged():
    audio = noise(3_000)
    assert likeness(audio, audio) == pytest.approx(1.0)
    fall, rise = crossfade_gains(300, 1.0)
    assert fall + rise == pytest.approx(np.ones((300, 1)), abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(level=st.sampled_from([0.1, 1.0, 5.0, 1e4, np.inf, np.nan]), seed=st.integers(0, 99))
def test_no_sample_is_over_the_ceiling(level, seed):
    rng = np.random.default_rng(seed)
    audio = rng.normal(0, 1, (9_000, 2)) * rng.choice([0.1, 1.0, 3.0], (9_000, 1))
    audio = (audio * level if np.isfinite(level) else np.full((9_000, 2), level)).astype(np.float32)
    limiter, start, heard = Limiter(RATE), 0, []
    while start < len(audio):
        n = int(rng.integers(1, 400))
        heard.append(limiter.process(audio[start : start + n]))
        start += n
    heard = np.concatenate(heard)
    assert heard.shape == audio.shape and np.isfinite(heard).all()
    assert np.abs(heard).max() <= CEILING + 1e-6


def test_the_limiter_leaves_what_is_quiet_alone_and_turns_down_smoothly():
    limiter, quiet = Limiter(RATE), noise(2_000, 0.05)
    assert np.array_equal(limiter.process(quiet)[limiter.n_delay :], quiet[: 2_000 - limiter.n_delay])
    loud = tone(100, 0.5, 3.0)
    assert steps(Limiter(RATE).process(loud)) <= steps(loud)


def test_the_volume_moves_in_a_ramp():
    mixer = Mixer(RATE)
    mixer.add(Playback(Piece(np.full((RATE, 2), 0.4, np.float32))))
    run(mixer, 1_000)
    mixer.master.set_volume(0.5 * FULL)
    heard = run(mixer, 4_000)
    assert steps(heard) < 0.4 / 800
    assert heard[-1] == pytest.approx([0.1, 0.1], rel=1e-3)


def test_a_stop_is_a_fade():
    mixer = Mixer(RATE)
    playback = Playback(held_piece(tone(200, 0.5), RATE))
    mixer.add(playback)
    before = run(mixer, 3_000)
    playback.stop(500)
    heard = np.concatenate([before, run(mixer, 3_000)])
    assert steps(heard) <= 1.1 * steps(before) and not heard[-2_000:].any()
    assert playback.is_over


@settings(deadline=None, max_examples=25)
@given(hz=st.floats(60, 3_000), seconds=st.floats(0.2, 2.0))
def test_a_loop_has_no_click_and_keeps_its_level(hz, seconds):
    audio = tone(hz, seconds)
    piece = held_piece(audio, RATE)
    assert piece.loops and not piece.is_over
    heard = piece.read(0, 3 * len(audio))
    assert steps(heard) <= 1.3 * steps(audio) + 1e-3
    level = np.sqrt(np.mean(heard[len(audio) :] ** 2))
    assert level == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_a_sound_that_has_died_away_does_not_loop():
    audio = tone(200, 2.0) * np.exp(-np.arange(2 * RATE) / 4_000).astype(np.float32)[:, None]
    for make in (held_piece, released_piece):
        piece = make(audio, RATE)
        assert piece.is_over and not piece.loops and np.array_equal(piece.audio, audio)
    assert not held_piece(np.zeros((50, 2), np.float32), RATE).loops


def test_a_release_that_is_cut_off_fades_out():
    piece = released_piece(tone(200, 0.5), RATE)
    assert not piece.is_over and np.abs(piece.audio[-5:]).max() < 0.01
    assert not piece.read(len(piece), 100).any()


@settings(deadline=None, max_examples=30)
@given(step=st.floats(0.5, 2.0), start=st.floats(3, 2_000))
def test_between_samples_a_smooth_sound_stays_itself(step, start):
    piece = Piece(tone(300, 0.3))
    places = start + step * np.arange(1_000)
    expected = 0.5 * np.sin(2 * np.pi * 300 * places / RATE)
    assert piece.read(start, 1_000, step)[:, 0] == pytest.approx(expected, abs=1e-3)
