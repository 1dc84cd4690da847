"""Entries of Live's undo history, counted: what the device writes by itself, besides Live's own."""

import numpy as np
import pytest

from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import NAMES, id_of_dial
from tests.max4live.playing import connect, live, menu_of, played, press, put_on_track, until


@pytest.fixture
def synth(built, server):
    """Flow Synth with every script, connected and at rest."""
    with LiveDevice(built["Flow Synth"], "all") as device:
        put_on_track(device, NAMES)
        connect(device, server.port)
        rest(device)
        yield device


def rest(device):
    """Let all the device's waits run out: the longest is 1.5 s."""
    live(device, 0.4)
    device.step(2000)
    live(device, 0.1)


def written(device):
    """Return what the device has written since the last call: each may be an entry of its own."""
    names = [name for _, name in device.written]
    device.written.clear()
    return names


def pick(device, number):
    menu = menu_of(device, "Preset")
    assert until([device], lambda: len(menu.items) > number)
    menu.pick(number)
    rest(device)


def test_adding_a_device_writes_nothing(synth):
    """Live itself makes the one entry."""
    assert synth.written == []


def test_a_preset_is_one_write_and_the_same_again_none(synth):
    pick(synth, 3)
    assert written(synth) == ["flow_state"]
    pick(synth, 3)
    assert written(synth) == [], "the same preset changes nothing"
    pick(synth, 4)
    assert written(synth) == ["flow_state"]


def drag(synth):
    """Go somewhere on the map, or turn two macros on the pad."""
    at = synth.script("fsl_map.js")
    at.ask({"size": at.box["presentation_rect"][2:]})
    for k in range(10):
        at.ask({"mouse": ["drag" if k else "click", 20 + 8 * k, 30 + 3 * k, 1]})
        live(synth, 0.04)
    at.ask({"mouse": ["drag", 100, 60, 0]})


def pad(synth):
    synth.node("map_view").turn(1)
    drag(synth)


def following(synth):
    press(synth, "next_preset")


def vary(synth):
    press(synth, "vary")


@pytest.mark.parametrize("act", [following, vary, drag, pad])
def test_whatever_moves_the_sound_is_one_write(synth, act):
    """Of a button that Live can map, Live itself notes the press as well."""
    act(synth)
    rest(synth)
    assert written(synth) == ["flow_state"]
    assert all(synth.node(f"macro_{k}").writes == 0 for k in range(1, 9))


def test_undo_of_a_turn_brings_the_sound_back_and_then_the_dial(synth):
    """Live notes the turn first, then the device the sound; undo goes the other way."""
    pick(synth, 4)
    (stored,) = synth.nodes_named("pattr")
    before, heard = list(stored.value), played(synth, 32)
    for k in range(20):
        synth.node("macro_1").turn(50.0 + k)
        synth.step(40)
    rest(synth)
    after, turned = list(stored.value), played(synth, 32)
    assert np.abs(np.subtract(turned, heard)).max() > 0.01
    written(synth)
    stored.restore(before)
    rest(synth)
    synth.node("macro_1").turn(50.0)
    rest(synth)
    assert played(synth, 32) == pytest.approx(heard, abs=1e-5)
    assert written(synth) == [], "redo is kept"
    synth.node("macro_1").turn(69.0)
    live(synth, 0.3)
    assert played(synth, 32) == pytest.approx(turned, abs=1e-3)
    stored.restore(after)
    rest(synth)
    assert played(synth, 32) == pytest.approx(turned, abs=1e-5)


def test_a_turn_by_hand_stores_the_sound_once(synth):
    for k in range(20):
        synth.node("macro_1").turn(2.0 * k)
        synth.step(40)
    rest(synth)
    assert written(synth) == ["flow_state"]


def test_automation_writes_nothing(synth):
    dials = synth.script("fsl_dials.js")
    dials.ask({"change": [id_of_dial(synth.tree, 1), "automation_state", 1]})
    for k in range(40):
        synth.node("macro_1").turn(2.5 * k)
        live(synth, 0.02)
    rest(synth)
    assert len(synth.remotes[0].values) > 5, "the sound follows"
    assert synth.written == []


def test_lives_undo_writes_nothing_so_that_redo_is_kept(synth):
    pick(synth, 6)
    (stored,) = synth.nodes_named("pattr")
    first = list(stored.value)
    pick(synth, 7)
    second = list(stored.value)
    assert first != second
    synth.written.clear()
    for state in (first, second):
        stored.restore(state)
        rest(synth)
        assert synth.written == []
