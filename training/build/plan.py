"""What a build will do: each stage with its time, size and place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.descriptors import DESCRIPTOR_NAMES
from core.space import ParameterSpace
from evaluation.packaging.size import RENDERS_A_SECOND, n_package_renders
from models.regression_flow import RegressionFlow
from training.build.budget import SHARES
from training.build.state import model_folder, run_folder, stages_of
from training.settings import PhaseSettings, TrainingSettings

__all__ = ["PlannedStage", "plan", "plan_lines"]

_TITLES = {
    "renders": "renders",
    "between": "between sounds",
    "proxy": "proxy",
    "flow": "flow",
    "package": "package",
}
# Rough figures of a processor of today; docs/training.md has measured ones.
_SHARD_S = 0.2  # and core: an engine of its own
_START_S = {"renders": 4.0, "between": 4.0, "package": 8.0}  # of processes, and of what is loaded first
_STEP_S = {"cpu": 0.01, "cuda": 0.01}  # of training, whatever its size
_FLOPS = {"cpu": 3e10, "cuda": 3e13}
_FLOPS_A_PARAMETER = 6.0  # and sound: forward, and twice that backward
_NEAREST_S = 0.007  # a sound and core, to make the bank and to find the nearest renders
_BANK_BYTES = 30.6  # a training render
_WEIGHT_BYTES = 1.07  # a byte each, and the flow in float32
_TRAINED, _HELD_OUT = 38 / 40, 1 / 40


@dataclass(frozen=True)
class PlannedStage:
    """What one stage of a build takes.

    Attributes:
        stage: Its name.
        seconds: It is expected to take.
        megabytes: Of what it writes.
        place: Where that lies.
        done: Whether it is finished.
        most: Whether `seconds` are a limit.
    """

    stage: str
    seconds: float
    megabytes: float
    place: Path
    done: bool
    most: bool


def plan(
    settings: TrainingSettings,
    space: ParameterSpace,
    *,
    workers: int,
    device: str,
    done: Sequence[str],
    there: Mapping[str, int],
    left: Mapping[str, float] | None,
) -> list[PlannedStage]:
    """Return what each stage will take.

    Args:
        settings: Settings of the build.
        space: Space of the patches.
        workers: Processes that render.
        device: What is trained on, `cpu` or `cuda`.
        done: Stages that are finished.
        there: Patches that are rendered already, of each stage that renders.
        left: With a budget, seconds that each unfinished stage has left.
    """
    renders, mel = settings.renders, settings.renders.mel
    wanted = {"renders": renders.count, "between": renders.between_count}
    sounds = dict(wanted)
    for stage in wanted:
        if stage in done:
            sounds[stage] = there[stage]
        elif left is not None:
            within = there[stage] + left.get(stage, 0.0) * RENDERS_A_SECOND * workers
            sounds[stage] = round(min(wanted[stage], max(within, 1)))
    if settings.between is None:
        sounds["between"] = 0
    n_train = round(sounds["renders"] * _TRAINED)
    model = RegressionFlow(space, mel, settings.model, settings.seed, renders.note.held_seconds)
    n_weights = sum(p.numel() for p in model.parameters())
    n_proxy = sum(p.numel() for p in model.proxy.parameters())
    sound_bytes = 2 * mel.n_mels * mel.n_frames + 4 * (len(space) + len(DESCRIPTOR_NAMES) + 1)

    def one(stage: str) -> PlannedStage:
        most, size = False, 0.0
        match stage:
            case "renders" | "between":
                missing = max(0, sounds[stage] - there[stage])
                one_s = renders.note.seconds / 4.0 / RENDERS_A_SECOND + _SHARD_S / renders.shard_size
                seconds = missing * one_s / workers + (_START_S[stage] if missing else 0.0)
                size = sounds[stage] * sound_bytes
                place = settings.data if stage == "renders" else settings.between or settings.data
            case "proxy" | "flow":
                how = settings.proxy if stage == "proxy" else settings.flow
                n = n_train + (sounds["between"] if stage == "proxy" else 0)
                seconds = _training_s(how, n, n_proxy if stage == "proxy" else n_weights, device)
                most = how.minutes is not None and seconds > 60.0 * how.minutes
                seconds = min(seconds, 60.0 * (how.minutes or float("inf")))
                size, place = 16.0 * n_weights, run_folder(settings)  # weights, best weights and two moments
            case _:
                rendered_s = n_package_renders(settings.package) / (RENDERS_A_SECOND * workers)
                seconds = _START_S[stage] + rendered_s + n_train * _NEAREST_S / workers
                size, place = _WEIGHT_BYTES * n_weights + _BANK_BYTES * n_train, model_folder(settings)
        if left is not None and stage != "package" and stage in left:
            most = most or seconds > left[stage]
            seconds = min(seconds, left[stage])
        return PlannedStage(stage, max(seconds, 0.0), size / 1e6, place, stage in done, most)

    return [one(stage) for stage in SHARES if stage in stages_of(settings)]


def plan_lines(stages: Sequence[PlannedStage]) -> list[str]:
    """Return a plan as lines of text."""
    lines = []
    for each in stages:
        taken = "done" if each.done else f"{'at most' if each.most else 'about'} {_spoken(each.seconds)}"
        lines.append(f"{_TITLES[each.stage]:<16}{taken:<18}{each.megabytes:>9,.1f} MB  {each.place}")
    left = sum(each.seconds for each in stages if not each.done)
    return [*lines, f"{'together':<16}{'done' if left == 0.0 else 'about ' + _spoken(left)}"]


def _training_s(how: PhaseSettings, n: int, n_weights: int, device: str) -> float:
    steps = how.epochs * max(1, round(n / how.batch))
    return steps * (_STEP_S[device] + _FLOPS_A_PARAMETER * n_weights * how.batch / _FLOPS[device])


def _spoken(seconds: float) -> str:
    if seconds < 90.0:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60.0:.1f} min" if seconds < 5_400.0 else f"{seconds / 3_600.0:.1f} h"
