"""Flow Synth without its server: from the first second, in all that it plays, and in the Set."""

import numpy as np
import pytest

from tests.max4live.decoding import JUMP, alone, model, synth, trail, turned
from tests.max4live.graph.device import LiveDevice
from tests.max4live.playing import (
    menu_of,
    pass_time,
    played,
    press,
    take,
    turn_to,
)
from tests.support.live import free_port

__all__ = ["alone", "model", "synth"]


def marked(device):
    """Return the positions that the marks around the dials show."""
    told = {m[1]: m[3] for _, m in device.script("fsl_marks.js").got if m[0] == "mark"}
    return [told[k] for k in range(8)]


def sent(device):
    """Return the addresses of everything that has been sent to the server."""
    return [m[0] for node in device.nodes_named("udpsend") for m in node.sent]


# -- from the first second


def test_a_new_device_plays_within_the_first_second(synth, model):
    turn_to(synth, free_port())
    pass_time(synth, 1.0)
    take(synth, 1, 70.0)
    pass_time(synth, 0.3)
    expected = model.flow.decode(turned(model, model.macros.resting, 0, 0.7))
    assert np.abs(np.array(played(synth, 32)) - expected).max() < 1e-4
    (said,) = [m for _, m in synth.script("fsl_status.js").got if m[:2] == ["alone", 1]]
    assert said[2].startswith("playing without the server") and len(said[2]) < 75
    assert not {"/flow/macro", "/flow/latent"} & set(sent(synth)), "nothing goes where nobody listens"


def test_it_bears_the_names_and_lists_the_presets(alone, model):
    pass_time(alone, 0.5)
    assert menu_of(alone, "Preset").items == list(model.presets.names)
    shown = [alone.node(f"macro_{k}").attributes["_parameter_shortname"] for k in range(1, 9)]
    assert shown == [[name] for name in model.macros.names]


def test_presets_steps_and_vary(alone, model):
    pass_time(alone, 0.5)
    menu_of(alone, "Preset").pick(40)
    pass_time(alone, 0.3)
    assert np.abs(np.array(played(alone, 32)) - model.presets.patches[40]).max() < 2e-3
    positions = model.macros.positions(model.presets.latents[40].astype(np.float64))
    assert marked(alone) == pytest.approx(positions.tolist(), abs=1e-3)
    press(alone, "next_preset")
    pass_time(alone, 0.3)
    assert np.abs(np.array(played(alone, 32)) - model.presets.patches[41]).max() < 2e-3
    before = played(alone, 32)
    press(alone, "vary")
    pass_time(alone, 0.2)
    assert 0.005 < np.abs(np.subtract(played(alone, 32), before)).max()


def test_a_held_macro_stays_through_a_preset(alone, model):
    pass_time(alone, 0.5)
    take(alone, 3, 90.0)
    alone.node("freeze_3").turn(1)
    menu_of(alone, "Preset").pick(12)
    pass_time(alone, 0.3)
    (stored,) = alone.nodes_named("pattr")
    z = np.array(stored.value[7:39], np.float64)
    assert model.macros.positions(z)[2] == pytest.approx(0.9, abs=1e-4)


def test_the_map_morphs(alone, model):
    pass_time(alone, 0.5)
    box = alone.script("fsl_map.js").box["presentation_rect"]
    alone.script("fsl_map.js").ask({"size": box[2:]})
    alone.script("fsl_map.js").ask({"mouse": ["click", 20, 20, 1]})
    for x in range(20, 100, 10):
        alone.script("fsl_map.js").ask({"mouse": ["drag", x, 60, 1]})
        pass_time(alone, 0.04)
    alone.script("fsl_map.js").ask({"mouse": ["drag", 100, 60, 0]})
    pass_time(alone, 0.3)
    assert len(trail(alone)) >= 6 and np.ptp(trail(alone), axis=0).max() > 0.05
    places = [m[1:] for _, m in alone.script("fsl_map.js").got if m[0] == "place"]
    assert places, "the ring is where the sound is"


def test_a_path_is_travelled(alone, model):
    pass_time(alone, 0.5)
    for number in (3, 60):
        menu_of(alone, "Preset").pick(number)
        pass_time(alone, 0.1)
        alone.node("add_point").turn(1)
        pass_time(alone, 0.05)
    alone.node("path_position").turn(50.0)
    pass_time(alone, 0.2)
    half = model.presets.latents[[3, 60]].astype(np.float64).mean(axis=0)
    assert np.abs(np.array(played(alone, 32)) - model.flow.decode(half)).max() < 1e-3


def test_the_curves_are_those_of_the_server(alone, model):
    take(alone, 1, 20.0)
    pass_time(alone, 1.5)
    got = [m[1:] for _, m in alone.script("fsl_curves.js").got if m[0] == "curve"][-8:]
    patches = model.flow.decode(model.macros[0].walk(turned(model, model.macros.resting, 0, 0.2), 50))
    strongest = np.argsort(-np.ptp(patches, axis=0), kind="stable")[:8]
    assert [m[1] for m in got] == [model.space.parameters[j].label for j in strongest]
    assert np.abs(np.array([m[2:] for m in got]) - patches[:, strongest].T).max() < 1e-4


def test_what_needs_the_server_says_so(alone):
    alone.node("save_preset").turn(1)
    pass_time(alone, 0.1)
    assert "needs the server: start it" in alone.status


# -- in the Set


def test_the_sound_is_stored_and_comes_back(built, alone, model):
    alone.node("macro_2").turn(83.0)
    pass_time(alone, 2.0)
    (stored,) = alone.nodes_named("pattr")
    assert stored.value[4:7] == ["vital-32", "vital", 32]
    heard = played(alone, 32)
    with LiveDevice(built["Flow Synth"], "all") as again:
        again.script("fsl_bind.js").ask({"live": alone.tree})
        again.nodes_named("pattr")[0].restore(list(stored.value))
        turn_to(again, free_port())
        pass_time(again, 0.5)
        assert np.abs(np.subtract(played(again, 32), heard)).max() < 1e-4, "before anybody has decoded"
        pass_time(again, 1.0)
        assert np.abs(np.diff(trail(again), axis=0)).max(initial=0.0) < JUMP
        take(again, 4, 64.0)
        pass_time(again, 0.3)
        z = turned(model, np.array(stored.value[7:39]), 3, 0.64)
        assert np.abs(np.array(played(again, 32)) - model.flow.decode(z)).max() < 1e-4


def test_undo_is_what_it_is_with_a_server(alone):
    pass_time(alone, 1.0)
    assert alone.written == []
    for k in range(20):
        alone.node("macro_1").turn(2.0 * k)
        pass_time(alone, 0.04)
    pass_time(alone, 2.0)
    assert [name for _, name in alone.written] == ["flow_state"]
    alone.written.clear()
    menu_of(alone, "Preset").pick(7)
    pass_time(alone, 0.6)
    assert alone.undo_entries() == 1


def test_a_sound_of_another_model_stays(synth):
    """Only the server has the model that it was made with."""
    frame = [0.01 * k for k in range(32)]
    synth.nodes_named("pattr")[0].restore([1, "another", "vital", 32, *[0.5] * 32, 32, *frame])
    turn_to(synth, free_port())
    pass_time(synth, 1.5)
    assert played(synth, 32) == pytest.approx(frame)
    synth.node("macro_1").turn(90.0)
    pass_time(synth, 0.5)
    assert played(synth, 32) == pytest.approx(frame)
    assert "only it can play the model another" in synth.status and len(synth.status) < 75
