"""From nothing to a model that plays, stopped on the way and gone on with."""

import shutil
import signal

import pytest
import yaml
from safetensors import safe_open
from safetensors.numpy import load_file

import training.build.build
import training.build.stages
from models.folder import ModelFolder
from tests.support.live import running_server
from tests.training.building.conftest import Place
from training.data.dataset import DatasetFolder
from training.phases import FlowPhase


def counters(file):
    with safe_open(str(file), framework="numpy") as opened:
        return yaml.safe_load(opened.metadata()["counters"])


@pytest.fixture
def rendered(built, tmp_path):
    """A place with the renders of the built model, and nothing else."""
    for name in ("data", "between"):
        shutil.copytree(built.folder / name, tmp_path / name)
    return Place(tmp_path)


@pytest.fixture
def no_package(monkeypatch):
    """Packaging takes most of the time; here it only leaves what shows that it was done."""
    packaged = []

    def package(run, out, budget, *, workers):
        packaged.append(budget)
        (out / "model.yaml").write_text("name: tiny", "utf-8")

    monkeypatch.setattr(training.build.stages, "package", package)
    return packaged


def test_everything_is_there(built):
    assert len(DatasetFolder(built.folder / "data").shards()) == 40
    assert len(DatasetFolder(built.folder / "between").read()) == 4
    assert len(ModelFolder.load(built.model).presets) > 1
    state = yaml.safe_load((built.run / "build.yaml").read_text("utf-8"))
    assert list(state["finished"]) == ["renders", "between", "proxy", "flow", "package"]
    assert all(seconds > 0.0 for seconds in state["seconds"].values())
    assert list(built.model.parent.iterdir()) == [built.model]  # nothing is left beside it


def test_the_model_is_served_and_plays_a_macro(built, tmp_path):
    with running_server(built.model, tmp_path) as server, server.client() as client:
        client.send("/flow/macro", 0, 0.8)
        _, *values = client.wait_for("/flow/params")
        assert len(values) == 16 and all(0.0 <= value <= 1.0 for value in values)


def test_a_finished_build_does_nothing_again(built, caplog, monkeypatch):
    monkeypatch.setattr(training.build.build, "StageBar", None)
    before = {file: file.stat().st_mtime_ns for file in built.folder.rglob("*")}
    with caplog.at_level("INFO"):
        assert built.build() == 0
    assert {file: file.stat().st_mtime_ns for file in built.folder.rglob("*")} == before
    assert sum("done" in message for message in caplog.messages) == 6  # five stages, and together


def test_ctrl_c_within_an_epoch_goes_on_to_the_same_result(built, rendered, no_package, monkeypatch, caplog):
    batches, real = [], FlowPhase.losses

    def counted(phase, *batch):
        batches.append(1)
        if len(batches) == 8:  # five batches of 16 in an epoch, the last smaller
            signal.raise_signal(signal.SIGINT)
        return real(phase, *batch)

    monkeypatch.setattr(FlowPhase, "losses", counted)
    with caplog.at_level("INFO"):
        assert rendered.build() == 130
    assert "run the same command again" in caplog.messages[-1]
    stopped = counters(rendered.run / "flow.run.safetensors")
    assert (stopped["epoch"], stopped["rows"]) == (1, 3 * 16)
    assert not no_package and not rendered.model.exists()
    state = yaml.safe_load((rendered.run / "build.yaml").read_text("utf-8"))
    assert list(state["finished"]) == ["renders", "between", "proxy"] and state["seconds"]["flow"] > 0.0

    proxy = (rendered.run / "proxy.run.safetensors").stat().st_mtime_ns
    assert rendered.build() == 0
    assert (rendered.run / "proxy.run.safetensors").stat().st_mtime_ns == proxy
    assert len(batches) == 10 * 5 and len(no_package) == 1
    whole, parts = (load_file(place.run / "flow.best.safetensors") for place in (built, rendered))
    for name, value in whole.items():
        assert parts[name] == pytest.approx(value, rel=1e-4, abs=1e-5), name


def test_ctrl_c_while_rendering_keeps_the_shards_in_hand(tmp_path, monkeypatch):
    place, real = Place(tmp_path), DatasetFolder.write

    def write(folder, shard, data):
        real(folder, shard, data)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(DatasetFolder, "write", write)
    monkeypatch.setattr(training.build.stages, "process_executor", one_thread)
    assert place.build() == 130
    assert DatasetFolder(tmp_path / "data").shards() == [0]


def test_a_budget_ends_with_40_shards_and_a_model(rendered, no_package, monkeypatch):
    monkeypatch.setattr(training.build.stages, "process_executor", one_thread)
    more = ["renders.count=4000", "proxy.epochs=100000", "flow.epochs=100000"]
    more += ["proxy.patience=100000", "flow.patience=100000"]
    assert rendered.build(*more, options=["--minutes", "0.02"]) == 0
    assert 40 <= len(DatasetFolder(rendered.folder / "data").shards()) <= 50
    settings = yaml.safe_load((rendered.run / "settings.yaml").read_text("utf-8"))
    assert 0.0 <= settings["flow"]["minutes"] < 0.02 and len(no_package) == 1
    assert rendered.build(*more, options=["--minutes", "0.02"]) == 0
    assert len(no_package) == 1


def test_an_unfinished_package_leaves_the_model_that_is_there(rendered, no_package, monkeypatch):
    assert rendered.build() == 0

    def stopped(run, out, budget, *, workers):
        (out / "model.yaml").write_text("half", "utf-8")
        raise KeyboardInterrupt

    state = rendered.run / "build.yaml"
    state.write_text(state.read_text("utf-8").replace("  package:\n", "  unused:\n"), "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(training.build.stages, "package", stopped)
        assert rendered.build() == 130
    assert (rendered.model / "model.yaml").read_text("utf-8") == "name: tiny"
    assert list(rendered.model.parent.iterdir()) == [rendered.model]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["space=null"], "lacks `space`"),
        (["architecture=vae"], "only proxy_flow is packaged"),
        (["renders.count=78"], "at least 40 shards"),
        (["renders.between_count=0"], "between: null"),
        (["space=amsynth-16"], "has no kinds of sound"),
    ],
)
def test_what_cannot_be_built_is_named(more, message, tmp_path, caplog):
    assert Place(tmp_path).build(*more) == 2
    assert message in caplog.text and not list(tmp_path.iterdir())


@pytest.mark.parametrize("options", [("--minutes", "0"), ("--workers", "0")])
def test_a_number_that_makes_no_sense_is_named(options, tmp_path, caplog):
    assert Place(tmp_path).build(options=options) == 2
    assert options[0] in caplog.text


def one_thread(workers):
    from training.data.executors import thread_executor

    return thread_executor(1)
