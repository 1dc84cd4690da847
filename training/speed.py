"""How fast each model learns here, a table for docs/training.md: `python -m training.speed --data FOLDER`."""

import argparse
import itertools
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from core.command import exit_status
from core.config import build, merge, read_settings
from core.tags import TAG_NAMES
from models.paper.paper_model import PaperModel
from training.architectures import ARCHITECTURES, SHIPPED, TAGGED, new_model
from training.data.dataset import Dataset, DatasetFolder
from training.paper_phase import PaperPhase
from training.phases import FlowPhase, Phase, ProxyPhase
from training.settings import PhaseSettings, TrainingSettings
from training.workers import joined_workers

__all__ = ["learning_speed"]

_N_TAGS = len(TAG_NAMES)
_WAYS = {  # whether in bfloat16, and whether channels come last
    "32 bits": (False, False),
    "32 bits, channels last": (False, True),
    "bfloat16": (True, False),
    "bfloat16, channels last": (True, True),
}


def learning_speed(settings: TrainingSettings, folder: DatasetFolder, seconds: float = 6.0) -> float:
    """Return how many sounds a second a model learns from; of the shipped one, over both of its phases.

    Args:
        settings: Settings of a run; its threads, device, sizes and batch count.
        folder: Its dataset, of which one shard is read.
        seconds: How long to measure, after a first step.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    data = folder.read(folder.shards()[:1])
    with joined_workers(settings.device) as workers:
        model = new_model(settings, folder, _N_TAGS if settings.architecture == TAGGED else 0)
        model = model.to(workers.device)
        phases: tuple[tuple[Phase, PhaseSettings], ...]
        if isinstance(model, PaperModel):
            phases = ((PaperPhase(model, settings.recipe.warm_up), settings.recipe),)
        else:
            phases = (
                (ProxyPhase(model, folder.space), settings.proxy),
                (FlowPhase(model, settings.weights), settings.flow),
            )
        each = []
        for phase, how in phases:
            model.requires_grad_(False)
            each.append(_speed(phase, how, settings, data, workers.device, seconds / len(phases)))
    epochs = [how.epochs for _, how in phases]
    return sum(epochs) / sum(n / speed for n, speed in zip(epochs, each, strict=True))


def _speed(
    phase: Phase,
    how: PhaseSettings,
    settings: TrainingSettings,
    data: Dataset,
    device: torch.device,
    seconds: float,
) -> float:
    parameters = [p for module in phase.modules() for p in module.train().requires_grad_(True).parameters()]
    optimizer = torch.optim.AdamW(parameters, how.learning_rate)
    rows = np.resize(np.arange(len(data)), how.batch)
    columns = [torch.from_numpy(getattr(data, name)[rows]).float().to(device) for name in phase.columns]
    if settings.architecture == TAGGED:
        columns.append(torch.ones(how.batch, _N_TAGS, device=device))
    started = time.monotonic()
    for step in itertools.count():
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.bfloat16):
            total = phase.losses(*columns)["total"]
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        if step == 0:  # what is done once, such as choosing kernels
            started = time.monotonic()
        elif time.monotonic() - started >= seconds:
            return step * how.batch / (time.monotonic() - started)
    raise AssertionError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument("--models", nargs="+", default=list(ARCHITECTURES), metavar="MODEL")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement (%(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="assignments")
    args = parser.parse_args(arguments)
    return exit_status(partial(_run, args))


def _run(args: argparse.Namespace) -> None:
    folder = DatasetFolder(args.data)
    sys.stdout.write("| model | parameters, millions | " + " | ".join(_WAYS) + " |\n")
    sys.stdout.write("| --- | --: |" + " --: |" * len(_WAYS) + "\n")
    for name in args.models:
        configs = [] if name == SHIPPED else [Path(__file__).parents[1] / "configs" / "paper.yaml"]
        chosen = merge(read_settings(configs), {"name": name, "architecture": name})
        settings = build(TrainingSettings, merge(chosen, read_settings([], args.assignments)))
        size = sum(p.numel() for p in new_model(settings, folder, _N_TAGS).parameters())
        cells = []
        for bfloat16, channels_last in _WAYS.values():
            way = replace(settings, bfloat16=bfloat16, channels_last=channels_last)
            cells.append(f"{learning_speed(way, folder, args.seconds):.0f}")
        sys.stdout.write(f"| {name} | {size / 1e6:.1f} | {' | '.join(cells)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
