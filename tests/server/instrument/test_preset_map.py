"""The map of presets: going to a place, and where a point lies."""

import json

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import core.nearest
from core.errors import ProtocolError
from server.instrument.instrument import Instrument
from server.instrument.preset_map import PresetMap
from server.instrument.presets import PresetStore
from server.osc.hot_reader import ControlMessage
from tests.server.instrument.test_presets import preset
from tests.support.live import MY_PORT, Rig, load, only

within = st.floats(0.0, 1.0, width=32)


def make(folder) -> Instrument:
    loaded = load(folder)
    return Instrument(loaded, PresetMap(loaded, []), 0)


@pytest.fixture
def instrument(tiny):
    return make(tiny)


def go(instrument: Instrument, *place: float) -> None:
    instrument.apply(ControlMessage("/flow/place", place))


def test_at_a_preset_it_is_that_preset(instrument):
    presets = instrument.model.presets
    for k in range(len(presets)):
        go(instrument, *presets.places[k].tolist())
        assert np.array_equal(instrument.latent, presets.latents[k])
        assert np.allclose(instrument.current_patch(), presets.patches[k], atol=1e-5)


@given(within, within)
def test_where_one_went_to_is_where_one_is(tiny, x, y):
    instrument = make(tiny)
    go(instrument, x, y)
    assert instrument.place == (x, y)


@given(st.integers(0, 19))
def test_the_latent_of_a_preset_lies_at_its_place(tiny, k):
    instrument = make(tiny)
    presets = instrument.model.presets
    instrument.apply(ControlMessage("/flow/latent", tuple(presets.latents[k].tolist())))
    assert instrument.place == pytest.approx(presets.places[k].tolist(), abs=1e-6)


@given(within, within, st.integers(0, 7))
def test_turning_a_macro_leads_on_from_there(tiny, x, y, k):
    """A little turn is a little way on the map, also where no preset is near."""
    instrument = make(tiny)
    go(instrument, x, y)
    position = float(instrument.dials[k])
    assume(0.0 < position < 1.0)  # a macro past its end comes back to the end: no little turn
    instrument.apply(ControlMessage("/flow/macro", (k, min(position + 0.0005, 1.0))))
    assert instrument.place == pytest.approx((x, y), abs=0.005)


def test_every_place_is_on_the_map(instrument):
    rng = np.random.default_rng(0)
    for size in (0.1, 1.0, 10.0, 1e4):
        for _ in range(200):
            z = rng.uniform(-size, size, 32)
            instrument.apply(ControlMessage("/flow/latent", tuple(z)))
            assert all(0.0 <= v <= 1.0 for v in instrument.place)


def test_a_frozen_macro_holds_while_the_place_is_the_one_asked_for(instrument):
    instrument.apply(ControlMessage("/flow/macro", (3, 0.9)))
    instrument.frozen = {3}
    for x in np.linspace(0.0, 1.0, 21):
        go(instrument, float(x), 0.4)
        assert instrument.dials[3] == pytest.approx(0.9, abs=1e-6)
        assert instrument.place == (x, 0.4)


def test_a_saved_preset_lies_where_it_was_saved_also_after_a_restart(rig, tiny, tmp_path):
    rig.send("/flow/place", 0.3125, 0.8125)
    item = only(rig.send("/flow/preset/save", "Mine")[MY_PORT], "/flow/preset")
    assert item == (20, "Mine", 0.3125, 0.8125)
    again = Rig(tiny, tmp_path)
    again.hello()
    listed = [m[1:] for m in again.send("/flow/presets")[MY_PORT]]
    assert listed[20] == item
    frame = only(again.send("/flow/place", 0.3125, 0.8125)[MY_PORT], "/flow/params")
    assert np.allclose(frame[1:], rig.instrument.current_patch(), atol=1e-5)


def test_kinds_are_told_in_runs_and_saved_presets_have_none(rig):
    kinds = [m[1:] for m in rig.send("/flow/kinds")[MY_PORT]]
    assert [(kind, n) for kind, _, n in kinds] == [("bass", 1), ("lead", 1), ("pad", 1), ("pluck", 1)] * 5
    assert [first for _, first, _ in kinds] == list(range(20))
    rig.send("/flow/preset/save", "Mine")
    rig.send("/flow/preset/save", "Pad 2")  # hides the model's own
    assert [m[1:] for m in rig.send("/flow/kinds")[MY_PORT]] == [kind for kind in kinds if kind[1] != 2]


def test_a_saved_preset_without_a_place_is_given_one(rig, tiny, tmp_path):
    """Files of before have none: the preset of the map that it is one of is the place."""
    rig.send("/flow/preset/load", "Lead 5")
    x, y = rig.instrument.place
    rig.send("/flow/preset/save", "Mine")
    (path,) = (tmp_path / "presets").glob("*.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data.pop("place") == [x, y]
    path.write_text(json.dumps(data), encoding="utf-8")
    again = Rig(tiny, tmp_path)
    assert again.store.presets["Mine"].place is None
    point = again.instrument.preset_map.find("Mine")
    assert (point.x, point.y) == pytest.approx((x, y), abs=1e-5)


@pytest.mark.parametrize("place", [[0.5], [0.5, 1.5], [0.5, -0.1], [0.5, float("nan")], 0.5, "ab", [0, 0, 0]])
def test_a_place_off_the_map_in_a_file_is_said(rig, tmp_path, caplog, place):
    rig.send("/flow/preset/save", "Mine")
    (path,) = (tmp_path / "presets").glob("*.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "place": place}), encoding="utf-8")
    assert PresetStore(tmp_path / "presets").presets == {}
    assert path.name in caplog.text


def test_another_model_has_another_map(rig):
    rig.send("/flow/place", 0.25, 0.75)
    rig.send("/flow/preset/save", "Mine")
    rig.send("/flow/model", "other")
    point = rig.instrument.preset_map.find("Mine")
    assert (point.x, point.y) != (0.25, 0.75)
    assert rig.instrument.place == pytest.approx((point.x, point.y), abs=1e-4)


def test_many_names_that_are_not_there_cost_little(tiny, monkeypatch):
    compared = []
    find = core.nearest._nearest
    monkeypatch.setattr(
        "core.nearest._nearest", lambda name, names: compared.append(len(names)) or find(name, names)
    )
    monkeypatch.setattr("server.instrument.preset_map._HINT_EVERY_S", 60.0)
    preset_map = PresetMap(load(tiny), [preset(f"Bass {k}") for k in range(1000)])
    texts = []
    for _ in range(146):
        with pytest.raises(ProtocolError) as error:
            preset_map.find("Bass 10000")
        texts.append(str(error.value))
    assert compared == [256]
    assert "did you mean 'Bass" in texts[0] and "/flow/presets" in texts[1]


def test_patches_are_named_by_the_presets_they_are_most_like_each_once(tiny):
    preset_map = PresetMap(load(tiny), [])
    names = preset_map.names[:3]
    patches = [preset_map.find(name).patch for name in names]
    assert preset_map.alike(patches) == names
    twice = preset_map.alike([patches[0], patches[0]])
    assert twice[0] == names[0] and twice[1] not in ("", names[0])
    assert preset_map.alike([patches[0]] * (len(preset_map) + 1))[-1] == ""
