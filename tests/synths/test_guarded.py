"""Plug-ins in processes that crash and hang."""

import multiprocessing
import time

import numpy as np
import pytest

from core.errors import PatchError, RenderError
from synths.discover.survey import survey
from synths.engine import Note, PatchFailure
from synths.guarded import GuardedPlugin
from synths.plugin import PluginEngine
from tests.support.needs import needs_vst3_tools
from tests.support.tiny_plugin import build_tiny_plugin

NOTE = Note(held_seconds=0.2, seconds=0.3)
pytestmark = [pytest.mark.real, needs_vst3_tools]


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    return build_tiny_plugin(tmp_path_factory.mktemp("plugins"))


def test_it_plays_what_the_plug_in_itself_plays_and_ends_when_closed(plugin):
    engine = GuardedPlugin(plugin)
    assert list(engine.controls.defaults)[:2] == ["Unused", "Decay"] and engine.controls.steps == {"Wave": 2}
    patch = {"Brightness": 0.2}
    assert np.allclose(engine.render(patch, NOTE), PluginEngine(plugin).render(patch, NOTE), atol=1e-6)
    with pytest.raises(PatchError, match="did you mean 'Brightness'"):
        engine.render({"Brightnes": 0.5}, NOTE)
    child = engine._child
    engine.close()
    child.join(10.0)
    assert child not in multiprocessing.active_children()


@pytest.mark.parametrize(
    ("fault", "said"),
    [("crash-bright", r"crashed \(SIGABRT\) at this patch"), ("hang-bright", "did not answer for 2 s")],
)
def test_a_patch_that_crashes_or_hangs_is_lost_and_the_next_one_plays(fault, said, plugin, monkeypatch):
    monkeypatch.setenv("TINY_SYNTH", fault)
    engine = GuardedPlugin(plugin, playing_s=2.0)
    before = engine.render({}, NOTE)
    with pytest.raises(PatchFailure, match=f"Tiny Synth.vst3 {said}") as error:
        engine.render({"Brightness": 1.0}, NOTE)
    assert "\n" not in str(error.value)
    assert np.array_equal(engine.render({}, NOTE), before)


def test_a_control_that_crashes_is_left_out_with_the_reason(plugin, monkeypatch):
    monkeypatch.setenv("TINY_SYNTH", "crash-bright")
    monkeypatch.setattr("synths.discover.survey._N_PATCHES", 2)  # which takes a third of the time
    found = survey(plugin)
    assert "Brightness" not in found.changes_db and found.n_failures >= 1
    assert found.left_out["Brightness"].startswith("at 1, Tiny Synth.vst3 crashed")
    assert "Decay" in found.changes_db and found.volume.name == "Volume"


def test_a_survey_ends_when_its_time_is_over(plugin):
    began = time.monotonic()
    with pytest.raises(RenderError, match="no control of Tiny Synth.vst3 changes its sound"):
        survey(plugin, seconds=0.0)
    assert time.monotonic() - began < 60.0
