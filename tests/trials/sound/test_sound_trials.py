"""Every trial of microphones and files in the files beside this one."""

import importlib.util
from pathlib import Path

import pytest

from tests.trials.language import read_trials
from tests.trials.sound.stage import SoundStage

TRIALS = [trial for path in sorted(Path(__file__).parent.glob("*.trials")) for trial in read_trials(path)]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.title)
def test_as_it_was_met(trial, tiny, tmp_path, monkeypatch):
    kinds = {step.words[2] for step in trial.steps if step.words[0] == "file"}
    if kinds & {"m4a", "webm"} and importlib.util.find_spec("av") is None:
        pytest.skip("no PyAV: python -m pip install av")
    SoundStage(tiny, tmp_path, monkeypatch).play(trial)
