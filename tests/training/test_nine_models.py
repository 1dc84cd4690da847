"""The paper's models learn from real renders, are interrupted, go on, and are read back."""

import numpy as np
import pytest
import torch
import yaml

import training.loop
from core.config import build, read_settings
from core.errors import CheckpointError, ConfigError
from models.paper.catalog import PAPER_MODELS, RIVAL, new_paper_model
from tests.support.paper import SMALL_PAPER
from tests.support.tiny_dataset import write_tiny_dataset
from training.checkpoint import read_counters
from training.data.tags import tags_of
from training.runs import load_run
from training.settings import TrainingSettings
from training.train import train


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_dataset(tmp_path_factory.mktemp("données à nous"))


def settings(folder, runs, architecture, **more):
    return build(
        TrainingSettings,
        {
            "name": "tiny",
            "architecture": architecture,
            "data": str(folder.path),
            "runs": str(runs),
            "threads": 1,
            "bfloat16": False,
            "shards": 40,
            "paper": SMALL_PAPER.to_dict(),
            "recipe": {"epochs": 2},
            **more,
        },
    )


@pytest.mark.parametrize("name", PAPER_MODELS)
def test_overfits_a_handful_of_real_sounds(folder, name):
    rows = folder.read([0])[:8]
    patches, mels = torch.from_numpy(rows.patches), torch.from_numpy(rows.mels).float()
    tags = torch.from_numpy(tags_of(rows, folder.mel, 0.6)[1])
    torch.manual_seed(0)
    model = new_paper_model(name, 16, folder.mel.shape, SMALL_PAPER, tags.shape[1])
    model.standardise(patches, mels)
    optimizer = torch.optim.Adam(model.parameters(), 4e-3)
    for _ in range(250):
        # The order of the latent space would stand in the way of learning eight sounds by heart.
        loss = model.train().losses(patches, mels, tags, beta=1e-3)["total"]
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    for layer in model.modules():  # eight sounds are too few for running statistics
        if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):
            layer.momentum = None
            layer.reset_running_stats()
    with torch.no_grad():
        for _ in range(20):
            model.losses(patches, mels, tags)
    answers = model.eval().infer(mels)
    untold = (patches.mean(0) - patches).abs().mean()
    assert (answers - patches).abs().mean() < 0.35 * untold


@pytest.mark.parametrize("name", [*PAPER_MODELS, RIVAL])
def test_a_run_is_read_back_and_answers(folder, tmp_path, name):
    run = train(settings(folder, tmp_path, name, recipe={"epochs": 1}))
    trained, again = load_run(run), load_run(run)
    mels = folder.read([39]).mels.astype(np.float32)
    answers = trained.answers(mels)
    assert answers.shape == (len(mels), 16) and answers.dtype == np.float32
    assert answers.min() >= 0.0 and answers.max() <= 1.0
    np.testing.assert_array_equal(again.answers(mels), answers)
    assert trained.settings.architecture == name
    assert len(trained.tag_names) == (7 if name == "flow_dis" else 0)
    assert trained.answers(mels[:0]).shape == (0, 16)


def test_the_shipped_kind_is_read_back_too(folder, tmp_path):
    sizes = {"encoder_width": 32, "encoder_rank": 16, "proxy_width": 32, "proxy_rank": 16}
    small = {"model": sizes, "proxy": {"epochs": 1}, "flow": {"epochs": 1}}
    run = train(settings(folder, tmp_path, "proxy_flow", **small))
    assert load_run(run).answers(folder.read([39]).mels).shape == (28, 16)


@pytest.mark.parametrize("name", ["mlp", "flow_dis"])  # dropout and none; one draw and many
def test_an_interrupted_run_goes_on_to_the_same_losses(folder, tmp_path, monkeypatch, name):
    paper = {**SMALL_PAPER.to_dict(), "dropout": 0.3}
    more = {"paper": paper, "recipe": {"epochs": 4, "turn_sounds": 600}}
    whole = train(settings(folder, tmp_path / "whole", name, **more))
    turns, real = [], training.loop._one_epoch

    def one_epoch(*args):
        turns.append(1)
        if len(turns) == 4:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(training.loop, "_one_epoch", one_epoch)
    with pytest.raises(KeyboardInterrupt):
        train(settings(folder, tmp_path / "parts", name, **more))
    parts = train(settings(folder, tmp_path / "parts", name, **more))
    assert len(turns) == 4 + 5  # eight turns of two an epoch; the one interrupted again
    one, other = (read_counters(run / "model.run.safetensors") for run in (whole, parts))
    assert one["epoch"] == other["epoch"] == 8
    assert other["best"] == pytest.approx(one["best"], rel=1e-5)


def test_a_finished_run_is_left_alone(folder, tmp_path, monkeypatch):
    run = train(settings(folder, tmp_path, "ae"))
    files = {f.name: f.read_bytes() for f in run.iterdir()}
    monkeypatch.setattr(training.loop, "_one_epoch", None)
    train(settings(folder, tmp_path, "ae"))
    assert {f.name: f.read_bytes() for f in run.iterdir()} == files
    assert (run / "model.run.safetensors").stat().st_size < 10_000  # three times the weights otherwise


def test_a_run_without_weights_says_so(folder, tmp_path):
    with pytest.raises(CheckpointError, match="is not a run"):
        load_run(tmp_path)
    run = train(settings(folder, tmp_path, "cnn", recipe={"epochs": 1}))
    (run / "model.best.safetensors").unlink()
    with pytest.raises(CheckpointError, match="has no weights yet"):
        load_run(run)


def test_weights_of_another_architecture_are_refused(folder, tmp_path):
    run = train(settings(folder, tmp_path, "ae", recipe={"epochs": 1}))
    page = run / "settings.yaml"
    page.write_text(page.read_text("utf-8").replace("architecture: ae", "architecture: cnn"), "utf-8")
    with pytest.raises(CheckpointError, match="does not fit"):
        load_run(run)


def test_an_unknown_architecture_names_the_nearest(folder, tmp_path):
    with pytest.raises(ConfigError, match="vae_flow"):
        train(settings(folder, tmp_path, "vaeflow"))
    assert not (tmp_path / "tiny").exists()


@pytest.mark.parametrize(
    ("key", "nearest"),
    [("recipe.warmup", "warm_up"), ("paper.chanels", "channels"), ("architectur", "architecture")],
)
def test_an_unknown_key_names_the_nearest(key, nearest):
    with pytest.raises(ConfigError, match=nearest):
        build(TrainingSettings, read_settings([], ["name=x", f"{key}=1"]))


def test_any_dataset_is_taken_unless_the_run_wants_another(folder, tmp_path):
    with pytest.raises(ConfigError, match="holds vital-16"):
        train(settings(folder, tmp_path, "mlp", space="vital-32"))


def test_flow_dis_tags_both_parts_by_the_rules_of_the_first(folder, tmp_path):
    run = train(settings(folder, tmp_path, "flow_dis", recipe={"epochs": 1}))
    assert yaml.safe_load((run / "tags.yaml").read_text("utf-8"))[0] == "dark-bright"
