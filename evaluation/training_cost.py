"""What a finished run cost: size, time, and passes through its data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.evaluated_model import EvaluatedModel
from training.architectures import SHIPPED
from training.checkpoint import read_counters
from training.data.split import split_shards
from training.settings import PhaseSettings

__all__ = ["TrainingCost", "training_cost"]


@dataclass(frozen=True, kw_only=True)
class TrainingCost:
    """What training one model cost, mean over its seeds.

    Attributes:
        parameters: Number of network parameters.
        minutes: Training time, wall clock.
        passes: Passes through the training sounds; for the shipped model, of proxy and flow together.
    """

    parameters: int
    minutes: float
    passes: float


def training_cost(runs: Sequence[EvaluatedModel]) -> TrainingCost:
    """Read what the runs of one model cost."""
    rows = [_of_one(run) for run in runs]
    return TrainingCost(
        parameters=rows[0].parameters,
        minutes=float(np.mean([row.minutes for row in rows])),
        passes=float(np.mean([row.passes for row in rows])),
    )


def _of_one(model: EvaluatedModel) -> TrainingCost:
    run = model.run
    assert run is not None
    settings = run.settings
    phases: dict[str, PhaseSettings] = (
        {"proxy": settings.proxy, "flow": settings.flow}
        if settings.architecture == SHIPPED
        else {"model": settings.recipe}
    )
    train, *_ = split_shards(run.folder.shards()[: settings.shards])
    n_sounds = len(run.folder.read(train))
    seconds, passes = 0.0, 0.0
    for name, phase in phases.items():
        counters = read_counters(settings.runs / settings.name / f"{name}.run.safetensors")
        seconds += float(counters["seconds"])
        passes += float(counters["epoch"]) * (phase.turn_sounds or n_sounds) / n_sounds
    parameters = sum(p.numel() for p in run.model.parameters())
    return TrainingCost(parameters=parameters, minutes=seconds / 60.0, passes=passes)
