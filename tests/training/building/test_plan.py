"""The plan that a build prints first, and the time left while it runs."""

from pathlib import Path

import pytest

import training.stage_bar
from core.config import build, read_settings
from synths.space_files import load_space
from training.build.budget import SHARES, allotted_seconds
from training.build.plan import plan, plan_lines
from training.settings import TrainingSettings
from training.stage_bar import StageBar

STAGES = list(SHARES)


def planned(*configs, **more):
    settings = build(TrainingSettings, read_settings([Path(f"configs/{name}.yaml") for name in configs]))
    usual = {
        "workers": 2,
        "device": "cpu",
        "done": [],
        "there": {"renders": 0, "between": 0},
        "left": None,
    }
    return plan(settings, load_space(settings.space), **{**usual, **more})


def test_the_model_that_ships_takes_what_the_page_says():
    stages = {each.stage: each for each in planned("vital-32")}
    assert list(stages) == STAGES
    assert (stages["renders"].seconds + stages["between"].seconds) / 3_600 == pytest.approx(1.0, abs=0.2)
    assert (stages["proxy"].seconds, stages["flow"].seconds) == (40 * 60, 36 * 60) and stages["flow"].most
    assert stages["package"].seconds / 60 == pytest.approx(36.0, abs=2.0)
    assert stages["package"].megabytes == pytest.approx(14.6, abs=0.6)
    assert str(stages["renders"].place) == str(Path("data/vital-32"))


def test_a_budget_limits_what_is_rendered_and_learned():
    allotted = allotted_seconds(8.5, STAGES, {}, [])
    stages = {
        each.stage: each for each in planned("vital-32", "card", workers=16, device="cuda", left=allotted)
    }
    for stage in ("renders", "between", "proxy", "flow"):
        assert stages[stage].seconds == pytest.approx(allotted[stage])
    assert stages["renders"].megabytes < 400  # 36,000 renders


def test_each_stage_has_a_line_with_time_size_and_place():
    lines = plan_lines(planned("smoke", done=["renders"], there={"renders": 160, "between": 0}))
    assert len(lines) == 6
    assert lines[0].split() == ["renders", "done", "0.3", "MB", str(Path("runs/smoke-data"))]
    assert lines[1].startswith("between sounds  about ") and " s " in lines[1]
    assert lines[-1].startswith("together        about ")


def test_the_time_left_follows_the_plan_then_the_stage_itself(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(training.stage_bar.time, "monotonic", lambda: now[0])
    bar = StageBar({"proxy": 100.0, "flow": 50.0}, lambda: False)
    bar.begin("proxy", 100.0)
    assert bar.left_s() == pytest.approx(150.0)
    bar(0.5, 0)  # done in an earlier call
    assert bar.left_s() == pytest.approx(100.0)
    now[0] = 10.0
    bar(0.75, 1)
    assert bar.left_s() == pytest.approx(10.0 + 50.0)
    bar.end()
    assert bar.left_s() == pytest.approx(50.0)
    bar.close()


def test_ctrl_c_is_heard_with_the_next_step():
    bar = StageBar({"package": 1.0}, lambda: True)
    bar.begin("package", 1.0, expected_steps=4)
    with pytest.raises(KeyboardInterrupt):
        bar(1.0, 1)
    bar.close()
