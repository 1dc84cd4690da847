"""A Python without our packages, or too old for them: two lines that say what to do."""

import runpy
import subprocess
import sys

import pytest

from core.startup.missing_packages import explain
from tests.support.modules import ROOT

TRAIN = ["train.py", "configs/smoke.yaml"]
EVALUATE = ["evaluate.py", "table", "runs", "--out", "table.md"]  # fails late, in an import that torch delays


@pytest.mark.parametrize("command", [["run_server.py", "--panel"], TRAIN, EVALUATE, ["-m", "panel"]])
def test_a_command_names_the_package_and_the_step_that_installs_it(command):
    done = subprocess.run(
        [sys.executable, "-S", *command], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    what, step = done.stderr.splitlines()
    assert what.startswith("The package ") and sys.executable in what
    assert step.startswith("To play, run ") and "python -m pip install -e" in step
    assert (done.returncode, done.stdout) == (2, "")


def shown(error, capsys):
    """What is written about an error, and whether the program then ends by itself."""
    try:
        explain(type(error), error, error.__traceback__)
    except SystemExit as end:
        assert end.code == 2
        return capsys.readouterr().err, True
    return capsys.readouterr().err, False


def test_a_part_of_a_package_is_named_by_the_package(capsys):
    said, ends = shown(ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn"), capsys)
    assert ends and said.startswith("The package torch is not installed")


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'core.nothing'", name="core.nothing"),
        ModuleNotFoundError("made without a name"),
        ImportError("cannot import name 'x' from 'numpy'", name="numpy"),
        KeyError("numpy"),
    ],
)
def test_a_bug_of_ours_keeps_its_traceback(error, capsys):
    said, ends = shown(error, capsys)
    assert not ends and said.startswith(type(error).__name__)


def test_an_old_python_is_told_which_one_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(sys, "version", "3.9.18 (main)")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(SystemExit, match="2"):
        runpy.run_path(str(ROOT / "core" / "startup" / "missing_packages.py"))
    assert capsys.readouterr().err.startswith("This is Python 3.9.18 (")
