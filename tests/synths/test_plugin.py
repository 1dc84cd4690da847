import os

import numpy as np
import pytest

from core.errors import PatchError, RenderError
from core.space import ParameterSpace
from synths.catalog import load_engine
from synths.child_process import run_in_child
from synths.discover.__main__ import main
from synths.discover.survey import survey
from synths.engine import Note
from synths.plugin import PluginEngine, find_plugin, plugin_folders
from synths.space_files import load_space
from tests.support.needs import needs_vst3_tools
from tests.support.tiny_plugin import build_tiny_plugin

NOTE = Note(held_seconds=0.2, seconds=0.3)
PLUGIN = "Tiny Synth.vst3"


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    return build_tiny_plugin(tmp_path_factory.mktemp("où sont les synthés"))


@pytest.fixture(scope="module")
def engine(plugin):
    return PluginEngine(plugin)


# -- without a plug-in


@pytest.mark.parametrize(
    "name", ["../evil.vst3", "/tmp/evil.vst3", "a/b.vst3", "\\\\host\\evil.vst3", "", "..", "C:\\x.vst3"]
)
def test_a_space_never_names_a_path(name):
    space = ParameterSpace("x", f"plugin:{name}", load_space("vital-16").parameters)
    with pytest.raises(RenderError, match="is not the name of a plug-in"):
        load_engine(space)


def test_a_plug_in_that_is_missing_is_one_clear_line(tmp_path, caplog):
    with pytest.raises(RenderError, match="None.vst3 is not installed; install it, or put its folder"):
        find_plugin("None.vst3")
    assert main([str(tmp_path / "None.vst3"), "--out", str(tmp_path / "x.yaml")]) == 2
    assert "there is no plug-in at" in caplog.text and not (tmp_path / "x.yaml").exists()


def test_a_file_that_is_no_plug_in_is_one_clear_line(tmp_path):
    (tmp_path / "no.vst3").write_bytes(b"not a library")
    with pytest.raises(RenderError, match="no.vst3 does not load as a plug-in") as error:
        PluginEngine(tmp_path / "no.vst3")
    assert "\n" not in str(error.value)


def test_the_users_folders_come_first(monkeypatch, tmp_path):
    (tmp_path / "vendor" / PLUGIN).mkdir(parents=True)
    monkeypatch.setenv("FLOW_SYNTH_PLUGINS", os.pathsep.join([str(tmp_path / "none"), str(tmp_path)]))
    assert plugin_folders()[:2] == [tmp_path / "none", tmp_path]
    assert find_plugin(PLUGIN) == tmp_path / "vendor" / PLUGIN


def test_a_child_that_dies_hangs_or_answers():
    assert run_in_child(divmod, 7, 3, what="it", timeout_s=60) == (2, 1)
    with pytest.raises(RenderError, match=r"it crashed \(SIGABRT\)|it crashed \(exit code"):
        run_in_child(os.abort, what="it", timeout_s=60)
    with pytest.raises(RenderError, match="it did not answer for 1 s"):
        run_in_child(__import__("time").sleep, 60, what="it", timeout_s=1.0)
    with pytest.raises(RenderError, match="None.vst3 is not installed"):
        run_in_child(find_plugin, "None.vst3", what="it", timeout_s=60)


# -- a real VST3


@pytest.mark.real
@needs_vst3_tools
def test_it_plays_in_stereo_what_the_patch_says(engine):
    assert list(engine.indices) == ["Unused", "Decay", "Detune", "Brightness", "Wave", "Volume"]
    loud, soft = engine.render({"Volume": 1.0}, NOTE), engine.render({"Volume": 0.25}, NOTE)
    assert loud.dtype == np.float32 and loud.shape == (2, round(0.3 * 22_050))
    assert np.abs(loud).max() == pytest.approx(4 * np.abs(soft).max(), rel=1e-3)


@pytest.mark.real
@needs_vst3_tools
def test_nothing_is_left_of_earlier_patches(engine, plugin):
    patches = [
        dict(zip(engine.indices, row, strict=True)) for row in np.random.default_rng(0).uniform(size=(4, 6))
    ]
    first = [engine.render(patch, NOTE) for patch in patches]
    again = [engine.render(patch, NOTE) for patch in reversed(patches)][::-1]
    new = PluginEngine(plugin).render(patches[2], NOTE)
    for a, b in [*zip(first, again, strict=True), (first[2], new)]:
        assert np.allclose(a, b, atol=1e-5)


@pytest.mark.real
@needs_vst3_tools
def test_an_unknown_parameter_names_the_nearest(engine):
    with pytest.raises(
        PatchError, match="Tiny Synth has no parameter 'Brightnes'; did you mean 'Brightness'"
    ):
        engine.render({"Brightnes": 0.5}, NOTE)


@pytest.mark.real
@needs_vst3_tools
def test_discovery_writes_a_space_that_plays(plugin, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("synths.discover.survey._N_PATCHES", 2)  # which takes a third of the time
    out = tmp_path / "tiny.yaml"
    assert main([str(plugin), "--out", str(out), "--size", "2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line[:32].strip() for line in said if "changes the sound" in line] == ["Decay", "Brightness"]
    assert [line.split()[0] for line in said if "switch of 2 positions" in line] == ["Wave"]
    assert [line.split()[0] for line in said if "the volume" in line] == ["Volume"]
    assert [line.split()[0] for line in said if "inaudible" in line] == ["Unused"]
    space = load_space(str(out))
    assert space.names == ("Decay", "Brightness", "Volume") and space.synth == f"plugin:{PLUGIN}"
    assert space.neutral == pytest.approx([0.6, 0.5, 0.8])
    assert space.volume.name == "Volume"
    assert np.interp(0.5, np.linspace(0, 1, 17), space.volume.gain_db) == pytest.approx(-6.0, abs=0.1)
    monkeypatch.setenv("FLOW_SYNTH_PLUGINS", str(plugin.parent))
    audio = load_engine(space).render(space.decode(space.neutral), NOTE)
    assert np.abs(audio).max() > 0.01


@pytest.mark.real
@needs_vst3_tools
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("crash", r"Tiny Synth.vst3 crashed \(SIGABRT\)"),
        ("hang", "Tiny Synth.vst3 did not answer for 6 s and was stopped"),
        ("nan", "gave values that are not finite"),
        ("silent", "is silent with the patch it starts with"),
    ],
)
def test_a_broken_plug_in_is_one_clear_line(fault, said, plugin, monkeypatch):
    monkeypatch.setenv("TINY_SYNTH", fault)
    with pytest.raises(RenderError, match=said) as error:
        survey(plugin, timeout_s=2.0 if fault == "hang" else 40.0)
    assert "\n" not in str(error.value)
