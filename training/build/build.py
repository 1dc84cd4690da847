"""A build from beginning to end: what is not done yet, stage by stage."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm.contrib.logging import logging_redirect_tqdm

from core.command import held_interrupt
from evaluation.packaging.size import n_package_renders
from synths.catalog import load_engine
from training.build.budget import allotted_seconds
from training.build.plan import plan, plan_lines
from training.build.results import write_results
from training.build.stages import (
    check_buildable,
    n_rendered,
    open_dataset,
    package_model,
    render,
    train_phase,
)
from training.build.state import (
    BuildState,
    check_settings,
    model_folder,
    run_folder,
    stage_settings,
    stages_of,
)
from training.data.progress import progress_to
from training.settings import TrainingSettings
from training.stage_bar import StageBar
from training.workers import joined_workers

__all__ = ["build_model"]

logger = logging.getLogger(__name__)


def build_model(
    settings: TrainingSettings,
    *,
    workers: int,
    minutes: float | None = None,
    results: Path | None = None,
    command: str = "",
) -> Path:
    """Do every stage that is not finished, and return the model folder.

    Args:
        settings: Settings of the build.
        workers: Processes, and engines, that render.
        minutes: Budget of all stages, over all calls together; None leaves it to the settings.
        results: Folder for the files to take along; None writes none.
        command: What is noted in the run as the command that trains it; nothing if empty.

    Raises:
        BridgeError: Something in the settings or the data is wrong; the message says what to do.
        KeyboardInterrupt: Ctrl-C was pressed; what was done is kept.
    """
    space = check_buildable(settings)
    with joined_workers(settings.device) as joined:  # fail at once if there is no such device
        device = joined.device.type
    state = BuildState.read(run_folder(settings))
    check_settings(settings, state)
    done = state.done(settings)
    for stage in ("renders", "between"):
        if stage in stages_of(settings) and stage not in done:
            open_dataset(settings, stage)
            load_engine(space, settings.renders.mel.sample_rate)  # fail at once if the synth is missing
    stages = plan(
        settings,
        space,
        workers=workers,
        device=device,
        done=done,
        there={stage: n_rendered(settings, stage) for stage in ("renders", "between")},
        left=None if minutes is None else _left_seconds(minutes, settings, state, done),
    )
    for line in plan_lines(stages):
        logger.info("%s", line)
    if len(done) < len(stages):
        planned = {each.stage: each.seconds for each in stages if not each.done}
        with held_interrupt() as interrupted, logging_redirect_tqdm():
            bar = StageBar(planned, interrupted)
            try:
                with progress_to(bar):
                    _Build(settings, state, workers, minutes, bar, interrupted, command).run(planned)
            finally:
                bar.close()
    if results is not None:
        write_results(run_folder(settings), model_folder(settings), results)
    return model_folder(settings)


def _left_seconds(
    minutes: float, settings: TrainingSettings, state: BuildState, done: Sequence[str]
) -> dict[str, float]:
    """Return the seconds that each unfinished stage has left of the budget."""
    allotted = allotted_seconds(minutes, stages_of(settings), state.seconds, done)
    return {stage: max(0.0, s - state.seconds.get(stage, 0.0)) for stage, s in allotted.items()}


@dataclass(frozen=True)
class _Build:
    """A build in hand; see `build_model`."""

    settings: TrainingSettings
    state: BuildState
    workers: int
    minutes: float | None
    bar: StageBar
    interrupted: Callable[[], bool]
    command: str

    def run(self, planned: dict[str, float]) -> None:
        """Do the unfinished stages, and write down each that is finished and the time that it took."""
        settings, state, run = self.settings, self.state, run_folder(self.settings)
        if settings.threads is not None:
            torch.set_num_threads(settings.threads)
        todo = list(planned)
        for stage in stages_of(settings):
            if stage in todo:
                state.finished.pop(stage, None)
        for at, stage in enumerate(todo):
            done = [each for each in stages_of(settings) if each not in todo[at:]]
            left_s = None
            if self.minutes is not None:
                left_s = _left_seconds(self.minutes, settings, state, done)[stage]
            expected = n_package_renders(settings.package) if stage == "package" else None
            self.bar.begin(stage, planned[stage], expected_steps=expected)
            started = time.monotonic()
            try:
                self._do(stage, left_s)
                state.finished[stage] = stage_settings(settings, stage)
            finally:
                took = time.monotonic() - started
                state.seconds[stage] = state.seconds.get(stage, 0.0) + took
                state.write(run)
            self.bar.end()
            if self.interrupted() and stage != todo[-1]:
                raise KeyboardInterrupt

    def _do(self, stage: str, left_s: float | None) -> None:
        match stage:
            case "renders" | "between":
                render(
                    self.settings,
                    stage,
                    workers=self.workers,
                    left_s=left_s,
                    interrupted=self.interrupted,
                )
            case "proxy" | "flow":
                train_phase(self.settings, stage, left_s, self.command)
            case _:
                package_model(self.settings, self.workers)
