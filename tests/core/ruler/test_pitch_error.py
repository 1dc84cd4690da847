"""Pitch error: known detunings, what has no pitch, and pYIN as the second opinion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.pitch import PyinTracker
from core.ruler.pitch_error import MOST_CENTS, PitchCurve, pitch_curve, pitch_difference, pitch_error

RATE = 22_050
T = np.arange(2 * RATE) / RATE
NOISE = np.random.default_rng(0).normal(0, 0.1, 2 * RATE)


def saw(hz, cents=0.0, t=T):
    """A saw without partials above half the rate, so that its pitch is exact."""
    turns = np.cumsum(np.broadcast_to(hz * 2.0 ** (np.asarray(cents) / 1_200), t.shape)) / RATE
    n = int(0.4 * RATE / (hz * 2.0))
    return 0.3 * sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, n + 1))


@pytest.mark.parametrize("hz", [65.4, 220.0, 880.0])
@pytest.mark.parametrize("cents", [-300.0, -50.0, 50.0, 700.0])
def test_a_detuning_is_the_error(hz, cents):
    assert pitch_error(saw(hz), saw(hz, cents), RATE) == pytest.approx(abs(cents), abs=8.0)  # see the module


def test_pyin_says_the_same():
    for a, b in ((saw(220), saw(220, 50)), (saw(110), saw(110, -200))):
        assert pitch_error(a, b, RATE) == pytest.approx(pitch_error(a, b, RATE, PyinTracker()), abs=8.0)


@given(st.floats(-30, 20))
@settings(max_examples=8, deadline=None)
def test_gain_does_not_count(gain_db):
    assert pitch_error(saw(220), 10 ** (gain_db / 20) * saw(220, 50), RATE) == pytest.approx(50.0, abs=6.0)


def test_timbre_does_not_count():
    square = 0.3 * np.sign(saw(220, t=T))
    assert pitch_error(saw(220), square, RATE) < 5.0


def test_an_octave_counts_and_is_the_most():
    assert pitch_error(saw(220), saw(220, 1_200), RATE) == pytest.approx(MOST_CENTS, abs=6.0)
    assert pitch_error(saw(110), saw(110, 2_400), RATE) == MOST_CENTS


def test_a_vibrato_counts_by_its_usual_depth():
    """Against a steady tone, half of the time a sine of 60 cents is more than 60 sin 45 degrees away."""
    wobbling = saw(220, 60 * np.sin(2 * np.pi * 2 * T))
    assert pitch_error(saw(220), wobbling, RATE) == pytest.approx(60 * np.sin(np.pi / 4), abs=8.0)


def test_a_target_without_pitch_has_no_error_and_an_answer_without_is_as_wrong_as_can_be():
    for target in (NOISE, 0 * NOISE, np.zeros(0)):
        assert np.isnan(pitch_error(target, saw(220), RATE))
    for answer in (NOISE, 0 * NOISE, np.zeros(0)):
        assert pitch_error(saw(220), answer, RATE) == MOST_CENTS


def test_a_tremolo_or_an_early_end_is_no_error_of_pitch():
    wobbling = saw(220) * (1 + 0.8 * np.sin(2 * np.pi * 5 * T))
    short = saw(220) * (T < 0.6)
    assert pitch_error(saw(220), wobbling, RATE) < 5.0
    assert pitch_error(saw(220), short, RATE) < 5.0


def test_a_constant_offset_is_no_pitch():
    assert np.isnan(pitch_error(np.ones(RATE), saw(220), RATE))
    assert pitch_error(saw(220), saw(220, 50) + 0.1, RATE) == pytest.approx(50.0, abs=6.0)


@pytest.mark.parametrize("odd", [np.zeros(0), np.ones(1), saw(220)[:500], np.full(RATE, np.nan)])
def test_what_is_short_or_not_finite_has_no_pitch(odd):
    assert np.isnan(pitch_error(odd, saw(220), RATE))
    assert pitch_error(saw(220), odd, RATE) == MOST_CENTS


def test_sounds_of_different_length_are_compared_where_both_sound():
    assert pitch_error(saw(220), saw(220, 50)[:RATE], RATE) == pytest.approx(50.0, abs=6.0)


def curve(cents, sounding=True):
    cents = np.asarray(cents, float)
    return PitchCurve(cents, np.isfinite(cents), np.broadcast_to(sounding, cents.shape))


def test_frames_by_hand():
    """The median of 10, 20 and 1,200: the second octave of the third frame does not count."""
    assert pitch_difference(curve([0, 0, 0]), curve([10, -20, 2_400])) == 20.0
    assert pitch_difference(curve([0, 0, 0]), curve([10, np.nan, np.nan])) == MOST_CENTS
    # A frame without pitch is left out if it is the target's, or silent.
    assert pitch_difference(curve([0, 0, np.nan]), curve([10, 10, 900])) == 10.0
    assert pitch_difference(curve([0, 0, 0]), curve([10, np.nan, np.nan], [True, False, False])) == 10.0
    assert np.isnan(pitch_difference(curve([0, np.nan, np.nan]), curve([0, 0, 0])))


def test_an_unsure_guess_counts_for_an_answer_and_not_for_a_target():
    unsure = PitchCurve(np.full(3, 20.0), np.zeros(3, bool), np.ones(3, bool))
    assert pitch_difference(curve([0, 0, 0]), unsure) == 20.0
    assert np.isnan(pitch_difference(unsure, curve([0, 0, 0])))


def test_a_curve_knows_whether_it_has_a_pitch():
    assert pitch_curve(saw(220), RATE).is_pitched
    assert not pitch_curve(NOISE, RATE).is_pitched
