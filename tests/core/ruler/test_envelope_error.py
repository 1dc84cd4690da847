"""Loudness-envelope error against librosa's RMS, and cases worked out by hand."""

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.loudness import level
from core.ruler.envelope_error import envelope_error, loudness_envelope

RATE = 22_050
T = np.arange(2 * RATE) / RATE
TONE = 0.3 * np.sin(2 * np.pi * 997 * T)
NOISE = np.random.default_rng(0).normal(0, 0.1, 2 * RATE)


def test_the_envelope_agrees_with_librosa():
    """At 997 Hz the K-weighting adds 0.69 dB, which the -0.691 of BS.1770 takes off again."""
    audio = level(TONE * (1 + 0.5 * np.sin(2 * np.pi * 3 * T)), RATE)
    n, hop = int(0.05 * RATE), int(0.025 * RATE)
    rms = librosa.feature.rms(y=audio, frame_length=n, hop_length=hop, center=False)[0]
    ours = loudness_envelope(audio, RATE)
    np.testing.assert_allclose(ours[2:], 20 * np.log10(rms)[2 : len(ours)], atol=0.1)


@given(st.floats(-20, 20))
@settings(max_examples=10, deadline=None)
def test_gain_does_not_count(gain_db):
    swell = NOISE * T
    assert envelope_error(swell, 10 ** (gain_db / 20) * swell, RATE) < 1e-3


def test_timbre_does_not_count():
    # Noise fluctuates by itself: 50 ms of it are within about 0.3 dB of its mean.
    assert envelope_error(TONE, NOISE, RATE) < 0.7


@pytest.mark.parametrize("depth_db", [1.0, 3.0, 6.0])
def test_a_tremolo_is_as_far_off_as_it_is_deep(depth_db):
    """The mean of a sine of so many dB, around the constant by which levelling moves all of it."""
    slow = depth_db * np.sin(2 * np.pi * 2 * T)
    wobbling = TONE * 10 ** (slow / 20)
    moved = loudness_envelope(level(wobbling, RATE), RATE) - loudness_envelope(level(TONE, RATE), RATE)
    expected = np.mean(np.abs(depth_db * np.sin(np.linspace(0, 2 * np.pi, 1_000)) + np.mean(moved)))
    assert envelope_error(TONE, wobbling, RATE) == pytest.approx(expected, rel=0.1)
    assert envelope_error(wobbling, TONE, RATE) == envelope_error(TONE, wobbling, RATE)


def test_a_decay_of_known_speed():
    """One falls by 10 dB a second and one by 20, from one loudness: 10 dB a second apart, 10 on average."""
    slow, fast = (NOISE * 10 ** (-rate * T / 20) for rate in (10, 20))
    # The loudest 400 ms of the faster one are 1.0 dB softer, relative to its beginning.
    assert envelope_error(slow, fast, RATE) == pytest.approx(9.0, abs=0.5)


def test_starting_late_counts_for_as_long_as_it_lasts():
    """0.2 of 2 s are silent, 50 dB below; in the last two windows that begin there the sound has begun."""
    late = NOISE * (T > 0.2)
    assert envelope_error(NOISE, late, RATE) == pytest.approx(50 * (0.2 - 0.025) / 2, abs=0.3)


def test_silence_that_both_share_does_not_count():
    longer = [np.concatenate([x, np.zeros(8 * RATE)]) for x in (NOISE, NOISE * np.exp(-2 * T))]
    shorter = envelope_error(NOISE, NOISE * np.exp(-2 * T), RATE)
    assert envelope_error(*longer, RATE) == pytest.approx(shorter, rel=0.05)


def test_silence_against_a_sound_is_all_of_it():
    assert envelope_error(np.zeros(RATE), np.zeros(10), RATE) == 0.0
    assert envelope_error(TONE, 0 * TONE, RATE) == pytest.approx(50.0, abs=0.5)


def test_a_constant_offset_does_not_count():
    # The filter needs a moment to settle on it.
    assert envelope_error(TONE, TONE + 0.1, RATE) < 0.3


@pytest.mark.parametrize("odd", [np.zeros(0), np.zeros(3), np.ones(7), np.full(RATE, 1e-9)])
def test_scraps_have_a_finite_error(odd):
    assert envelope_error(odd, odd, RATE) == 0.0
    assert np.isfinite(envelope_error(odd, TONE, RATE))


def test_the_shorter_is_followed_by_silence():
    assert envelope_error(TONE, np.concatenate([TONE, np.zeros(999)]), RATE) < 0.3


def test_what_is_not_finite_has_no_error():
    broken = TONE.copy()
    broken[100] = np.nan
    assert np.isnan(envelope_error(TONE, broken, RATE)) and np.isnan(envelope_error(broken, TONE, RATE))
