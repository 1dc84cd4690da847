"""Settings: later wins, unknown keys name the nearest, types are checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.config import build, read_settings
from core.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Inner:
    rate: float = 0.1
    steps: int = 3


@dataclass(frozen=True, kw_only=True)
class Outer:
    name: str
    folder: Path = Path("here")
    other: Path | None = None
    minutes: float | None = None
    careful: bool = True
    inner: Inner = field(default_factory=Inner)
    spare: Inner | None = None
    free: Mapping[str, Any] = field(default_factory=dict)


def test_later_files_and_assignments_win(tmp_path):
    (tmp_path / "a.yaml").write_text("name: a\ninner: {rate: 0.2, steps: 5}\n")
    (tmp_path / "b.yaml").write_text("inner: {rate: 0.3}\n")
    settings = read_settings([tmp_path / "a.yaml", tmp_path / "b.yaml"], ["inner.steps=7", "minutes=2"])
    assert build(Outer, settings) == Outer(name="a", minutes=2.0, inner=Inner(rate=0.3, steps=7))


def test_a_path_that_may_be_left_out_is_read_as_one():
    assert build(Outer, {"name": "a", "other": "somewhere"}).other == Path("somewhere")


def test_settings_that_may_be_left_out_and_ones_of_any_shape():
    made = build(Outer, {"name": "a", "spare": {"steps": 1}, "free": {"x": {"y": [1]}}})
    assert made.spare == Inner(steps=1) and made.free == {"x": {"y": [1]}}
    assert build(Outer, {"name": "a", "spare": None}).spare is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"name": "a", "innner": {}}, "did you mean 'inner'"),
        ({"name": "a", "inner": {"rat": 1}}, "inner.rat'; did you mean 'rate'"),
        ({"name": "a", "inner": 3}, "'inner' holds settings"),
        ({"name": "a", "spare": {"rat": 1}}, "spare.rat'; did you mean 'rate'"),
        ({"name": "a", "spare": 3}, "'spare' holds settings"),
        ({"name": "a", "free": 3}, "'free' is 3"),
        ({"name": 3}, "'name' is 3"),
        ({"name": "a", "inner": {"steps": 1.5}}, "'inner.steps' is 1.5"),
        ({"name": "a", "inner": {"steps": True}}, "'inner.steps' is True"),
        ({"name": "a", "careful": 1}, "'careful' is 1"),
        ({}, "lack one of: name"),
    ],
)
def test_wrong_settings_say_what_is_wrong(settings, says):
    with pytest.raises(ConfigError, match=says):
        build(Outer, settings)


def test_an_assignment_needs_an_equals_sign():
    with pytest.raises(ConfigError, match="key=value"):
        read_settings([], ["seed 3"])


@pytest.mark.parametrize("text", ["- a list", "key: [unclosed", "\x00"])
def test_a_file_that_is_no_mapping_is_named(tmp_path, text):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(ConfigError, match="bad.yaml"):
        read_settings([tmp_path / "bad.yaml"])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match="nothing.yaml"):
        read_settings([tmp_path / "nothing.yaml"])


def test_every_shipped_configuration_is_understood():
    from training.campaign import read_campaign
    from training.settings import TrainingSettings

    folder = Path(__file__).parents[2] / "configs"
    assert read_campaign([folder / "campaign.yaml"]).data
    for path in folder.glob("*.yaml"):
        if path.stem not in ("campaign", "card", "plugin"):  # of many runs, and those that go over another
            assert build(TrainingSettings, read_settings([path])).name == path.stem
    on_a_card = build(TrainingSettings, read_settings([folder / "vital-32.yaml", folder / "card.yaml"]))
    assert on_a_card.name == "vital-32" and on_a_card.renders.count > 50_000
