"""A whole run on a handful of real renders: learn, be interrupted, go on, package."""

import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from core.config import build
from core.errors import CheckpointError, ConfigError
from evaluation.packaging.package import package
from models.folder import ModelFolder
from tests.support.tiny_dataset import write_tiny_dataset
from training.commands import command_line, note_command, noted_commands
from training.data.dataset import DatasetFolder
from training.phase_progress import PhaseProgress
from training.phases import FlowPhase
from training.settings import PackageSettings, PhaseSettings, TrainingSettings
from training.train import load_splits, train

SIZES = {
    "flow_blocks": 2,
    "flow_hidden": 16,
    "encoder_channels": 8,
    "encoder_width": 32,
    "encoder_blocks": 1,
    "encoder_rank": 16,
    "proxy_width": 32,
    "proxy_blocks": 1,
    "proxy_rank": 16,
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_tiny_dataset(tmp_path_factory.mktemp("data")).path


def settings(dataset, runs, **more):
    return build(
        TrainingSettings,
        {
            "name": "tiny",
            "space": "vital-16",
            "data": str(dataset),
            "runs": str(runs),
            "threads": 1,
            "bfloat16": False,
            "shards": 40,
            "model": SIZES,
            "proxy": {"epochs": 2},
            "flow": {"epochs": 4},
            **more,
        },
    )


def losses(run):
    from safetensors import safe_open

    with safe_open(str(run / "flow.run.safetensors"), framework="pt") as file:
        return yaml.safe_load(file.metadata()["counters"])


def test_an_interrupted_run_goes_on_to_the_same_losses(dataset, tmp_path, monkeypatch):
    whole = losses(train(settings(dataset, tmp_path / "whole")))

    import training.loop

    epochs, real = [], training.loop._one_epoch

    def one_epoch(*args):
        epochs.append(1)
        if len(epochs) == 5:  # in the flow phase, after two of its epochs
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(training.loop, "_one_epoch", one_epoch)
    with pytest.raises(KeyboardInterrupt):
        train(settings(dataset, tmp_path / "parts"))
    resumed = losses(train(settings(dataset, tmp_path / "parts")))
    assert len(epochs) > 5
    assert resumed["epoch"] == whole["epoch"] == 4
    assert resumed["best"] == pytest.approx(whole["best"], rel=1e-5)


def test_ctrl_c_within_an_epoch_keeps_its_batches_and_goes_on_to_the_same_losses(
    dataset, tmp_path, monkeypatch
):
    whole = losses(train(settings(dataset, tmp_path / "whole")))
    batches, real = [], FlowPhase.losses

    def counted(phase, *batch):
        batches.append(1)
        if len(batches) == 7:
            signal.raise_signal(signal.SIGINT)
        return real(phase, *batch)

    monkeypatch.setattr(FlowPhase, "losses", counted)
    with pytest.raises(KeyboardInterrupt):
        train(settings(dataset, tmp_path / "parts"))
    stopped = losses(tmp_path / "parts" / "tiny")
    assert (stopped["epoch"], stopped["rows"]) == (1, 2 * 256) and stopped["seconds"] > 0.0
    resumed = losses(train(settings(dataset, tmp_path / "parts")))
    assert len(batches) == 4 * 5  # batches of 256 in an epoch: none was learned twice
    assert resumed["best"] == pytest.approx(whole["best"], rel=1e-5)


def test_ctrl_c_with_the_last_batch_of_an_epoch_goes_on_with_the_next(dataset, tmp_path, monkeypatch):
    whole = losses(train(settings(dataset, tmp_path / "whole")))
    n_batches = -(-len(load_splits(settings(dataset, tmp_path)).train) // PhaseSettings().batch)
    asked, real = [], FlowPhase.losses

    def counted(phase, *batch):
        asked.append(1)
        if len(asked) == 2 * n_batches:
            signal.raise_signal(signal.SIGINT)
        return real(phase, *batch)

    monkeypatch.setattr(FlowPhase, "losses", counted)
    with pytest.raises(KeyboardInterrupt):
        train(settings(dataset, tmp_path / "halved"))
    halved = losses(train(settings(dataset, tmp_path / "halved")))
    assert halved["best"] == whole["best"]
    assert halved["epoch"] == whole["epoch"]


def test_phases_can_be_trained_one_by_one(dataset, tmp_path):
    whole = train(settings(dataset, tmp_path / "whole"))
    for phase in ("proxy", "flow"):
        parts = train(settings(dataset, tmp_path / "parts"), [phase])
    assert losses(parts)["best"] == pytest.approx(losses(whole)["best"], rel=1e-5)


def test_training_begins_with_the_weights_of_another_run(dataset, tmp_path):
    begun = train(settings(dataset, tmp_path / "first"))
    still = {"epochs": 1, "learning_rate": 0.0}
    after = train(settings(dataset, tmp_path / "then", begin_from=str(begun), proxy=still, flow=still))
    old, new = (load_file(run / "flow.best.safetensors") for run in (begun, after))
    assert old.keys() == new.keys()
    for name, value in old.items():
        assert torch.equal(value, new[name]), name
    with pytest.raises(ConfigError, match="no finished run to begin from"):
        train(settings(dataset, tmp_path / "else", begin_from=str(tmp_path / "nothing")))


def test_patches_between_sounds_follow_the_others_and_nothing_is_held_twice(dataset, tmp_path):
    between = write_tiny_dataset(tmp_path / "between", n=5, shards=2)
    splits = load_splits(settings(dataset, tmp_path, between=str(between.path)))
    assert len(splits.heard) == len(splits.train) + 10
    assert np.shares_memory(splits.heard.mels, splits.train.mels)
    np.testing.assert_array_equal(splits.heard.mels[-10:], between.read().mels)
    np.testing.assert_array_equal(splits.train.patches, DatasetFolder(dataset).read(range(38)).patches)


def test_losses_are_compiled_where_it_is_asked_for(dataset, tmp_path, monkeypatch):
    """Whether the compiler is of use there, a card has to show; here it takes longer than the run."""
    compiled = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda module: compiled.append(type(module).__name__))
    few = {"proxy": {"epochs": 1}, "flow": {"epochs": 1}}
    train(settings(dataset, tmp_path / "a", **few))
    assert compiled == []
    train(settings(dataset, tmp_path / "b", compiled=True, **few))
    assert compiled == ["_Losses", "_Losses"]


def test_a_budget_leaves_room_for_validation_and_counts_what_was_spent_before():
    progress, how = PhaseProgress(seconds=40.0), PhaseSettings(epochs=100, minutes=1.0)
    progress.note(1.0, 5.0, how, 1)
    assert not progress.done
    progress.validation_s = 10.0
    progress.note(0.9, 6.0, how, 1)
    assert progress.seconds == 51.0 and progress.done  # the next validation would end after a minute


def test_commands_are_noted_once_and_without_places(tmp_path):
    first = command_line("python train.py", [Path("a.yaml")], ["seed=3", "data=/tmp/x"], 2.0)
    assert first == "python train.py a.yaml --set seed=3 --minutes 2"
    for command in (first, "", first, f"{first}0"):
        note_command(tmp_path, command)
    assert noted_commands(tmp_path) == [first, f"{first}0"]


def test_a_budget_ends_within_an_epoch(dataset, tmp_path):
    run = train(settings(dataset, tmp_path, flow={"epochs": 500, "minutes": 1e-4}))
    assert losses(run)["epoch"] == 1


def test_a_budget_is_that_of_all_calls_together(dataset, tmp_path, monkeypatch):
    budget = {"epochs": 100_000, "patience": 100_000, "minutes": 0.05}
    how = {"proxy": {"epochs": 1}, "flow": budget}
    times, real, stopped = [], FlowPhase.losses, []

    def counted(phase, *batch):
        times.append(time.monotonic())
        if times[-1] - times[0] > 1.5 and not stopped:
            stopped.append(1)
            signal.raise_signal(signal.SIGINT)
        return real(phase, *batch)

    monkeypatch.setattr(FlowPhase, "losses", counted)
    with pytest.raises(KeyboardInterrupt):
        train(settings(dataset, tmp_path, **how))
    assert losses(tmp_path / "tiny")["seconds"] > 1.0
    assert losses(train(settings(dataset, tmp_path, **how)))["seconds"] == pytest.approx(3.0, abs=1.0)
    n = len(times)
    train(settings(dataset, tmp_path, **how))
    assert len(times) == n  # nothing is left


def test_a_card_that_is_not_there_is_named(dataset, tmp_path):
    with pytest.raises(ConfigError, match="no device 'tpu'"):
        train(settings(dataset, tmp_path, device="tpu"))
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="no NVIDIA card"):
            train(settings(dataset, tmp_path, device="cuda"))


def test_a_finished_run_becomes_a_folder_that_plays(dataset, tmp_path):
    command = command_line("python train.py", [Path("configs/mine.yaml")], ["seed=0", "runs=elsewhere"])
    run = train(settings(dataset, tmp_path / "runs"), command=command)
    out = tmp_path / "modèle neuf"
    little = PackageSettings(
        sounds=1,
        presets_per_kind=3,
        steps=2,
        heard_patches=24,
        macro_steps=2,
        curve_points=5,
        landmark_ways=2,
        raw=2,
        targets=3,
        sketch_targets=4,
    )
    package(run, out, little)
    folder = ModelFolder.load(out)
    assert len(folder.macros) == 8 and folder.macros.descriptor_curves.shape[-1] == 50
    played = folder.flow.decode(folder.presets.latents)
    np.testing.assert_allclose(played, folder.presets.patches, atol=1e-3)
    card = (out / "MODEL_CARD.md").read_text("utf-8")
    assert all(
        row in card for row in ("| silence |", "| mean patch |", "| nearest render |", "| first answer |")
    )
    assert card.startswith("# modèle neuf\n") and "The run `tiny`" in card
    assert "1,064 patches for training, 28 for validation and 28 held out, 1,120 together" in card
    assert "\npython train.py configs/mine.yaml --set seed=0\n" in card
    assert f"--count 1120 --out {dataset.name}\n" in card and str(tmp_path) not in card


def test_a_broken_checkpoint_is_named(dataset, tmp_path):
    run = train(settings(dataset, tmp_path, proxy={"epochs": 1}, flow={"epochs": 1}))
    (run / "proxy.run.safetensors").write_bytes(b"not weights")
    with pytest.raises(CheckpointError, match="Delete it to start over"):
        train(settings(dataset, tmp_path))


def test_a_dataset_of_another_space_is_refused(dataset, tmp_path):
    with pytest.raises(ConfigError, match="holds vital-16"):
        train(settings(dataset, tmp_path, space="vital-32"))


def test_weights_do_not_depend_on_where_torch_left_its_generator(dataset, tmp_path):
    few = {"proxy": {"epochs": 1}, "flow": {"epochs": 1}}
    torch.manual_seed(1)
    first = losses(train(settings(dataset, tmp_path / "a", **few)))
    torch.manual_seed(2)
    second = losses(train(settings(dataset, tmp_path / "b", **few)))
    assert first["best"] == second["best"]
