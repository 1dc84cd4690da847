"""From a plug-in's file to a model: what is written for people, and a small model of a real VST3."""

import os
from pathlib import Path

import numpy as np
import pytest
import yaml

import training.build.plugin
from core.config import build, read_settings
from core.errors import ConfigError, RenderError
from core.space import ParameterSpace
from models.folder import ModelFolder
from synths.discover.survey import Survey
from synths.discover.volume_by_ear import VolumeFound
from synths.plugin import PluginControls
from tests.support.needs import needs_vst3_tools
from tests.support.tiny_plugin import build_tiny_plugin
from training.build.__main__ import main
from training.build.plugin import model_name, prepare_plugin
from training.build.stages import check_buildable, open_dataset
from training.data.bank_patches import KINDS
from training.settings import TrainingSettings

FOUND = Survey(
    controls=PluginControls(
        {"Tone": 0.25, "Dull": 0.5, "Level": 0.75, "Wave": 0.0, "MIDI CC 74": 0.5}, {"Wave": 2}
    ),
    changes_db={"Tone": 5.0, "MIDI CC 74": 2.0},
    ranges={"Tone": (0.0, 1.0), "MIDI CC 74": (0.3, 1.0)},
    volume=VolumeFound("Level", (-80.0, -12.0, 0.0), 0.1),
    left_out={"Wave": "a switch of 2 positions; it stays at 0", "Dull": "inaudible in 5 patches"},
    carry_over_db=0.0,
    fresh=False,
    render_s=0.01,
    n_failures=1,
)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    monkeypatch.setenv("FLOW_SYNTH_PLUGINS", "/before")
    surveyed = []
    monkeypatch.setattr(training.build.plugin, "survey", lambda path, **how: surveyed.append(how) or FOUND)
    path = tmp_path / "Some Synth.vst3"
    path.touch()
    return path, surveyed


def prepared(plugin, minutes=60.0):
    path, _ = plugin
    ready = prepare_plugin(path, minutes=minutes, runs=path.parent / "runs", workers=2)
    return ready, path.parent / "runs" / "some-synth" / "controls"


def test_what_is_found_is_written_for_people_and_can_be_built(plugin):
    ready, folder = prepared(plugin)
    space = ParameterSpace.from_yaml(folder / "space.yaml")
    assert space.names == ("Tone", "MIDI CC 74", "Level") and space.synth == "plugin:Some Synth.vst3"
    assert [p.control_change for p in space][1] == 74 and space.volume.name == "Level"
    assert list(yaml.safe_load((folder / "left-out.yaml").read_text("utf-8"))["controls"]) == ["Dull", "Wave"]
    settings = build(TrainingSettings, read_settings(ready.configs))
    assert settings.name == "some-synth" and settings.between is None
    check_buildable(settings)
    dataset = open_dataset(settings, "renders")
    assert dataset.kinds == ("near", "far") and dataset.space.volume == space.volume
    assert os.environ["FLOW_SYNTH_PLUGINS"].split(os.pathsep) == [str(folder.parents[2]), "/before"]


def test_the_second_time_the_controls_are_as_they_were_written_or_edited(plugin):
    before, folder = prepared(plugin)
    text = (folder / "space.yaml").read_text("utf-8").replace("caption: Tone", "caption: Colour")
    (folder / "space.yaml").write_text(text, "utf-8")
    again, _ = prepared(plugin, minutes=120.0)
    assert again == before and len(plugin[1]) == 1
    assert (folder / "space.yaml").read_text("utf-8") == text
    (folder / "survey.yaml").unlink()
    with pytest.raises(ConfigError, match="is damaged"):
        prepared(plugin)


def test_programs_are_what_patches_come_from_where_there_are_enough(plugin, monkeypatch):
    rng = np.random.default_rng(0)
    programs = [{name: float(rng.uniform()) for name in FOUND.controls.defaults} for _ in range(60)]
    monkeypatch.setattr(training.build.plugin, "_programs", lambda path: programs)
    ready, folder = prepared(plugin)
    assert plugin[1][0]["patches"] == programs and not (folder / "kinds.yaml").exists()
    settings = build(TrainingSettings, read_settings(ready.configs))
    assert open_dataset(settings, "renders").kinds == KINDS


def test_more_minutes_make_more_patches_and_a_slow_plug_in_fewer(plugin, monkeypatch):
    counts = []
    for minutes, render_s in ((6.0, 0.01), (180.0, 0.01), (180.0, 0.2)):
        found = Survey(**{**vars(FOUND), "render_s": render_s})
        counts.append(
            training.build.plugin._settings(plugin[0], plugin[0], found, minutes, 2)["renders"]["count"]
        )
    assert counts[0] < counts[2] < counts[1] <= 32_512


def test_names_of_models():
    assert model_name(plugin_path("Surge XT.vst3")) == "surge-xt"
    assert model_name(plugin_path("シンセ.vst3")) == "plugin"


def plugin_path(name):
    return Path("/somewhere") / name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a configuration, such as configs/vital-32.yaml, or a plug-in with --plugin"),
        (["--plugin", "x.vst3"], "--plugin needs a budget: add --minutes"),
        (["--plugin", "x.vst3", "--minutes", "0"], "--minutes is a time above 0"),
        (["--plugin", "none.vst3", "--minutes", "5"], "there is no plug-in at"),
    ],
)
def test_what_is_missing_is_one_clear_line(words, said, caplog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert said in caplog.text and len(caplog.messages) == 1 and not (tmp_path / "runs").exists()


def test_nothing_is_left_of_a_survey_that_fails(plugin, monkeypatch):
    def fails(path, **_):
        raise RenderError("it crashed (SIGSEGV) as it was loaded.")

    monkeypatch.setattr(training.build.plugin, "survey", fails)
    with pytest.raises(RenderError):
        prepared(plugin)
    assert not (plugin[0].parent / "runs").exists()


@pytest.mark.real
@needs_vst3_tools
def test_a_real_plug_in_becomes_a_model(tmp_path, monkeypatch):
    path = build_tiny_plugin(tmp_path)
    monkeypatch.setenv("FLOW_SYNTH_PLUGINS", "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("synths.discover.survey._N_PATCHES", 2)  # which takes a third of the time
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(SMALL), "utf-8")
    assert (
        main(["small.yaml", "--plugin", str(path), "--minutes", "0.3", "--device", "cpu", "--workers", "2"])
        == 0
    )
    model = ModelFolder.load(tmp_path / "model" / "tiny-synth")
    assert model.space.names[-1] == "Volume" and model.space.volume is not None
    assert {p.label for p in model.space} == {"Decay", "Detune", "Brightness", "Volume"}
    assert "| first answer |" in (tmp_path / "model" / "tiny-synth" / "MODEL_CARD.md").read_text("utf-8")


_SMOKE = yaml.safe_load(Path("configs/smoke.yaml").read_text("utf-8"))
SMALL = {
    **{key: value for key, value in _SMOKE.items() if key in ("model", "package")},
    "out": "model/tiny-synth",
    "threads": 1,
    "renders": {
        "count": 80,
        "shard_size": 2,
        "note": {"held_seconds": 0.6, "seconds": 1.0},
        "mel": {"n_frames": 16},
    },
    "proxy": {"epochs": 3, "batch": 16},
    "flow": {"epochs": 3, "batch": 16},
}
