"""Rings and motor faders: what is shown, when, and what comes back of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.bindings.binding import Binding
from server.midi.codec.builder import SHOWABLE_KINDS, midi_messages
from server.midi.codec.control import Control
from server.midi.codec.relative import RELATIVE_ENCODINGS
from server.midi.feedback.echo import ECHO_S
from tests.server.midi.indicators import move, plug_in, read, wait
from tests.server.midi.playing import CC, NANO, knob
from tests.server.midi.senders import cc, encode_step
from tests.server.midi.strategies import controls


@pytest.fixture
def rig(ringed):
    return ringed


@given(controls().filter(lambda c: c.kind in SHOWABLE_KINDS), st.data())
def test_what_is_told_is_read_as_it_was_meant(control, data):
    raw = data.draw(st.integers(0, control.top))
    assert read(control, midi_messages(control, raw)) == raw


@pytest.mark.parametrize("kind", SHOWABLE_KINDS)
def test_a_preset_moves_every_ring(rig, rings, kind):
    control = Control(kind, 1, 20 if kind != "pitch" else 0)
    plug_in(rig, Binding(control=control, macro=0))
    assert rings.drain() == {control: control.raw(rig.instrument.dials[0])}  # as soon as it is plugged in
    rig.send("/flow/preset/load", "Pad 2")
    wait(rig)
    assert rings.drain() == {control: control.raw(rig.instrument.dials[0])}
    rig.send("/flow/macro", 0, 1.0)
    wait(rig)
    assert rings.drain() == {control: control.top}
    wait(rig)
    assert rings.drain() == {}


def test_a_macro_that_runs_is_followed_at_the_pace_of_a_cable(rig, rings):
    plug_in(rig, knob(0))
    rings.drain()
    for n in range(1000):
        rig.put("/flow/macro", 0, n / 999)
        rig.bridge.finish(rig.now)
        rig.now += 0.001
        rig.bridge.tick(rig.now)
    assert 25 <= len(rings.sent) <= 40
    wait(rig, 0.1)
    assert rings.drain() == {CC: 127}


def test_the_hand_is_not_answered_with_what_it_said(rig, rings):
    plug_in(rig, knob(0, takeover="jump"))
    rings.drain()
    for value in range(0, 128, 5):
        move(rig, cc(1, 20, value))
        wait(rig, 0.05)
    wait(rig)
    assert rings.drain() == {}


@pytest.mark.parametrize("feedback", ["lights", "motor"])
def test_a_fader_under_a_finger_is_not_fought(rig, rings, feedback):
    plug_in(rig, knob(0, takeover="jump", feedback=feedback))
    rings.drain()
    wait(rig, ECHO_S)
    for n in range(20):
        move(rig, cc(1, 20, 60 + n))
        rig.put("/flow/macro", 0, 0.1)  # somebody else pulls at the same macro
        rig.bridge.finish(rig.now)
        wait(rig, 0.1)
        assert rings.sent == []
    wait(rig)
    assert rings.drain() == {CC: round(0.1 * 127)}


def test_a_touched_fader_waits_however_long_the_finger_rests(rig, rings):
    plug_in(rig, knob(0, takeover="jump", feedback="motor", touch=Control("note", 1, 104)))
    rings.drain()
    move(rig, b"\x90\x68\x7f")
    rig.send("/flow/macro", 0, 0.9)
    wait(rig, 5.0)
    assert rings.drain() == {}
    move(rig, b"\x90\x68\x00")
    wait(rig)
    assert rings.drain() == {CC: round(0.9 * 127)}


def test_a_loop_of_cable_moves_nothing(rig, rings):
    """Everything that is told comes straight back, as with a loopback port."""
    plug_in(rig, knob(0, takeover="jump"), knob(1, 7, "cc14", takeover="jump"), knob(2, 30, sends="twos"))
    rings.drain()
    before = rig.bridge.instrument.sequence
    for target in (0.2, 0.9, 0.25, 0.6):
        rig.send("/flow/macros", *[target] * len(rig.instrument.dials))
        for _ in range(20):
            wait(rig, 0.03)
            told, rings.sent = rings.sent, []
            move(rig, *[message for _, _, messages in told for message in messages])
        assert rig.instrument.dials[:3] == pytest.approx([target] * 3, abs=1e-6)
    assert rig.bridge.instrument.sequence == before + 4


def test_a_motor_on_its_way_is_no_hand(rig, rings):
    plug_in(rig, knob(0, feedback="motor", takeover="jump"))
    rig.send("/flow/macro", 0, 0.0)
    wait(rig)
    rig.send("/flow/macro", 0, 1.0)
    wait(rig, 0.04)
    assert rings.drain() == {CC: 127}
    for value in range(0, 128, 9):  # as a fader on its way says
        move(rig, cc(1, 20, value))
        wait(rig, 0.01)
    assert rig.instrument.dials[0] == pytest.approx(1.0)
    wait(rig)
    assert rings.drain() == {}


@pytest.mark.parametrize("takeover", ["pickup", "scale"])
def test_a_motor_has_found_its_macro(rig, rings, takeover):
    plug_in(rig, knob(0, feedback="motor", takeover=takeover))
    move(rig, cc(1, 20, 0), cc(1, 20, 127))
    wait(rig)
    rig.send("/flow/macro", 0, 64 / 127)
    wait(rig)
    assert rings.drain()[CC] == 64
    move(rig, cc(1, 20, 80))  # a quick hand: further away than a pickup reaches
    assert rig.instrument.dials[0] == pytest.approx(80 / 127)


@pytest.mark.parametrize("feedback", ["lights", "motor", "none"])
def test_a_knob_that_comes_back_has_its_hold_though_its_lights_are_lit_anew(rig, rings, feedback):
    plug_in(rig, knob(0, feedback=feedback))
    move(rig, cc(1, 20, 0), cc(1, 20, 127), cc(1, 20, 38))
    wait(rig)
    assert rig.instrument.dials[0] == pytest.approx(38 / 127)
    rig.controllers.inbox.unplugged(NANO)
    rig.turn()
    rings.drain()
    rig.controllers.inbox.plugged_in(NANO)
    rig.turn()
    wait(rig)
    assert rings.drain() == ({} if feedback == "none" else {CC: 38})
    move(rig, cc(1, 20, 40))
    assert rig.instrument.dials[0] == pytest.approx(40 / 127)


def test_a_plain_knob_with_lights_still_waits_to_be_picked_up(rig, rings):
    plug_in(rig, knob(0))
    move(rig, *[cc(1, 20, v) for v in (0, 127)])
    rig.send("/flow/macro", 0, 0.2)
    wait(rig)
    move(rig, cc(1, 20, 120))
    assert rig.instrument.dials[0] == pytest.approx(0.2)
    rings.drain()
    wait(rig)
    assert rings.drain() == {CC: 25}  # the ring shows the macro again, not the knob


@pytest.mark.parametrize("sends", RELATIVE_ENCODINGS)
def test_the_ring_of_an_encoder_follows_its_own_steps(rig, rings, sends):
    plug_in(rig, knob(0, sends=sends))
    rig.send("/flow/macro", 0, 0.5)
    wait(rig)
    rings.drain()
    move(rig, *[cc(1, 20, encode_step(sends, 1))] * 10)
    wait(rig, 0.04)
    assert rings.drain() == {CC: round(127 * 0.5 + 10)}


def test_a_ring_elsewhere_and_one_without(rig, rings):
    ring = Control("cc", 1, 48)
    plug_in(rig, knob(0, ring=ring, takeover="jump"), knob(1, 21, feedback="none"))
    rings.drain()
    rig.send("/flow/macros", *[0.3] * len(rig.instrument.dials))
    wait(rig)
    assert rings.drain() == {ring: 38}
    move(rig, cc(1, 20, 100))
    wait(rig)
    assert rings.drain() == {ring: 100}  # it is not the knob's own: it has to be told


def test_one_control_of_two_macros_shows_the_first(rig, rings):
    plug_in(rig, knob(0), knob(1))
    rig.send("/flow/macros", *[0.2, 0.8] + [0.0] * (len(rig.instrument.dials) - 2))
    wait(rig)
    rings.drain()
    wait(rig)
    assert rings.drain() == {}


def test_a_binding_of_any_channel_is_answered_on_the_one_heard(rig, rings):
    plug_in(rig, Binding(control=Control("cc", 0, 20), macro=0, takeover="jump"))
    assert set(rings.drain()) == {CC}
    move(rig, cc(5, 20, 10))
    rig.send("/flow/macro", 0, 1.0)
    wait(rig)
    assert rings.drain() == {Control("cc", 5, 20): 127}


def test_nothing_is_told_while_learning(rig, rings):
    plug_in(rig, knob(0))
    rings.drain()
    rig.send("/flow/learn", 1)
    rig.put("/flow/macro", 0, 0.7)
    rig.bridge.finish(rig.now)
    wait(rig, 1.0)
    assert rings.drain() == {}
    rig.send("/flow/unlearn", 1)
    rig.bridge.finish(rig.now)
    rig.put("/flow/macro", 0, 0.8)
    rig.bridge.finish(rig.now)
    wait(rig, 1.0)
    assert rings.drain() == {CC: 102}
