"""The stages of a build: each does one thing with a function that is there for it, and can be done again."""

import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import replace

from core.errors import ConfigError, RenderError
from core.space import ParameterSpace
from evaluation.packaging.package import package
from synths.catalog import facts_of
from synths.engine import Note
from synths.space_files import load_space
from training.architectures import SHIPPED
from training.build.budget import LEAST_OF, enough_shards
from training.build.state import model_folder, run_folder
from training.checkpoint import read_counters
from training.data.bank_patches import BankPatches
from training.data.dataset import DatasetFolder
from training.data.draw import Prior
from training.data.executors import process_executor
from training.data.patch_source import PatchSource, dataset_facts
from training.data.programs import read_programs
from training.data.render import drawn_source, render_dataset
from training.settings import PhaseSettings, TrainingSettings
from training.train import train

__all__ = ["check_buildable", "n_rendered", "open_dataset", "package_model", "render", "train_phase"]


def check_buildable(settings: TrainingSettings) -> ParameterSpace:
    """Return the space of a build.

    Raises:
        ConfigError: These settings cannot be built.
    """
    if settings.space is None:
        raise ConfigError("the configuration lacks `space`; add one, such as `space: vital-32`.")
    if settings.architecture != SHIPPED:
        raise ConfigError(
            f"only {SHIPPED} is packaged, not {settings.architecture}. Train it alone: "
            "python train.py CONFIG.yaml"
        )
    space, facts = load_space(settings.space), facts_of(load_space(settings.space))
    if facts.read_banks is not None and settings.programs is None and settings.kinds is None:
        raise ConfigError(
            f"{facts.title} has no kinds of sound to draw from. Render its presets with "
            "`python -m training.data.render --bank`, then use train.py."
        )
    renders = settings.renders
    if renders.shard_size < 1 or renders.count <= (LEAST_OF["renders"] - 1) * renders.shard_size:
        raise ConfigError(
            f"renders.count is {renders.count}, but training needs at least 40 shards of renders.shard_size "
            f"{renders.shard_size}. Raise renders.count or lower renders.shard_size."
        )
    if settings.between is not None and renders.between_count < 1:
        raise ConfigError("renders.between_count is below 1. Raise it, or set `between: null`.")
    return space


def open_dataset(settings: TrainingSettings, stage: str) -> DatasetFolder:
    """Open the dataset that a stage renders, or start it.

    Raises:
        ConfigError: The folder holds another dataset.
    """
    renders = settings.renders
    source = _source(settings, stage)
    facts = dataset_facts(
        source,
        seed=renders.seed if stage == "renders" else renders.between_seed,
        shard_size=renders.shard_size,
        note=renders.note,
        mel=renders.mel,
    )
    place = settings.data if stage == "renders" else settings.between
    assert place is not None
    return DatasetFolder.create(place, facts)


def n_rendered(settings: TrainingSettings, stage: str) -> int:
    """Return about how many patches are there of those that a stage renders."""
    place = settings.data if stage == "renders" else settings.between
    if place is None or not (place / "dataset.yaml").exists():
        return 0
    renders = settings.renders
    wanted = renders.count if stage == "renders" else renders.between_count
    return min(wanted, len(DatasetFolder(place).shards()) * renders.shard_size)


def render(
    settings: TrainingSettings,
    stage: str,
    *,
    workers: int,
    left_s: float | None,
    interrupted: Callable[[], bool],
) -> None:
    """Render what a dataset lacks, until it is complete or the time is over.

    Args:
        settings: Settings of the build.
        stage: `renders` or `between`.
        workers: Processes that render.
        left_s: Seconds that the stage has left; None is no limit.
        interrupted: Whether Ctrl-C was pressed; the shards in hand are then finished.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    folder, renders = open_dataset(settings, stage), settings.renders
    count, seed = renders.count, renders.seed
    if stage == "between":
        count, seed = renders.between_count, renders.between_seed
    there = len([shard for shard in folder.shards() if shard * renders.shard_size < count])
    if there * renders.shard_size >= count:
        return
    started_s = time.monotonic()

    def enough(begun: int) -> bool:
        if interrupted():
            return True
        elapsed_s = time.monotonic() - started_s
        return left_s is not None and enough_shards(begun, there, LEAST_OF[stage], workers, elapsed_s, left_s)

    try:
        with process_executor(workers) as executor:
            render_dataset(
                folder,
                _source(settings, stage),
                count=count,
                seed=seed,
                note=Note(**vars(renders.note)),
                executor=executor,
                shard_size=renders.shard_size,
                enough=enough,
            )
    except RenderError:
        if not interrupted():  # Ctrl-C reaches a process that has just started, too
            raise
    if interrupted():
        raise KeyboardInterrupt


def train_phase(settings: TrainingSettings, phase: str, left_s: float | None, command: str) -> None:
    """Train one phase, or go on with it.

    Args:
        settings: Settings of the build.
        phase: `proxy` or `flow`.
        left_s: Seconds that the stage has left; None leaves it to the settings.
        command: What is noted in the run as the command that trains it; nothing if empty.
    """
    if left_s is not None:
        counted_s = 0.0
        if (file := run_folder(settings) / f"{phase}.run.safetensors").exists():
            counted_s = float(read_counters(file)["seconds"])
        how: PhaseSettings = getattr(settings, phase)
        how = replace(how, minutes=(counted_s + left_s) / 60.0)
        settings = replace(settings, proxy=how) if phase == "proxy" else replace(settings, flow=how)
    train(settings, [phase], command=command)


def package_model(settings: TrainingSettings, workers: int) -> None:
    """Make the model folder, which takes the place of one that is there only when it is complete."""
    out = model_folder(settings)
    beside = out.parent / f".{out.name}.partial"
    shutil.rmtree(beside, ignore_errors=True)
    new, old = beside / out.name, beside / f"{out.name}.{secrets.token_hex(2)}.old"
    new.mkdir(parents=True)
    try:
        package(run_folder(settings), new, settings.package, workers=workers)
        if out.exists():
            out.rename(old)
        new.rename(out)
    finally:
        if old.exists() and not out.exists():
            old.rename(out)
        shutil.rmtree(beside, ignore_errors=True)


def _source(settings: TrainingSettings, stage: str) -> PatchSource:
    """Return where the patches of a stage come from."""
    space, renders = load_space(str(settings.space)), settings.renders
    if stage == "renders" and settings.programs is not None:
        presets = read_programs(settings.programs, space)
        return BankPatches(space, presets, seed=renders.seed, shard_size=renders.shard_size)
    between = 1.0 if stage == "between" else 0.0
    if settings.kinds is None:
        return drawn_source(space, between)
    return replace(Prior.for_space(space, settings.kinds), between=between)
