"""Every trial in the files beside this one, in memory and over real ports."""

from pathlib import Path

import pytest

from tests.trials.language import read_trials
from tests.trials.memory import MemoryStage
from tests.trials.play import play
from tests.trials.real import loop_back, server_for

TRIALS = [trial for path in sorted(Path(__file__).parent.glob("*.trials")) for trial in read_trials(path)]


def on(stage):
    found = [trial for trial in TRIALS if stage in trial.stages]
    return pytest.mark.parametrize("trial", found, ids=lambda trial: trial.title)


@on("memory")
def test_in_memory(trial, tiny, tmp_path, monkeypatch):
    play(trial, MemoryStage(tiny, tmp_path, trial, monkeypatch))


@pytest.mark.real
@on("real")
def test_over_real_ports(trial, shared, tiny, tmp_path):
    if trial.options or trial.loops:
        with loop_back(trial.loops), server_for(tiny, tmp_path, trial.options) as stage:
            play(trial, stage)
    else:
        with shared.cleared() as stage:
            play(trial, stage)
