"""All models by one command: planned, stopped, gone on with."""

import pytest

import training.all_models
from core.errors import ConfigError
from tests.support.paper import SMALL_PAPER
from tests.support.tiny_dataset import write_tiny_dataset
from training.all_models import main, plan
from training.architectures import ARCHITECTURES
from training.runs import load_run

SMALL = [
    *(f"paper.{key}={value}" for key, value in SMALL_PAPER.to_dict().items()),
    *(f"model.{part}=16" for part in ("encoder_width", "encoder_rank", "proxy_width", "proxy_rank")),
    "threads=1",
    "bfloat16=false",
    "shards=40",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_dataset(tmp_path_factory.mktemp("data"))


def command(folder, runs, *more):
    sets = [word for assignment in SMALL for word in ("--set", assignment)]
    return ["--data", str(folder.path), "--minutes", "0.001", "--runs", str(runs), *sets, *more]


def test_every_model_gets_the_same_time_from_every_seed(folder, tmp_path):
    planned = plan(folder.path, minutes=30.0, seeds=(0, 1), runs=tmp_path)
    assert len(planned) == 2 * len(ARCHITECTURES) == 22
    assert len({run.folder for run in planned}) == 22
    for run in planned:
        s = run.settings
        spent = s.proxy.minutes + s.flow.minutes if s.architecture == "proxy_flow" else s.recipe.minutes
        assert spent == pytest.approx(30.0)
        assert not run.done


def test_one_command_trains_all_of_them_and_goes_on_where_it_was_stopped(folder, tmp_path, monkeypatch):
    real, trained = training.all_models.train, []

    def stopped(settings):
        if len(trained) == 4:
            raise KeyboardInterrupt
        trained.append(settings.name)
        return real(settings)

    monkeypatch.setattr(training.all_models, "train", stopped)
    assert main(command(folder, tmp_path)) == 130
    assert trained == ["mlp-0", "cnn-0", "resnet-0", "ae-0"]
    monkeypatch.setattr(training.all_models, "train", lambda s: (trained.append(s.name), real(s))[1])
    assert main(command(folder, tmp_path)) == 0
    assert trained == [f"{name}-0" for name in ARCHITECTURES]
    mels = folder.read([39]).mels
    for name in ARCHITECTURES:
        assert load_run(tmp_path / f"{name}-0").answers(mels).shape == (28, 16)


def test_a_model_that_does_not_exist_is_named_before_anything_is_trained(folder, tmp_path, caplog):
    assert main(command(folder, tmp_path, "--models", "mlp", "vea")) == 2
    assert "vae" in caplog.text
    assert not any(tmp_path.iterdir())


def test_an_unknown_key_is_named(folder, tmp_path):
    with pytest.raises(ConfigError, match="channels"):
        plan(folder.path, minutes=1.0, seeds=(0,), runs=tmp_path, assignments=["paper.chanels=3"])
