"""Every trial in the files beside this one, in memory and over real ports."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.rig.dummy_jack import dummy_jack
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


def test_over_real_ports_each_trial_has_addresses_of_its_own():
    sent = [
        {word for step in trial.steps for word in step.words[1:2] if word[0] == "/" and word[:6] != "/flow/"}
        for trial in TRIALS
        if "real" in trial.stages
    ]
    several = [address for address, n in Counter(a for one in sent for a in one).items() if n > 1]
    assert several == [], "the server remembers for 5 s who talks"


@pytest.mark.real
@on("real")
def test_over_real_ports(trial, shared, tiny, tmp_path):
    if trial.loops:
        # Where a loop-back client has ended, a JACK that waits for late clients accepts no others any more.
        with (
            dummy_jack(period=1_024, waits=False),
            loop_back(trial.loops),
            server_for(tiny, tmp_path, trial.options) as stage,
        ):
            play(trial, stage)
    elif trial.options:
        with server_for(tiny, tmp_path, trial.options) as stage:
            play(trial, stage)
    else:
        with shared.cleared() as stage:
            play(trial, stage)
