"""A command that is given a damaged model says so in a line, and ends with 2: no traceback, no gigabytes."""

import os
import shutil

import pytest
import yaml

import run_server
from calibration.macros import main as calibrate
from core.errors import BridgeError
from models.folder import ModelFolder
from models.torch_folder import load_regression_flow
from tests.support.live import free_port
from tests.support.tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("models") / "small", n=16, n_presets=2)


def with_head(folder, to, **changes):
    shutil.copytree(folder, to)
    head = yaml.safe_load((to / "model.yaml").read_text())
    for dotted, value in changes.items():
        *above, last = dotted.split("__")
        node = head
        for key in above:
            node = node.setdefault(key, {})
        node[last] = value
    (to / "model.yaml").write_text(yaml.safe_dump(head))
    return to


def without_head(folder, to):
    shutil.copytree(folder, to)
    (to / "model.yaml").unlink()
    return to


def with_pipe(folder, to):
    os.mkfifo(without_head(folder, to) / "model.yaml")
    return to


class NoSignals:
    def __init__(self, stop):
        self.watch = lambda: None


DAMAGED = {
    "no such name": lambda small, to: "x",
    "a name longer than a path": lambda small, to: "x" * 5_000,
    "a zero in the name": lambda small, to: "a\0b",
    "an empty folder": lambda small, to: to.mkdir() or to,
    "no head": without_head,
    "a pipe": with_pipe,
    "a head of another kind": lambda small, to: with_head(small, to, space=3),
    "sizes beyond any memory": lambda small, to: with_head(small, to, architecture={"flow_hidden": 10**12}),
    "a sound of no time": lambda small, to: with_head(small, to, mel__n_frames=0),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("command", ["run_server", "calibration.macros"])
def test_a_command_refuses_a_damaged_model_in_a_line(small, tmp_path, damage, command, capsys, monkeypatch):
    monkeypatch.setattr("server.start.Ending", NoSignals)  # they are pytest's
    model = str(DAMAGED[damage](small, tmp_path / "m"))
    if command == "run_server":
        given = ["--model", model, "--port", str(free_port()), "--data", str(tmp_path / "data")]
        status = run_server.main(given)
    else:
        status = calibrate(["--model", model])
    said = capsys.readouterr().err
    assert status == 2 and 0 < said.count("\n") < 4 and len(said) < 6_000, said


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mel__n_mels", 10**12),
        ("mel__sample_rate", 0),
        ("mel__hop_samples", -4),
        ("architecture__proxy_width", 10**9),
    ],
)
def test_no_size_in_a_file_fills_the_memory(small, tmp_path, key, value):
    with pytest.raises(BridgeError, match="cannot be"):
        ModelFolder.load(with_head(small, tmp_path / "m", **{key: value}))


def test_networks_that_the_weights_do_not_fit_are_refused(small, tmp_path):
    folder = ModelFolder.load(small)
    with pytest.raises(BridgeError):
        load_regression_flow(folder)
