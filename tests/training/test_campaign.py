"""A whole campaign: planned once, interrupted anywhere, and gone on with to the same weights."""

import pytest
import yaml
from safetensors.numpy import load_file

import training.all_models
import training.loop
from core.errors import ConfigError
from tests.support.paper import SMALL_PAPER
from tests.support.tiny_dataset import write_tiny_dataset
from training.all_models import main, train_all
from training.campaign import PLAN_FILE, plan_campaign, read_campaign
from training.checkpoint import read_counters
from training.runs import unfinished_runs

SETTINGS = {
    "paper": SMALL_PAPER.to_dict(),
    "recipe": {"turn_sounds": 60},
    "threads": 1,
    "bfloat16": False,
    "channels_last": True,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_dataset(tmp_path_factory.mktemp("data"), n=4)


def campaign(folder, tmp_path, **more):
    page = tmp_path / "campaign.yaml"
    data = {"data": {str(folder.path): [0, 1]}, "runs": str(tmp_path / "runs"), "settings": SETTINGS}
    page.write_text(yaml.safe_dump({**data, "min_passes": 2, "min_minutes": 0, **more}))
    return page


def test_each_model_hears_its_sounds_as_often_as_it_must_or_for_as_long(folder, tmp_path):
    """152 training sounds: 30 minutes at 1.5 a second are fewer than 30 passes, at 150 more."""
    page = campaign(folder, tmp_path, min_passes=30, min_minutes=30, models=["mlp", "cnn", "proxy_flow"])
    speeds = {"mlp": 150.0, "cnn": 1.5, "proxy_flow": 150.0}
    asked = []

    def speed(settings, folder):
        asked.append(settings.architecture)
        return speeds[settings.architecture]

    planned = plan_campaign(read_campaign([page]), speed=speed)
    assert [run.settings.name for run in planned] == [
        f"{name}-{seed}" for seed in (0, 1) for name in ("mlp", "cnn", "proxy_flow")
    ]
    mlp, cnn, shipped = (run.settings for run in planned[:3])
    assert cnn.recipe.epochs == 30 and cnn.recipe.minutes is None
    assert mlp.recipe.epochs == 1_777  # 30 * 60 * 150 / 152, rounded up
    assert shipped.proxy.epochs + shipped.flow.epochs == 1_777
    assert planned[1].minutes == pytest.approx(30 * 152 / 1.5 / 60, abs=0.01)
    speeds["cnn"] = 1_000.0  # a faster machine, or a busier one, changes nothing that is planned
    assert plan_campaign(read_campaign([page]), speed=speed) == planned
    assert asked == ["mlp", "cnn", "proxy_flow"]
    assert (
        yaml.safe_load((tmp_path / "runs" / PLAN_FILE).read_text())[f"{folder.path.name}/cnn"]["passes"] == 30
    )


def test_minutes_for_all_are_shared(folder, tmp_path):
    planned = plan_campaign(read_campaign([campaign(folder, tmp_path)]), within=11.0)
    spent = [
        s.proxy.minutes + s.flow.minutes if s.architecture == "proxy_flow" else s.recipe.minutes
        for s in (run.settings for run in planned)
    ]
    assert len(spent) == 22 and 9.0 < sum(spent) < 11.0
    assert max(spent) == pytest.approx(min(spent))


def test_all_runs_end_within_the_minutes_of_a_card(folder, tmp_path):
    page = campaign(folder, tmp_path, models=["mlp", "flow_matching"], data={str(folder.path): [0]})
    assert main([str(page), "--within", "0.02", "--device", "cpu"]) == 0
    runs = sorted((tmp_path / "runs" / folder.path.name).iterdir())
    assert [run.name for run in runs] == ["flow_matching-0", "mlp-0"] and not unfinished_runs(runs)
    for run in runs:
        assert read_counters(run / "model.run.safetensors")["epoch"] >= 1
    assert not (tmp_path / "runs" / PLAN_FILE).exists()  # a budget of minutes needs no plan


def test_a_campaign_killed_in_the_middle_goes_on_to_the_same_weights(folder, tmp_path, monkeypatch):
    models = ["mlp", "flow_matching"]
    whole = campaign(folder, tmp_path, models=models)
    plan_campaign(read_campaign([whole]), speed=lambda *_: 1.0)
    assert main([str(whole)]) == 0
    killed = tmp_path / "again"
    real, turns = training.loop._Learner._note, []

    def note(*args):
        turns.append(1)
        if len(turns) in (2, 9):  # within the first run, and within a later one
            raise RuntimeError("killed")
        return real(*args)

    monkeypatch.setattr(training.loop._Learner, "_note", note)
    planned = plan_campaign(read_campaign([whole], {"runs": str(killed)}), speed=lambda *_: 1.0)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="killed"):
            train_all(planned)
        begun = [run.folder for run in planned if run.folder.exists()]
        assert len(unfinished_runs(begun)) == 1
    train_all(planned)
    assert all(run.done for run in planned) and not unfinished_runs([run.folder for run in planned])
    for run in planned:
        again = load_file(run.folder / "model.best.safetensors")
        there = tmp_path / "runs" / folder.path.name / run.settings.name / "model.best.safetensors"
        first = load_file(there)
        assert all((again[name] == first[name]).all() for name in first)


def test_what_is_wrong_is_said_before_anything_is_trained(folder, tmp_path, caplog):
    with pytest.raises(ConfigError, match="vae"):
        read_campaign([campaign(folder, tmp_path, models=["vea"])])
    assert main([str(campaign(folder, tmp_path)), "--minutes", "3"]) == 2
    assert "--within" in caplog.text
    assert main(["--data", str(folder.path)]) == 2
    assert "campaign.yaml" in caplog.text
