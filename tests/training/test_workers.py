"""Two workers learn one model: the real torchrun and gloo, killed half-way, gone on with."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from safetensors.torch import load_file

from tests.support.tiny_dataset import write_tiny_dataset
from training.checkpoint import read_counters
from training.runs import load_run
from training.workers import ALONE

ROOT = Path(__file__).parents[2]
EPOCHS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_dataset(tmp_path_factory.mktemp("data"))


def torchrun(folder, runs, log):
    """Two workers that learn a small VAE: batch normalization, dropout and draws, none of them alike."""
    sizes = ("width=32", "channels=4", "convolutions=2", "regressor_width=16")
    sets = [f"paper.{size}" for size in sizes]
    sets += [f"data={folder.path}", f"runs={runs}", f"recipe.epochs={EPOCHS}", "threads=1", "shards=40"]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["train.py", "configs/paper.yaml", "configs/vae.yaml"]
    command += [word for assignment in sets for word in ("--set", assignment)]
    return subprocess.Popen(command, cwd=ROOT, stderr=log, stdout=log)


def finish(process, log):
    assert process.wait(240) == 0, Path(log.name).read_text("utf-8")[-2_000:]


def kill(process):
    """End a process and all that it started, at once."""
    family = [process, *psutil.Process(process.pid).children(recursive=True)]
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            pass
    process.wait(30)


def test_two_workers_killed_half_way_learn_what_they_would_have_learned(folder, tmp_path):
    page = tmp_path / "parts" / "vae" / "model.run.safetensors"
    with (tmp_path / "log.txt").open("w", encoding="utf-8") as log:
        whole = torchrun(folder, tmp_path / "whole", log)
        finish(whole, log)
        process = torchrun(folder, tmp_path / "parts", log)
        deadline = time.monotonic() + 240
        while not (page.exists() and read_counters(page)["epoch"] >= 2):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        kill(process)
        stopped = read_counters(page)
        finish(torchrun(folder, tmp_path / "parts", log), log)
    assert 2 <= stopped["epoch"] <= EPOCHS
    runs = [tmp_path / part / "vae" for part in ("whole", "parts")]
    ends = [read_counters(run / "model.run.safetensors") for run in runs]
    assert [end["epoch"] for end in ends] == [EPOCHS, EPOCHS]
    assert ends[1]["best"] == pytest.approx(ends[0]["best"], rel=1e-4)
    weights = [load_file(run / "model.best.safetensors") for run in runs]
    for name, value in weights[0].items():
        torch.testing.assert_close(weights[1][name], value, atol=1e-3, rtol=1e-3)
    answers = [load_run(run).answers(folder.read([39]).mels) for run in runs]
    np.testing.assert_allclose(answers[0], answers[1], atol=1e-3)


def test_one_worker_alone_needs_no_group():
    module = torch.nn.Linear(2, 2)
    assert ALONE.together(module) is module
    assert ALONE.agree(1.5, 2.0) == (1.5, 2.0)
    ALONE.wait()
    assert ALONE.first
