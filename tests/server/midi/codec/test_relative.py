import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.codec.relative import RELATIVE_ENCODINGS, decode_step, recognize_encoding
from tests.server.midi.senders import encode_step

changes = st.lists(st.sampled_from([-1, 0, 1]), min_size=8, max_size=30)  # fewer steps may not be clear yet


def walk(start, changes, most):
    """Steps of a hand whose speed changes by one at a time."""
    speeds = [start]
    for change in changes:
        speeds.append(min(most, max(1, speeds[-1] + change)))
    return speeds


def turned(sends, up, down):
    """Values of an encoder turned both ways; each step comes twice, as encoders send."""
    # The offset kind has no leap where it turns.
    return [encode_step(sends, by) for by in [x for x in up for _ in "12"] + [-x for x in down for _ in "12"]]


@given(st.sampled_from(RELATIVE_ENCODINGS), st.integers(-63, 63))
def test_steps_round_trip(sends, by):
    assert 0 <= encode_step(sends, by) <= 127
    assert decode_step(sends, encode_step(sends, by)) == by


@given(st.sampled_from(RELATIVE_ENCODINGS), st.integers(1, 2), changes, st.integers(1, 2), changes)
def test_an_encoder_turned_both_ways_by_an_unhurried_hand_is_recognized(sends, first, up, second, down):
    assert recognize_encoding(turned(sends, walk(first, up, 2), walk(second, down, 2))) == sends


@given(
    st.sampled_from(RELATIVE_ENCODINGS),
    st.integers(1, 15),
    st.integers(1, 15),
    st.integers(3, 30),
    st.integers(3, 30),
)
def test_an_encoder_turned_both_ways_at_even_speeds_is_recognized(sends, up, down, n, m):
    assert recognize_encoding(turned(sends, [up] * n, [down] * m)) == sends


@given(st.sampled_from(RELATIVE_ENCODINGS), st.integers(4, 40), st.booleans())
def test_one_way_is_enough_or_it_says_that_it_is_not(sends, n, up):
    found = recognize_encoding([encode_step(sends, 1 if up else -1)] * n)
    alike = {("twos", True), ("sign", True), ("sign", False), ("offset", True)}
    assert found == (None if (sends, up) in alike else sends)


@given(st.integers(0, 127), st.integers(0, 127))
def test_a_knob_turned_from_one_place_to_another_is_a_knob(a, b):
    way = range(a, b + 1) if a <= b else range(a, b - 1, -1)
    assert recognize_encoding(list(way)) in ("absolute", None if len(way) < 4 else "absolute")


@pytest.mark.parametrize("values", [[127, 0], [0, 127, 0, 127], [0], [100, 40, 100, 40], [127, 0, 0, 127]])
def test_a_button_is_no_encoder(values):
    assert recognize_encoding(values) == "absolute"


leaps = st.lists(st.sampled_from([1, 2, 3, 15, 31, 63]), min_size=12, max_size=24)


@given(st.sampled_from(RELATIVE_ENCODINGS), leaps, leaps)
def test_an_encoder_whose_speed_leaps_is_known_or_it_is_said_that_it_is_not(sends, up, down):
    """As far as it was slow both ways: what always sends 63 may as well always send -1."""
    slow = [1, 2, 1, 3, 1]
    values = [encode_step(sends, by) for by in slow + up + [-x for x in slow + down]]
    assert recognize_encoding(values) in (sends, None)


@pytest.mark.parametrize("sends", RELATIVE_ENCODINGS)
def test_of_an_encoder_that_is_never_slow_no_encoding_is_guessed(sends):
    quick = [30, 45, 22, 49, 33, 41, 28, -28, -41, -33, -18, -44, -29, -38]
    assert recognize_encoding([encode_step(sends, by) for by in quick]) is None


def test_too_little_is_not_guessed_from():
    assert all(recognize_encoding(values) is None for values in ([], [1, 1], [65]))
