"""Another setting of a finished stage is named, with its old and new value and what to delete."""

import shutil

import pytest

from core.errors import ConfigError
from training.build.state import BuildState, check_settings


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("renders.note.note=48", ["renders.note.note was 60", "is 48 now", "RUN and DATA and BETWEEN"]),
        ("renders.count=78", ["renders.count was 80", "is 78 now", "RUN and DATA"]),
        ("renders.count=320", ["renders.count was 80", "is 320 now", "Delete RUN to train", "kept"]),
        ("renders.between_count=16", ["renders.between_count was 4", "Delete RUN to train", "kept"]),
        ("data=elsewhere", ["data was DATA", "is elsewhere now", "Delete RUN to train"]),
        ("proxy.batch=8", ["proxy.batch was 16", "is 8 now", "Delete RUN to train"]),
        ("model.flow_blocks=3", ["model.flow_blocks was 2", "is 3 now"]),
        ("flow.minutes=2", ["flow.minutes was not set", "is 2.0 now", "RUN/flow.run.safetensors", "MODEL"]),
        ("package.targets=4", ["package.targets was 3", "Delete MODEL to package again"]),
    ],
)
def test_a_changed_setting_is_named(built, change, words):
    settings = built.settings(change)
    with pytest.raises(ConfigError) as error:
        check_settings(settings, BuildState.read(built.run))
    message = str(error.value)
    places = {built.model: "MODEL", built.run: "RUN"}
    places |= {built.folder / "data": "DATA", built.folder / "between": "BETWEEN"}
    for place, word in places.items():
        message = message.replace(str(place), word)
    for word in words:
        assert word in message


def test_the_command_refuses_before_anything_is_done(built, caplog):
    assert built.build("proxy.batch=8") == 2
    assert "proxy.batch" in caplog.text


@pytest.mark.parametrize("change", ["device=cpu", "threads=2", "bfloat16=true", "compiled=true"])
def test_how_something_is_computed_may_change(built, change):
    check_settings(built.settings(change), BuildState.read(built.run))


def test_a_stage_whose_product_was_deleted_is_done_again(built):
    state, settings = BuildState.read(built.run), built.settings()
    assert state.done(settings) == ["renders", "between", "proxy", "flow", "package"]
    elsewhere = built.settings("out=elsewhere")
    assert state.done(elsewhere) == ["renders", "between", "proxy", "flow"]
    check_settings(built.settings("out=elsewhere", "package.targets=4"), state)
    assert BuildState().done(settings) == []


def test_deleting_the_run_keeps_renders_for_a_larger_count(built, tmp_path):
    shutil.copytree(built.run, tmp_path / "smoke")
    larger = built.settings("renders.count=320", f"runs={tmp_path}")
    with pytest.raises(ConfigError):
        check_settings(larger, BuildState.read(tmp_path / "smoke"))
    shutil.rmtree(tmp_path / "smoke")
    check_settings(larger, BuildState.read(tmp_path / "smoke"))


def test_a_damaged_state_is_named(tmp_path):
    (tmp_path / "build.yaml").write_text("finished: {", "utf-8")
    with pytest.raises(ConfigError, match="is damaged"):
        BuildState.read(tmp_path)
