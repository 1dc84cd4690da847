"""Rings, motor faders and frames go to the instrument that they are bound to, there or not."""

import numpy as np
import pytest

from server.midi.codec.control import Control
from server.outputs import Output
from tests.server.midi.indicators import plug_in as plug_in_and_wait
from tests.server.midi.indicators import wait
from tests.server.midi.playing import CC, knob
from tests.server.midi.senders import cc
from tests.server.midi.test_instruments import dial, focus, move, rename, rig
from tests.server.players import Device, panel
from tests.support.live import Rig

__all__ = ["rig"]

# -- feedback


@pytest.fixture
def lit(tiny, tmp_path, rings):
    rig = Rig(tiny, tmp_path, midi=True, feedback=rings)
    panel(rig)
    return rig


def test_rings_show_the_instrument_that_they_are_bound_to(lit, rings):
    a, b = Device(lit, 0), Device(lit, 1)
    plug_in_and_wait(lit, knob(0), knob(0, 21, instrument="Track 1"))
    rings.drain()
    a.send("/flow/macro", 0, 1.0)
    wait(lit)
    assert rings.drain() == {CC: 127}
    b.send("/flow/macro", 0, 0.0)
    wait(lit)
    assert rings.drain() == {Control("cc", 1, 21): 0}
    focus(lit, b)
    wait(lit)
    assert rings.drain() == {CC: 0}


def test_a_motor_fader_goes_to_the_dial_of_the_instrument_that_gets_the_focus(lit, rings):
    a, b = Device(lit, 0), Device(lit, 1)
    plug_in_and_wait(lit, knob(0, feedback="motor"))
    a.send("/flow/macro", 0, 0.2)
    b.send("/flow/macro", 0, 0.8)
    wait(lit)
    focus(lit, b)
    wait(lit)
    assert rings.drain() == {CC: round(0.8 * 127)}
    move(lit, cc(1, 20, 90))  # from where the motor has put it
    assert dial(b) == pytest.approx(90 / 127) and dial(a) == pytest.approx(0.2)


def test_a_ring_shows_the_next_binding_while_an_instrument_is_not_there(lit, rings):
    a = Device(lit, 0)
    plug_in_and_wait(lit, knob(0, instrument="Track 1"), knob(0))
    a.send("/flow/macro", 0, 0.25)
    wait(lit)
    assert rings.drain() == {CC: round(0.25 * 127)}
    b = Device(lit, 1)
    b.send("/flow/macro", 0, 0.75)
    wait(lit)
    assert rings.drain() == {CC: round(0.75 * 127)}
    a.send("/flow/macro", 0, 0.5)
    wait(lit)
    assert rings.drain() == {}


def test_a_ring_whose_instrument_comes_back_is_told(lit, rings, monkeypatch):
    monkeypatch.setattr("server.tracks.tracks.MAX_TRACKS", 2)
    a, b = Device(lit, 0), Device(lit, 1)
    plug_in_and_wait(lit, knob(0, instrument="Track 1"))
    b.send("/flow/macro", 0, 0.75)
    wait(lit)
    assert rings.drain() == {CC: round(0.75 * 127)}
    b.send("/flow/bye", 1)
    c = Device(lit, 2)  # b makes room
    a.send("/flow/macro", 0, 0.1)
    wait(lit)
    assert rings.drain() == {}
    move(lit, cc(1, 20, 3))
    c.send("/flow/bye", 2)
    b.hello(nonce=7)
    wait(lit)
    assert rings.drain() == {CC: round(0.75 * 127)} and dial(b) == pytest.approx(0.75)


# -- frames out


class Synth:
    """What a synth outside was sent."""

    def __init__(self):
        self.patches = []

    def frame(self, space, patch):
        self.patches.append(patch.copy())

    def holds(self, device):
        return np.array_equal(self.patches[-1], device.instrument.current_patch())


@pytest.fixture
def synths():
    return Synth(), Synth(), Synth()


@pytest.fixture
def playing(tiny, tmp_path, synths):
    outputs = [Output(synth, called) for synth, called in zip(synths, ("", "id-0", "Track 1"), strict=True)]
    rig = Rig(tiny, tmp_path, outputs=outputs)
    panel(rig)
    return rig


def test_each_port_plays_its_instrument(playing, synths):
    follows, first, second = synths
    assert len(follows.patches) == 1 and first.patches == second.patches == []
    a = Device(playing, 0)
    assert first.holds(a) and second.patches == []
    b = Device(playing, 1)
    assert second.holds(b)  # as soon as it is there
    b.send("/flow/macro", 0, 0.9)
    a.send("/flow/macro", 0, 0.1)
    assert follows.holds(a) and first.holds(a) and second.holds(b)
    focus(playing, b)
    assert follows.holds(b) and first.holds(a) and second.holds(b)
    n = len(first.patches)
    b.send("/flow/preset/load", "Pad 2")
    assert follows.holds(b) and second.holds(b) and len(first.patches) == n


def test_a_port_follows_its_instrument_through_names_absence_and_other_sets(playing, synths):
    second = synths[2]
    Device(playing, 0)
    b = Device(playing, 1)
    rename(playing, b, "Lead")
    b.send("/flow/macro", 0, 0.9)
    assert second.holds(b)
    b.send("/flow/bye", 1)
    n = len(second.patches)
    c = Device(playing, 2)
    assert len(second.patches) == n  # the sound stays
    rename(playing, c, "Track 1")
    assert second.holds(c)
