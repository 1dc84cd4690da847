"""A whole training run: settings in, a trained model and its checkpoints out."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from models.paper.paper_model import PaperModel
from models.regression_flow import RegressionFlow
from training.architectures import TAGGED, check_architecture, new_model
from training.checkpoint import shrink_run
from training.data.dataset import Dataset, DatasetFolder
from training.data.split import split_shards
from training.data.tags import tag_rules, tags_of
from training.loop import Columns, learn
from training.paper_phase import PaperPhase
from training.phases import FlowPhase, ProxyPhase
from training.settings import TrainingSettings
from training.workers import Workers, joined_workers

__all__ = ["TAGS_FILE", "load_splits", "train"]

TAGS_FILE = "tags.yaml"  # of a Flow_dis run: names of the pairs, in the order of the first latents
_N_STANDARDISED = 20_000  # mels from which means and spreads are computed

logger = logging.getLogger(__name__)


def load_splits(settings: TrainingSettings) -> tuple[DatasetFolder, Dataset, Dataset]:
    """Read training and validation data.

    Raises:
        ConfigError: The dataset is missing, too small, or from another space.
    """
    folder = DatasetFolder(settings.data)
    if settings.space not in (None, folder.space.name):
        raise ConfigError(f"{settings.data} holds {folder.space.name}, but the run needs {settings.space}.")
    train, validation, _ = split_shards(folder.shards()[: settings.shards])
    if not validation:
        raise ConfigError(
            f"{settings.data} has {len(train)} shards. Training needs at least 40, so that some are held out."
        )
    return folder, folder.read(train), folder.read(validation)


def train(settings: TrainingSettings) -> Path:
    """Train every phase, and return the run's folder, which `training.runs.load_run` reads.

    Raises:
        BridgeError: Something in the settings or the data is wrong; the message says what to do.
    """
    check_architecture(settings.architecture)
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    run = settings.runs / settings.name
    with joined_workers() as workers:
        if not workers.first:
            logging.getLogger("training").setLevel(logging.WARNING)
        folder, data, validation = load_splits(settings)
        logger.info("%d patches for training, %d for validation", len(data), len(validation))
        tags = _Tags.of(folder, data, validation) if settings.architecture == TAGGED else None
        model = new_model(settings, folder, 0 if tags is None else len(tags.names))
        mels = torch.from_numpy(data.mels[:_N_STANDARDISED]).float()
        model.standardise(torch.from_numpy(data.patches), mels)
        model = model.to(workers.device)
        if workers.first:
            run.mkdir(parents=True, exist_ok=True)
            _write_yaml(run / "settings.yaml", _plain(settings))
            if tags is not None:
                _write_yaml(run / TAGS_FILE, list(tags.names))
        columns, watched = [data.patches, data.mels], [validation.patches, validation.mels]
        if isinstance(model, RegressionFlow):
            _learn_shipped(model, settings, folder, columns, watched, run, workers)
        else:
            if tags is not None:
                columns, watched = [*columns, tags.train], [*watched, tags.validation]
            _learn_paper(model, settings, columns, watched, run, workers)
    return run


def _learn_shipped(
    model: RegressionFlow,
    settings: TrainingSettings,
    folder: DatasetFolder,
    columns: Columns,
    watched: Columns,
    run: Path,
    workers: Workers,
) -> None:
    """Train the proxy, also on patches between sounds, then the flow."""
    heard = columns
    if settings.between is not None:
        between = DatasetFolder(settings.between)
        if between.space.name != folder.space.name:
            raise ConfigError(f"{settings.between} holds {between.space.name}, not {folder.space.name}.")
        more = between.read()
        heard = [np.concatenate(pair) for pair in zip(columns, (more.patches, more.mels), strict=True)]
        logger.info("%d more patches, between sounds, for the proxy", len(more))
    phases = (
        (ProxyPhase(model, folder.space), settings.proxy, heard),
        (FlowPhase(model, settings.weights), settings.flow, columns),
    )
    for phase, how, learned_from in phases:
        model.requires_grad_(False)
        for module in phase.modules():
            module.requires_grad_(True)
        learn(
            model,
            phase,
            how,
            learned_from,
            watched,
            folder=run,
            seed=settings.seed,
            bfloat16=settings.bfloat16,
            workers=workers,
        )


def _learn_paper(
    model: PaperModel,
    settings: TrainingSettings,
    columns: Columns,
    watched: Columns,
    run: Path,
    workers: Workers,
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
        workers=workers,
        begin=phase.begin,
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
