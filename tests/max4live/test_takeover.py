"""Dials that are apart from the sound: by hand, by automation, and in a Set that is opened again."""

import numpy as np

from tests.max4live.decoding import model
from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import id_of_dial
from tests.max4live.playing import gate_is_open, menu_of, pass_time, played, put_on_track, turn_to
from tests.support.live import free_port

__all__ = ["model"]

FIRST = 30.0  # where the first dial stands


def opened(built, model, stored=None, dial=FIRST, automated=False):
    """Open a Set in which no server answers, with a stored sound and the first dial somewhere."""
    device = LiveDevice(built["Flow Synth"], "all")
    put_on_track(device, [parameter.label for parameter in model.space])
    device.node("macro_1").value = dial
    if stored:
        device.nodes_named("pattr")[0].restore(stored)
    turn_to(device, free_port())
    if automated:
        lane(device, 1)
    pass_time(device, 2.0)
    assert gate_is_open(device)
    return device


def lane(device, state):
    """Set whether the first dial has automation: 0 none, 1 it plays, 2 it is overridden."""
    change = [id_of_dial(device.tree, 1), "automation_state", state]
    device.script("fsl_dials.js").ask({"change": change})


def pick(device, number):
    menu = menu_of(device, "Preset")
    menu.pick(number)
    pass_time(device, 0.8)


def at(device, percent):
    """Turn the first dial, and return the frame that follows."""
    device.node("macro_1").turn(percent)
    pass_time(device, 0.05)
    return np.array(played(device, 32))


def stored_in(device):
    return list(device.nodes_named("pattr")[0].value)


def test_a_hand_takes_over_without_a_jump_and_reaches_both_ends(built, model):
    with opened(built, model) as device:
        starts = [float(model.macros.positions(z.astype(np.float64))[0]) for z in model.presets.latents]
        elsewhere = next(k for k, start in enumerate(starts) if 0.5 < start < 0.9)
        pick(device, elsewhere)
        z = model.presets.latents[elsewhere].astype(np.float64)
        heard = np.array(played(device, 32))
        assert np.abs(at(device, FIRST + 0.5) - heard).max() < 0.03
        frames = [at(device, percent) for percent in np.arange(FIRST, 100.5, 0.5)]
        assert np.abs(frames[-1] - model.flow.decode(model.macros[0].turn(z, 1.0))).max() < 1e-3
        assert np.abs(at(device, FIRST) - model.flow.decode(model.macros[0].turn(z, 0.3))).max() < 1e-3, (
            "after an end both are together"
        )
        pass_time(device, 2.0)
        assert {name for _, name in device.written} == {"flow_state"}


def test_a_set_opens_with_its_sound_and_a_dial_that_is_apart(built, model):
    with opened(built, model) as first:
        pick(first, 40)
        kept, heard = stored_in(first), np.array(played(first, 32))
        turned = at(first, FIRST + 10)
    with opened(built, model, kept) as again:  # a duplicated track, too
        assert np.abs(np.array(played(again, 32)) - heard).max() < 1e-4
        assert again.written == []
        assert np.abs(at(again, FIRST + 10) - turned).max() < 1e-3


def test_automation_is_the_same_each_time_whatever_was_done_by_hand(built, model):
    """The lane's values mean positions of the sound, so a Set plays alike after it was saved."""
    steps = (35.0, 60.0, 85.0, 40.0)
    with opened(built, model) as first:
        pick(first, 40)
        at(first, FIRST + 5)  # by hand, and apart
        pass_time(first, 2.0)
        kept, z = stored_in(first), np.array(stored_in(first)[7:39], np.float64)
        lane(first, 1)
        played_first = [at(first, percent) for percent in steps]
    with opened(built, model, kept, FIRST + 5, automated=True) as again:
        played_again = [at(again, percent) for percent in steps]
        pick(again, 12)
        there = at(again, 50.0)
        expected = model.macros[0].turn(model.presets.latents[12].astype(np.float64), 0.5)
        assert np.abs(there - model.flow.decode(expected)).max() < 1e-3, (
            "a preset moves what is not automated"
        )
    assert np.abs(np.subtract(played_again, played_first)).max() < 1e-4
    for percent, frame in zip(steps, played_first, strict=True):
        assert np.abs(frame - model.flow.decode(model.macros[0].turn(z, percent / 100))).max() < 1e-3


def test_an_automated_dial_taken_by_hand_goes_on_from_the_sound(built, model):
    with opened(built, model, automated=True) as device:
        at(device, 60.0)
        pick(device, 40)
        heard = np.array(played(device, 32))
        lane(device, 2)
        assert np.abs(at(device, 61.0) - heard).max() < 0.05
