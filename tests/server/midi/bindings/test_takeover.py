import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.bindings.binding import Binding
from server.midi.bindings.response import CURVES, Response
from server.midi.bindings.takeover import CATCH_DISTANCE, MAX_GAIN, TAKEOVER_MODES, Takeover
from server.midi.codec.control import Control
from server.midi.codec.relative import RELATIVE_ENCODINGS
from tests.server.midi.senders import encode_step
from tests.server.midi.strategies import unit

CC = Control("cc", 1, 20)
# A hand on the control (True) or somebody else on the macro (False), and where to.
events = st.lists(st.tuples(st.booleans(), unit), max_size=60)


def play(takeover, sequence, start=0.5):
    """Yield control before, control after, macro before, macro after, for each move of the hand."""
    macro, before = start, None
    for hand, position in sequence:
        if not hand:
            macro = position
            takeover.release()
            continue
        moved = takeover.move(position, macro)
        after = macro if moved is None else moved
        yield before, position, macro, after
        before, macro = position, after


@given(events)
def test_jump_is_where_the_control_is(sequence):
    for _, position, _, after in play(Takeover("jump"), sequence):
        assert after == position


@given(events)
def test_pickup_never_moves_further_than_the_hand(sequence):
    for before, position, macro, after in play(Takeover("pickup"), sequence):
        hand = 0.0 if before is None else abs(position - before)
        assert abs(after - macro) <= max(CATCH_DISTANCE, hand) + 1e-12
        assert after in (macro, position)


@given(events)
def test_scale_moves_the_hands_way_and_not_much_faster(sequence):
    for before, position, macro, after in play(Takeover("scale"), sequence):
        hand = 0.0 if before is None else abs(position - before)
        assert 0.0 <= after <= 1.0
        assert abs(after - macro) <= max(CATCH_DISTANCE, MAX_GAIN * hand) + 1e-12
        if abs(after - macro) > CATCH_DISTANCE:
            assert (after - macro) * (position - before) > 0.0


@given(st.sampled_from(TAKEOVER_MODES), events)
def test_a_sweep_from_end_to_end_always_takes_over(mode, sequence):
    takeover = Takeover(mode)
    *_, last = [(None, None, 0.5, 0.5), *play(takeover, sequence)]
    takeover.release()
    macro = last[3]
    for position in [0.0] * 2 + [j / 127 for j in range(128)] + [1.0 - j / 127 for j in range(128)]:
        moved = takeover.move(position, macro)
        macro = macro if moved is None else moved
    assert macro == 0.0
    assert takeover.move(0.02, macro) == 0.02


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.sampled_from([0.0, 1.0]))
def test_scale_reaches_the_end_with_the_control(position, macro, end):
    takeover = Takeover("scale")
    takeover.move(position, macro)
    gentle = abs(end - macro) / abs(end - position) <= MAX_GAIN
    for n in range(1, 21):
        moved = takeover.move(position + (end - position) * n / 20, macro)
        macro = macro if moved is None else moved
    assert not gentle or macro == pytest.approx(end, abs=1e-9)


@given(st.sampled_from(CURVES), st.booleans(), st.floats(0.0, 0.4), st.floats(0.6, 1.0), unit)
def test_a_response_and_its_inverse_undo_each_other(curve, invert, low, high, position):
    response = Response(curve=curve, invert=invert, low=low, high=high)
    value = response.value(position)
    assert low <= value <= high
    assert response.value(response.position(value)) == pytest.approx(value, abs=1e-9)
    assert {response.value(0.0), response.value(1.0)} == {low, high}


@given(st.sampled_from(CURVES), st.booleans(), unit, unit)
def test_a_response_goes_one_way(curve, invert, a, b):
    response = Response(curve=curve, invert=invert)
    low, high = sorted((a, b))
    first, second = (high, low) if invert else (low, high)
    assert response.value(first) <= response.value(second) + 1e-12


@given(st.sampled_from(RELATIVE_ENCODINGS), st.lists(st.integers(-15, 15), max_size=40), unit)
def test_an_encoder_moves_from_where_the_macro_is(sends, turns, dial):
    active = ActiveBinding(Binding(control=CC, macro=0, sends=sends))
    for by in turns:
        value = active.move(encode_step(sends, by), dial)
        assert value == pytest.approx(min(max(dial + by / 127, 0.0), 1.0), abs=1e-9)
        dial = value


@given(st.integers(0, 127), unit, unit)
def test_after_a_preset_the_first_touch_jumps_no_further_than_near(raw, dial, preset):
    active = ActiveBinding(Binding(control=CC, macro=0))
    active.move(raw, dial)
    value = active.move(raw, preset)  # the same position again, after the macro went elsewhere
    assert value is None or abs(value - preset) <= CATCH_DISTANCE + 1e-9


def test_a_struck_note_needs_no_pickup():
    active = ActiveBinding(Binding(control=Control("note", 1, 36), macro=0))
    assert active.move(127, 0.2) == 1.0
