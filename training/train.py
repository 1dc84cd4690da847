"""A whole training run: settings in, a trained model and its checkpoints out."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from models.paper.paper_model import PaperModel
from models.regression_flow import RegressionFlow
from synths.space_files import load_space
from training.architectures import SHIPPED, TAGGED, check_architecture, new_model
from training.batches import Columns
from training.checkpoint import load_weights, shrink_run
from training.commands import note_command
from training.data.dataset import Dataset, DatasetFolder, read_together
from training.data.split import LEAST_SHARDS, split_shards
from training.data.tags import tag_rules, tags_of
from training.loop import learn
from training.paper_phase import PaperPhase
from training.phases import FlowPhase, Phase, ProxyPhase
from training.settings import PhaseSettings, TrainingSettings
from training.workers import Workers, joined_workers

__all__ = ["TAGS_FILE", "load_splits", "train"]

TAGS_FILE = "tags.yaml"  # of a Flow_dis run: names of the pairs, in the order of the first latents
_N_STANDARDISED = 20_000  # mels from which means and spreads are computed

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Splits:
    """The data of a run.

    Attributes:
        folder: The dataset.
        train, validation: Its two parts that are learned from and watched.
        heard: What the proxy learns from: `train`, then patches between sounds and answers, in the same
            arrays.
    """

    folder: DatasetFolder
    train: Dataset
    validation: Dataset
    heard: Dataset


def load_splits(settings: TrainingSettings) -> _Splits:
    """Read training and validation data.

    Raises:
        ConfigError: A dataset is missing, too small, or from another space.
    """
    folder = DatasetFolder(settings.data)
    if settings.space is not None and load_space(settings.space).name != folder.space.name:
        raise ConfigError(f"{settings.data} holds {folder.space.name}, but the run needs {settings.space}.")
    train, validation, _ = split_shards(folder.shards()[: settings.shards])
    if not validation:
        raise ConfigError(
            f"{settings.data} has {len(train)} shards, but some can be held out only from {LEAST_SHARDS} on. "
            f"Render up to --count {LEAST_SHARDS * int(folder.facts['shard_size'])} and train again."
        )
    parts: list[tuple[DatasetFolder, list[int] | None]] = [(folder, train)]
    for place in (settings.between, settings.answers):
        if place is not None and settings.architecture == SHIPPED:
            more = DatasetFolder(place)
            if more.space.name != folder.space.name:
                raise ConfigError(f"{place} holds {more.space.name}, not {folder.space.name}.")
            parts.append((more, None))
    heard = read_together(parts)
    # A shard may hold fewer patches than the others.
    n = len(heard) if len(parts) == 1 else sum(folder.n_patches(shard) for shard in train)
    return _Splits(folder, heard[:n], folder.read(validation), heard)


def train(settings: TrainingSettings, phases: Sequence[str] | None = None, *, command: str = "") -> Path:
    """Train every phase, and return the run's folder, which `training.runs.load_run` reads.

    Args:
        settings: Settings of the run.
        phases: Names of the phases to train, of the shipped model's; by default all of them.
        command: What is noted in the run as the command that trains it; nothing if empty.

    Raises:
        BridgeError: Something in the settings or the data is wrong; the message says what to do.
    """
    check_architecture(settings.architecture)
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    run, started = settings.runs / settings.name, time.monotonic()
    with joined_workers(settings.device) as workers:
        if not workers.first:
            logging.getLogger("training").setLevel(logging.WARNING)
        splits = load_splits(settings)
        folder, data, validation = splits.folder, splits.train, splits.validation
        n_more = len(splits.heard) - len(data)
        more = f", {n_more:,} more for the proxy" if n_more else ""
        logger.info("%s patches for training, %d for validation%s", f"{len(data):,}", len(validation), more)
        tags = _Tags.of(folder, data, validation) if settings.architecture == TAGGED else None
        model = new_model(settings, folder, 0 if tags is None else len(tags.names))
        _standardise(model, data)
        if settings.begin_from is not None:
            _begin_from(settings.begin_from, model)
        model = model.to(workers.device)
        if workers.first:
            run.mkdir(parents=True, exist_ok=True)
            _write_yaml(run / "settings.yaml", _plain(settings))
            note_command(run, command)
            if tags is not None:
                _write_yaml(run / TAGS_FILE, list(tags.names))
        if isinstance(model, RegressionFlow):
            _learn_shipped(model, settings, splits, run, workers, phases, started)
        else:
            columns, watched = [data.patches, data.mels], [validation.patches, validation.mels]
            if tags is not None:
                columns, watched = [*columns, tags.train], [*watched, tags.validation]
            _learn_paper(model, settings, columns, watched, run, workers, started)
    return run


def _standardise(model: RegressionFlow | PaperModel, data: Dataset) -> None:
    patches = torch.from_numpy(data.patches)
    some = data[:_N_STANDARDISED]
    mels = torch.from_numpy(some.mels).float()
    if isinstance(model, RegressionFlow):
        model.standardise(patches, mels, torch.from_numpy(some.fine).float())
    else:
        model.standardise(patches, mels)


def _begin_from(run: Path, model: RegressionFlow | PaperModel) -> None:
    """Read the weights of a finished run."""
    last = "flow" if isinstance(model, RegressionFlow) else PaperPhase.name
    best = run / f"{last}.best.safetensors"
    if not best.is_file():
        raise ConfigError(
            f"{run} holds no finished run to begin from. Train it first, or leave begin_from out."
        )
    load_weights(best, model)


def _columns(data: Dataset, phase: Phase) -> Columns:
    return [getattr(data, name) for name in phase.columns]


def _learn_shipped(
    model: RegressionFlow,
    settings: TrainingSettings,
    splits: _Splits,
    run: Path,
    workers: Workers,
    names: Sequence[str] | None,
    started: float,
) -> None:
    """Train the proxy, also on patches between sounds and on answers, then the flow."""
    phases: tuple[tuple[Phase, PhaseSettings, Dataset], ...] = (
        (ProxyPhase(model, splits.folder.space), settings.proxy, splits.heard),
        (FlowPhase(model, settings.weights), settings.flow, splits.train),
    )
    for phase, how, learned_from in phases:
        if names is not None and phase.name not in names:
            # It is done, or it comes later. What it learned is in the weights of the next phase, too.
            if (best := run / f"{phase.name}.best.safetensors").exists():
                load_weights(best, model)
            continue
        model.requires_grad_(False)
        for module in phase.modules():
            module.requires_grad_(True)
        learn(
            model,
            phase,
            how,
            _columns(learned_from, phase),
            _columns(splits.validation, phase),
            folder=run,
            seed=settings.seed,
            bfloat16=settings.bfloat16,
            compiled=settings.compiled,
            workers=workers,
            spent_s=time.monotonic() - started,
        )
        started = time.monotonic()


def _learn_paper(
    model: PaperModel,
    settings: TrainingSettings,
    columns: Columns,
    watched: Columns,
    run: Path,
    workers: Workers,
    started: float,
) -> None:
    """Train one of the paper's models, end to end."""
    phase = PaperPhase(model, settings.recipe.warm_up)
    learn(
        model,
        phase,
        settings.recipe,
        columns,
        watched,
        folder=run,
        seed=settings.seed,
        bfloat16=settings.bfloat16,
        compiled=settings.compiled,
        workers=workers,
        begin=phase.begin,
        spent_s=time.monotonic() - started,
    )
    if workers.first:  # nine models by three seeds would fill a disk
        shrink_run(run / f"{phase.name}.run.safetensors")


@dataclass(frozen=True)
class _Tags:
    """Tags of every sound, `(N, n_tags)`: which word of each pair fits."""

    names: tuple[str, ...]
    train: np.ndarray
    validation: np.ndarray

    @classmethod
    def of(cls, folder: DatasetFolder, train: Dataset, validation: Dataset) -> "_Tags":
        """Tag both parts by the rules made from the first."""
        held = float(folder.facts["note"]["held_seconds"])
        rules = tag_rules(train, folder.mel, held)
        names, tags = tags_of(train, folder.mel, held, rules)
        return cls(names, tags, tags_of(validation, folder.mel, held, rules)[1])


def _write_yaml(path: Path, value: object) -> None:
    write_atomically(path, yaml.safe_dump(value, sort_keys=False))


def _plain(value: object) -> object:
    if hasattr(value, "__dataclass_fields__"):
        return {k: _plain(getattr(value, k)) for k in value.__dataclass_fields__}
    return str(value) if isinstance(value, Path) else value
