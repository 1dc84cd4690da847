"""The rings of V-Pots, read as a Mackie Control reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control, ControlEvent
from server.midi.codec.relative import decode_step
from server.midi.codec.rings import RING_CODINGS, ring_value
from server.midi.learning.listener import ControlListener
from tests.server.midi.indicators import move, plug_in, wait
from tests.server.midi.playing import NANO, dial
from tests.server.midi.senders import cc
from tests.server.midi.strategies import unit

MACKIE = RING_CODINGS[1:]


def lit(value):
    """Which of the eleven lights are on, and the small one beneath the middle."""
    far, mode, middle = value & 15, value >> 4 & 3, bool(value & 64)
    match mode:
        case 0:
            on = {far}
        case 1:
            on = set(range(min(far, 6), max(far, 6) + 1))
        case 2:
            on = set(range(1, far + 1))
        case _:
            on = set(range(7 - far, 6 + far))
    return on, middle


@given(st.sampled_from(MACKIE), unit, unit)
def test_more_is_further_and_every_value_is_one_that_a_ring_knows(coding, one, other):
    values = [ring_value(coding, place) for place in sorted((one, other))]
    most = 6 if coding == "mackie spread" else 11
    assert all(0 <= value <= 127 and 1 <= value & 15 <= most for value in values)
    assert values[0] & 15 <= values[1] & 15
    assert all(lit(value)[0] <= set(range(1, 12)) for value in values)


@pytest.mark.parametrize(
    ("coding", "low", "middle", "high"),
    [
        ("mackie dot", {1}, {6}, {11}),
        ("mackie boost-cut", set(range(1, 7)), {6}, set(range(6, 12))),
        ("mackie fill", {1}, set(range(1, 7)), set(range(1, 12))),
        ("mackie spread", {6}, None, set(range(1, 12))),
    ],
)
def test_the_lights_show_the_place(coding, low, middle, high):
    shown = [lit(ring_value(coding, place)) for place in (0.0, 0.5, 1.0)]
    assert [on for on, _ in shown][::2] == [low, high]
    assert [small for _, small in shown] == [False, True, False]
    assert middle is None or shown[1][0] == middle


def test_a_v_pot_turns_its_macro_and_its_ring_follows(ringed, rings):
    rig = ringed
    ring = Control("cc", 1, 48)
    pot = Binding(control=Control("cc", 1, 16), macro=0, sends="sign", ring=ring, coding="mackie fill")
    plug_in(rig, pot)
    rig.send("/flow/macro", 0, 0.5)
    wait(rig)
    assert rings.drain() == {ring: ring_value("mackie fill", 0.5)}
    move(rig, *[cc(1, 16, 3)] * 10)  # three to the right, ten times
    assert dial(rig, 0) == pytest.approx(0.5 + 30 / 127)
    move(rig, *[cc(1, 16, 64 + 3)] * 10)
    assert dial(rig, 0) == pytest.approx(0.5)
    rig.send("/flow/macro", 0, 1.0)
    wait(rig)
    assert rings.drain() == {ring: 2 << 4 | 11}


def test_a_v_pot_is_told_from_other_encoders_by_listening():
    listener = ControlListener()
    for n in range(24):
        from_pot = cc(1, 16, 1 + n % 2 if n < 12 else 65 + n % 2)
        assert decode_step("sign", from_pot.value) == (1 + n % 2) * (1 if n < 12 else -1)
        control = Control("cc", 1, 16)
        listener.add(NANO, ControlEvent(control, from_pot.value), n * 0.01)
    found = listener.result(10.0)
    assert found.reading.sends == "sign" and found.control == control
