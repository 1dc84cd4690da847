"""Gestures as values: files, limits, and the gain that they mean."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PatchError
from core.playing.gestures import GESTURE_KINDS, GESTURE_POINTS, Gesture, Gestures

HEIGHTS = st.lists(st.floats(0.0, 1.0), min_size=GESTURE_POINTS, max_size=GESTURE_POINTS).map(tuple)
CURVES = st.none() | st.builds(Gesture, points=HEIGHTS, depth=st.floats(0.0, 1.0))
GESTURES = st.builds(
    Gestures, seconds=st.floats(0.05, 30.0), loudness=CURVES, brightness=CURVES, pitch=CURVES
)
RISING = Gesture(points=tuple(np.linspace(0.0, 1.0, GESTURE_POINTS).tolist()), depth=1.0)


@given(GESTURES)
def test_reading_undoes_writing(gestures):
    assert Gestures.from_dict(gestures.to_dict()) == gestures
    assert bool(gestures) == any(gestures.of(kind) for kind in GESTURE_KINDS)


@given(GESTURES, st.sampled_from(GESTURE_KINDS))
def test_one_curve_is_changed_and_the_others_stay(gestures, kind):
    changed = gestures.having(kind, RISING)
    assert changed.of(kind) == RISING
    assert all(changed.of(other) == gestures.of(other) for other in GESTURE_KINDS if other != kind)


@given(GESTURES)
def test_a_gain_never_amplifies(gestures):
    gain = gestures.gain(np.linspace(0.0, 40.0, 50))
    assert (gain >= 0.0).all() and (gain <= 1.0 + 1e-9).all()
    assert gestures.loudness is not None or (gain == 1.0).all()


def test_a_gain_is_the_square_of_the_amplitude_and_stays_at_its_end():
    gestures = Gestures(seconds=2.0, loudness=RISING)
    np.testing.assert_allclose(gestures.gain(np.array([0.0, 1.0, 2.0, 9.0])), [0.0, 0.25, 1.0, 1.0])


WHOLE = {"seconds": 1.0, "pitch": {"depth": 3.0, "points": [0.5] * GESTURE_POINTS}}


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"seconds": math.nan},
        {"seconds": "long"},
        {"seconds": 0.0},
        {"seconds": 1e9},
        {**WHOLE, "pitch": None},
        {**WHOLE, "pitch": {"depth": 3.0}},
        {**WHOLE, "pitch": {"depth": 99.0, "points": [0.5] * GESTURE_POINTS}},
        {**WHOLE, "pitch": {"depth": 3.0, "points": [0.5] * 3}},
        {**WHOLE, "loudness": {"depth": 1.0, "points": [1.5] * GESTURE_POINTS}},
        {**WHOLE, "loudness": {"depth": 1.0, "points": [math.inf] * GESTURE_POINTS}},
    ],
)
def test_what_is_no_gesture_is_refused(broken):
    assert Gestures.from_dict(WHOLE).pitch is not None
    with pytest.raises(PatchError):
        Gestures.from_dict(broken)
