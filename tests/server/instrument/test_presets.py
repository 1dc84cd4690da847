import gc
import json
import sys
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BridgeError, ProtocolError
from core.store.file_names import file_stem
from server.instrument.preset_file import Preset, check_name, text_of
from server.instrument.presets import PresetStore
from synths.space_files import load_space
from tests.support.live import MY_PORT, Rig, only
from tests.support.tiny_model import write_tiny_model


def preset(name="Mine", **changes) -> Preset:
    values = {
        "model": "tiny",
        "space": "tiny-32",
        "latent": [0.5] * 32,
        "patch": {f"p{k:02d}": k / 40 for k in range(32)},
    }
    return Preset(name=name, **{**values, **changes})


def test_a_saved_preset_is_read_again(tmp_path):
    store = PresetStore(tmp_path / "presets")
    store.apply(store.hold(preset("Étude — 1"))())
    assert list(store.presets) == ["Étude — 1"]
    assert PresetStore(tmp_path / "presets").presets == store.presets


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "a\\b", "C:", ".x", "..", "x" * 65, "a\nb", "a\x7f", "x ", "\u202ex"]
)
def test_names_that_could_be_paths_are_refused(name):
    with pytest.raises(ProtocolError, match="64 printable"):
        check_name(name)


@given(st.text(max_size=70))
def test_no_name_leaves_the_folder(name):
    try:
        check_name(name)
    except ProtocolError:
        return
    stem = file_stem(name)
    assert stem and not set(stem) & set('/\\:<>"|?*\0') and not stem.startswith("..")
    assert stem.upper() not in {"CON", "NUL", "AUX", "PRN", "COM1"} and stem[-1] not in ". "


def test_names_that_differ_only_in_case_are_two(tmp_path):
    store = PresetStore(tmp_path)
    for name in ("bass", "Bass"):
        store.hold(preset(name))()
    assert {path.name for path in tmp_path.glob("*.json")} == {"bass.json", "Bass 2.json"}
    assert set(PresetStore(tmp_path).presets) == {"bass", "Bass"}


@pytest.mark.parametrize("text", ["", "[", "format: 1", "format: 9\nname: x", "- 1", "\x00"])
def test_a_damaged_file_is_left_out_and_said(tmp_path, caplog, text):
    store = PresetStore(tmp_path)
    store.hold(preset())()
    (tmp_path / "broken.yaml").write_text(text)
    assert list(PresetStore(tmp_path).presets) == ["Mine"]
    assert "broken.yaml" in caplog.text


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BridgeError, match="--data"):
        PresetStore(tmp_path / "file").hold(preset())()


def test_saved_and_loaded_over_osc_also_after_a_restart(rig, tiny, tmp_path):
    rig.send("/flow/patch", *np.linspace(0, 1, 32).tolist())
    sound = rig.instrument.current_patch().copy()
    sent = rig.send("/flow/preset/save", "Mine")[MY_PORT]
    assert only(sent, "/flow/preset")[:2] == (20, "Mine")
    assert only(sent, "/flow/status") == ("'Mine' is saved",)
    rig.send("/flow/vary", 1.0)
    rig.send("/flow/preset/load", "Mine")
    assert np.array_equal(rig.instrument.current_patch(), sound)
    again = Rig(tiny, tmp_path)
    again.hello()
    again.send("/flow/preset/load", "Mine")
    assert np.allclose(again.instrument.current_patch(), sound, atol=1e-6)
    assert len(again.send("/flow/presets")[MY_PORT]) == 21


def test_a_save_can_be_loaded_before_its_file_is_written(rig):
    rig.put("/flow/preset/save", "Mine")
    rig.put("/flow/vary", 1.0)
    rig.put("/flow/preset/load", "Mine")
    rig.turn()
    assert np.array_equal(rig.instrument.latent, rig.instrument.model.macros.resting)


def test_what_was_saved_hides_the_maps(rig):
    rig.send("/flow/latent", *[0.25] * 32)
    rig.send("/flow/preset/save", "Pad 2")
    rig.send("/flow/preset/load", "Bass 0")
    rig.send("/flow/preset/load", "Pad 2")
    assert np.allclose(rig.instrument.latent, 0.25)
    assert len(rig.send("/flow/presets")[MY_PORT]) == 20


def test_another_model_of_the_same_space_plays_it(rig):
    rig.send("/flow/latent", *[0.25] * 32)
    sound = rig.instrument.current_patch().copy()
    rig.send("/flow/preset/save", "Mine")
    rig.send("/flow/model", "other")
    rig.send("/flow/preset/load", "Mine")
    assert np.array_equal(rig.instrument.current_patch(), sound)
    assert np.abs(rig.instrument.model.flow.decode(rig.instrument.latent) - sound).max() < 1e-3
    rig.send("/flow/model", "small")
    assert "no preset" in only(rig.send("/flow/preset/load", "Mine")[MY_PORT], "/flow/error")[1]


def test_there_is_an_end_to_presets(tmp_path, monkeypatch):
    monkeypatch.setattr("server.instrument.presets.MAX_PRESETS", 3)
    store = PresetStore(tmp_path)
    for k in range(3):
        store.hold(preset(str(k)))
    store.hold(preset("0"))
    with pytest.raises(ProtocolError, match="Delete some"):
        store.hold(preset("3"))


def test_export_writes_the_synths_own_file(rig, tmp_path, monkeypatch):
    written = []

    def write_preset(path, space, vector, name, gestures):
        written.append((path, space, vector.copy(), name))
        path.write_text("preset")

    module = types.ModuleType("synths.vital_preset")
    module.write_preset = write_preset
    monkeypatch.setitem(sys.modules, "synths.vital_preset", module)
    rig.instrument.model.space.synth = "vital"
    try:
        (status,) = rig.send("/flow/preset/export", "My: pad")[MY_PORT]
        assert status[0] == "/flow/error"
        (status,) = rig.send("/flow/preset/export", "My pad?")[MY_PORT]
    finally:
        rig.instrument.model.space.synth = "none"
    path, space, vector, name = written[0]
    assert status == ("/flow/status", f"'My pad?' is in {path.as_posix()}")
    assert path.parent == tmp_path / "exports" and path.name == "My pad-.vital"
    assert name == "My pad?" and np.array_equal(vector, rig.instrument.current_patch())


def test_an_exported_preset_is_vitals_own(tmp_path):
    folder = write_tiny_model(tmp_path / "models" / "vital", space=load_space("vital-32"))
    rig = Rig(folder, tmp_path)
    rig.hello()
    rig.send("/flow/preset/load", "Pad 2")
    (status,) = rig.send("/flow/preset/export", "Pad 2")[MY_PORT]
    path = tmp_path / "exports" / "Pad 2.vital"
    assert status == ("/flow/status", f"'Pad 2' is in {path.as_posix()}")
    assert json.loads(path.read_text(encoding="utf-8"))["preset_name"] == "Pad 2"


def test_what_a_file_holds_has_a_line_for_each_entry_and_leaves_nothing_to_sweep():
    one = preset(name="Küche")
    gc.collect()
    gc.disable()
    try:
        texts = {text_of(one) for _ in range(100)}
        assert gc.collect() == 0
    finally:
        gc.enable()
    (text,) = texts
    assert json.loads(text)["name"] == "Küche" and len(text.splitlines()) == len(json.loads(text)) + 2
