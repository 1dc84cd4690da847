"""Entries of Live's undo history, counted: what the device writes by itself, besides Live's own."""

import pytest

from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import id_of_dial, track
from tests.max4live.playing import connect, live, until
from tests.max4live.test_life import NAMES


@pytest.fixture
def synth(built, server):
    """Flow Synth with every script, connected and at rest."""
    with LiveDevice(built["Flow Synth"], "all") as device:
        device.tree = track(NAMES)
        for script in ("fsl_bind.js", "fsl_dials.js"):
            device.script(script).ask({"live": device.tree})
        connect(device, server.port)
        rest(device)
        yield device


def rest(device):
    """Let all the device's waits run out: the longest is 1.5 s."""
    live(device, 1.0)
    device.step(2000)
    live(device, 0.2)


def pick(device, number):
    menu = next(node for node in device.nodes_named("umenu") if node.box["annotation_name"] == "Preset")
    assert until([device], lambda: len(menu.items) > number)
    menu.pick(number)
    rest(device)


def test_adding_a_device_writes_nothing(synth):
    """Live itself makes the one entry."""
    assert synth.written == []


def test_a_preset_is_one_moment_and_only_what_differs(synth):
    pick(synth, 3)
    names = [name for _, name in synth.written]
    assert "flow_state" in names and len(names) == len(set(names)) <= 9
    assert synth.undo_entries() == 1
    pick(synth, 3)
    assert synth.undo_entries() == 0, "the same preset changes nothing"
    pick(synth, 4)
    assert synth.undo_entries() == 1


def test_a_preset_is_one_write_if_the_dials_stay(synth):
    synth.node("dials").turn(1)
    pick(synth, 5)
    assert [name for _, name in synth.written] == ["flow_state"]


def test_a_turn_by_hand_stores_the_sound_once(synth):
    for k in range(20):
        synth.node("macro_1").turn(2.0 * k)
        synth.step(40)
    rest(synth)
    assert [name for _, name in synth.written] == ["flow_state"]


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
