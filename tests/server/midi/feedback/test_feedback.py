"""Rings and motor faders: what is shown, when, and what comes back of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.bindings.binding import Binding
from server.midi.codec.builder import SPELLED, spell
from server.midi.codec.control import Control
from server.midi.codec.decoder import Decoder
from server.midi.codec.relative import RELATIVE, encode_step
from server.midi.feedback.echo import ECHO_S, Echo
from server.midi.feedback.feedback_channel import HAND_S
from server.midi.ports.feedback_ports import partner
from server.midi.profiles.profile import Profile, write_profile
from tests.server.midi.codec.test_decoder import controls
from tests.server.midi.senders import cc
from tests.support.live import Rig

NANO = "nano"


class Rings:
    """What a controller was told."""

    def __init__(self):
        self.told = []
        self.plugged = []

    def connected(self, device):
        self.plugged.append(device)

    def gone(self, device):
        self.plugged.remove(device)

    def tell(self, device, control, messages):
        self.told.append((device, control, messages))

    def take(self):
        """Raw values that were told, by control."""
        told, self.told = self.told, []
        return {control: read(control, messages) for _, control, messages in told}


def read(control, messages):
    """What a decoder of such a controller makes of messages."""
    decoder = Decoder()
    moves = [moved for message in messages for moved in decoder.read(message)]
    return [moved.raw for moved in moves if moved.control == control][-1]


@pytest.fixture
def rings():
    return Rings()


@pytest.fixture
def rig(tiny, tmp_path, rings):
    rig = Rig(tiny, tmp_path, midi=True, outlet=rings)
    rig.hello()
    return rig


def plug(rig, *bindings, device=NANO):
    write_profile(rig.controllers.folder, Profile(device=device, bindings=bindings))
    rig.controllers.connected(device)
    rig.turn()
    wait(rig)


def wait(rig, seconds=2 * HAND_S):
    """Let time pass as the loop would."""
    end = rig.now + seconds
    while rig.now < end:
        rig.now += max(min(rig.bridge.rest_s(rig.now), end - rig.now), 1e-4)
        rig.bridge.tick(rig.now)
    rig.sent()


def hear(rig, *messages):
    for message in messages:
        data = message if isinstance(message, bytes) else bytes(message.bytes())
        rig.controllers.hear(NANO, data)
    rig.bridge.finish(rig.now)
    rig.sent()


def bound(k, number=20, kind="cc", **options):
    return Binding(control=Control(kind, 1, number), macro=k, **options)


CC = Control("cc", 1, 20)


@given(controls().filter(lambda c: c.kind in SPELLED), st.data())
def test_what_is_told_is_read_as_it_was_meant(control, data):
    raw = data.draw(st.integers(0, control.top))
    assert read(control, spell(control, raw)) == raw


@pytest.mark.parametrize("kind", SPELLED)
def test_a_preset_moves_every_ring(rig, rings, kind):
    control = Control(kind, 1, 20 if kind != "pitch" else 0)
    plug(rig, Binding(control=control, macro=0))
    assert rings.take() == {control: control.raw(rig.instrument.dials[0])}  # as soon as it is plugged in
    rig.send("/flow/preset/load", "Pad 2")
    wait(rig)
    assert rings.take() == {control: control.raw(rig.instrument.dials[0])}
    rig.send("/flow/macro", 0, 1.0)
    wait(rig)
    assert rings.take() == {control: control.top}
    wait(rig)
    assert rings.take() == {}


def test_a_macro_that_runs_is_followed_at_the_pace_of_a_cable(rig, rings):
    plug(rig, bound(0))
    rings.take()
    for n in range(1000):
        rig.put("/flow/macro", 0, n / 999)
        rig.bridge.finish(rig.now)
        rig.now += 0.001
        rig.bridge.tick(rig.now)
    assert 25 <= len(rings.told) <= 40
    wait(rig, 0.1)
    assert rings.take() == {CC: 127}


def test_the_hand_is_not_answered_with_what_it_said(rig, rings):
    plug(rig, bound(0, takeover="jump"))
    rings.take()
    for value in range(0, 128, 5):
        hear(rig, cc(1, 20, value))
        wait(rig, 0.05)
    wait(rig)
    assert rings.take() == {}


@pytest.mark.parametrize("feedback", ["lights", "motor"])
def test_a_fader_under_a_finger_is_not_fought(rig, rings, feedback):
    plug(rig, bound(0, takeover="jump", feedback=feedback))
    rings.take()
    wait(rig, ECHO_S)
    for n in range(20):
        hear(rig, cc(1, 20, 60 + n))
        rig.put("/flow/macro", 0, 0.1)  # somebody else pulls at the same macro
        rig.bridge.finish(rig.now)
        wait(rig, 0.1)
        assert rings.told == []
    wait(rig)
    assert rings.take() == {CC: round(0.1 * 127)}


def test_a_touched_fader_waits_however_long_the_finger_rests(rig, rings):
    plug(rig, bound(0, takeover="jump", feedback="motor", touch=Control("note", 1, 104)))
    rings.take()
    hear(rig, b"\x90\x68\x7f")
    rig.send("/flow/macro", 0, 0.9)
    wait(rig, 5.0)
    assert rings.take() == {}
    hear(rig, b"\x90\x68\x00")
    wait(rig)
    assert rings.take() == {CC: round(0.9 * 127)}


def test_a_loop_of_cable_moves_nothing(rig, rings):
    """Everything that is told comes straight back, as with a loopback port."""
    plug(rig, bound(0, takeover="jump"), bound(1, 7, "cc14", takeover="jump"), bound(2, 30, sends="twos"))
    rings.take()
    before = rig.bridge.instrument.sequence
    for target in (0.2, 0.9, 0.25, 0.6):
        rig.send("/flow/macros", *[target] * len(rig.instrument.dials))
        for _ in range(20):
            wait(rig, 0.03)
            told, rings.told = rings.told, []
            hear(rig, *[message for _, _, messages in told for message in messages])
        assert rig.instrument.dials[:3] == pytest.approx([target] * 3, abs=1e-6)
    assert rig.bridge.instrument.sequence == before + 4


def test_a_motor_on_its_way_is_no_hand(rig, rings):
    plug(rig, bound(0, feedback="motor", takeover="jump"))
    rig.send("/flow/macro", 0, 0.0)
    wait(rig)
    rig.send("/flow/macro", 0, 1.0)
    wait(rig, 0.04)
    assert rings.take() == {CC: 127}
    for value in range(0, 128, 9):  # as a fader on its way says
        hear(rig, cc(1, 20, value))
        wait(rig, 0.01)
    assert rig.instrument.dials[0] == pytest.approx(1.0)
    wait(rig)
    assert rings.take() == {}


@pytest.mark.parametrize("takeover", ["pickup", "scale"])
def test_a_motor_has_found_its_macro(rig, rings, takeover):
    plug(rig, bound(0, feedback="motor", takeover=takeover))
    hear(rig, cc(1, 20, 0), cc(1, 20, 127))
    wait(rig)
    rig.send("/flow/macro", 0, 64 / 127)
    wait(rig)
    assert rings.take()[CC] == 64
    hear(rig, cc(1, 20, 80))  # a quick hand: further away than a pickup reaches
    assert rig.instrument.dials[0] == pytest.approx(80 / 127)


def test_a_plain_knob_with_lights_still_waits_to_be_picked_up(rig, rings):
    plug(rig, bound(0))
    hear(rig, *[cc(1, 20, v) for v in (0, 127)])
    rig.send("/flow/macro", 0, 0.2)
    wait(rig)
    hear(rig, cc(1, 20, 120))
    assert rig.instrument.dials[0] == pytest.approx(0.2)
    rings.take()
    wait(rig)
    assert rings.take() == {CC: 25}  # the ring shows the macro again, not the knob


@pytest.mark.parametrize("sends", RELATIVE)
def test_the_ring_of_an_encoder_follows_its_own_steps(rig, rings, sends):
    plug(rig, bound(0, sends=sends))
    rig.send("/flow/macro", 0, 0.5)
    wait(rig)
    rings.take()
    hear(rig, *[cc(1, 20, encode_step(sends, 1))] * 10)
    wait(rig, 0.04)
    assert rings.take() == {CC: round(127 * 0.5 + 10)}


def test_a_ring_elsewhere_and_one_without(rig, rings):
    ring = Control("cc", 1, 48)
    plug(rig, bound(0, ring=ring, takeover="jump"), bound(1, 21, feedback="none"))
    rings.take()
    rig.send("/flow/macros", *[0.3] * len(rig.instrument.dials))
    wait(rig)
    assert rings.take() == {ring: 38}
    hear(rig, cc(1, 20, 100))
    wait(rig)
    assert rings.take() == {ring: 100}  # it is not the knob's own: it has to be told


def test_one_control_of_two_macros_shows_the_first(rig, rings):
    plug(rig, bound(0), bound(1))
    rig.send("/flow/macros", *[0.2, 0.8] + [0.0] * (len(rig.instrument.dials) - 2))
    wait(rig)
    rings.take()
    wait(rig)
    assert rings.take() == {}


def test_a_binding_of_any_channel_is_answered_on_the_one_heard(rig, rings):
    plug(rig, Binding(control=Control("cc", 0, 20), macro=0, takeover="jump"))
    assert set(rings.take()) == {CC}
    hear(rig, cc(5, 20, 10))
    rig.send("/flow/macro", 0, 1.0)
    wait(rig)
    assert rings.take() == {Control("cc", 5, 20): 127}


def test_nothing_is_told_while_learning(rig, rings):
    plug(rig, bound(0))
    rings.take()
    rig.send("/flow/learn", 1)
    rig.put("/flow/macro", 0, 0.7)
    rig.bridge.finish(rig.now)
    wait(rig, 1.0)
    assert rings.take() == {}
    rig.send("/flow/unlearn", 1)
    rig.bridge.finish(rig.now)
    rig.put("/flow/macro", 0, 0.8)
    rig.bridge.finish(rig.now)
    wait(rig, 1.0)
    assert rings.take() == {CC: 102}


@given(st.booleans(), st.booleans(), st.lists(st.integers(0, 127), min_size=1, max_size=40))
def test_an_echo_is_known_and_forgotten(motor, once, told):
    echo = Echo(127, motor, once and not motor)
    for n, raw in enumerate(told[-8:]):
        echo.told(raw, n * 0.01, None)
    for raw in told[-8:]:
        assert echo.holds(raw, 0.1)
    assert not echo.holds(told[-1], 0.1 + 2 * ECHO_S)


def test_the_output_of_a_controller_is_found_by_its_name():
    assert partner("Knobs:out", ["Other:in", "Knobs:in"]) == "Knobs:in"
    assert partner("Launch", ["Launchpad", "Launch"]) == "Launch"
    assert partner("Knobs:out", ["Knobs:in_1", "Knobs:in_2"]) is None  # not sure: none
    assert partner("Knobs:out", ["Flow Synth Live:rings"]) is None
