"""What a foot asks for: presets in order, A and B, undo, the path in tempo, the next instrument."""

import numpy as np
import pytest

from tests.server.players import Device
from tests.support.live import MY_PORT, Rig, only


def said(sent):
    return [m[1] for m in sent.get(MY_PORT, []) if m[0] == "/flow/status"]


def settle(rig):
    rig.rest(0.2)


def test_presets_in_order_and_round(rig):
    names = rig.instrument.preset_map.names
    rig.send("/flow/preset/load", names[0])
    assert said(rig.send("/flow/preset/step", 1)) == [f"preset '{names[1]}'"]
    assert np.allclose(rig.instrument.latent, rig.instrument.preset_map.find(names[1]).latent)
    rig.send("/flow/preset/step", -1)
    assert said(rig.send("/flow/preset/step", -1)) == [f"preset '{names[-1]}'"]


def test_the_first_step_is_from_the_nearest_preset(rig):
    point = rig.instrument.preset_map.find(rig.instrument.preset_map.names[3])
    rig.send("/flow/latent", *(float(v) for v in point.latent))
    rig.send("/flow/preset/step", 1)
    assert np.allclose(
        rig.instrument.latent, rig.instrument.preset_map.find(rig.instrument.preset_map.names[4]).latent
    )


def test_without_presets_it_is_said(bare, tmp_path):
    rig = Rig(bare, tmp_path)
    rig.hello()
    assert "no presets" in only(rig.send("/flow/preset/step", 1)[MY_PORT], "/flow/error")[1]


def test_undo_and_redo(rig):
    began = rig.instrument.latent.copy()
    for value in (0.2, 0.8):
        rig.send("/flow/macro", 0, value)
        settle(rig)
    rig.send("/flow/undo")
    assert rig.instrument.dials[0] == pytest.approx(0.2)
    rig.send("/flow/undo")
    assert np.allclose(rig.instrument.latent, began, atol=1e-6)
    assert said(rig.send("/flow/undo")) == ["there is nothing to undo"]
    rig.send("/flow/redo")
    rig.send("/flow/redo")
    assert rig.instrument.dials[0] == pytest.approx(0.8)
    assert said(rig.send("/flow/redo")) == ["there is nothing to redo"]


def test_undo_before_the_point_has_come_to_rest_goes_one_step(rig):
    rig.send("/flow/macro", 0, 0.2)
    settle(rig)
    rig.send("/flow/macro", 0, 0.9)
    rig.send("/flow/undo")
    assert rig.instrument.dials[0] == pytest.approx(0.2)


def test_a_and_b(rig):
    rig.send("/flow/macro", 0, 0.9)
    assert "B is a copy" in said(rig.send("/flow/ab"))[0]
    rig.send("/flow/macro", 0, 0.1)
    assert said(rig.send("/flow/ab")) == ["A plays"] and rig.instrument.dials[0] == pytest.approx(0.9)
    assert said(rig.send("/flow/ab")) == ["B plays"] and rig.instrument.dials[0] == pytest.approx(0.1)


def test_another_model_begins_a_and_b_anew(rig):
    rig.send("/flow/ab")
    rig.send("/flow/model", "small")
    assert "is a copy" in said(rig.send("/flow/ab"))[0]


def test_the_path_plays_there_and_back_and_stops(rig):
    for value in (0.1, 0.9):
        rig.send("/flow/macro", 0, value)
        rig.send("/flow/path/add")
    rig.send("/flow/path/run", 1)
    places = []
    for _ in range(90):
        rig.now += 0.1
        rig.bridge.tick(rig.now)
        rig.bridge.finish(rig.now)
        places.append(rig.instrument.dials[0])
    assert min(places) < 0.2 and max(places) > 0.8 and np.abs(np.diff(places)).max() < 0.1
    rig.send("/flow/path/run", 0)
    before = rig.instrument.latent.copy()
    rig.rest(1.0)
    rig.turn()
    assert np.array_equal(before, rig.instrument.latent) and rig.bridge.rest_s(rig.now) > 0.02


def test_a_path_that_is_cleared_stands_still(rig):
    for value in (0.1, 0.9):
        rig.send("/flow/macro", 0, value)
        rig.send("/flow/path/add")
    rig.send("/flow/path/run", 1)
    rig.send("/flow/path/clear")
    rig.rest(1.0)
    rig.turn()
    assert rig.bridge.rest_s(rig.now) > 0.02


def test_the_next_instrument(tiny, tmp_path):
    rig = Rig(tiny, tmp_path)
    devices = [Device(rig, k) for k in range(3)]
    seen = []
    for _ in range(4):
        devices[0].send("/flow/focus/next")
        seen.append(rig.tracks.focus.identity)
    assert set(seen[:3]) == {device.identity for device in devices} and seen[3] == seen[0]
