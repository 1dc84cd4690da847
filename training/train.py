"""A whole run: settings in, a trained model and its checkpoints out."""

import logging
from pathlib import Path

import torch
import yaml

from core.errors import ConfigError
from models.regression_flow import RegressionFlow
from synths.catalog import load_space
from training.dataset import Dataset, DatasetFolder
from training.loop import learn
from training.phases import FlowPhase, ProxyPhase
from training.settings import TrainingSettings
from training.split import split_shards

__all__ = ["load_splits", "new_model", "train"]

logger = logging.getLogger(__name__)


def load_splits(settings: TrainingSettings) -> tuple[DatasetFolder, Dataset, Dataset]:
    """Read training and validation data.

    Raises:
        ConfigError: The dataset is missing, too small, or of another space.
    """
    folder = DatasetFolder(settings.data)
    if folder.space.name != settings.space:
        raise ConfigError(f"{settings.data} holds {folder.space.name}, but the run wants {settings.space}.")
    train, validation, _ = split_shards(folder.shards()[: settings.shards])
    if not validation:
        raise ConfigError(
            f"{settings.data} has {len(train)} shards; training needs 40 at least, so that some are held out."
        )
    return folder, folder.read(train), folder.read(validation)


def new_model(settings: TrainingSettings, folder: DatasetFolder, data: Dataset) -> RegressionFlow:
    """Make an untrained model with means and spreads taken from the data."""
    torch.manual_seed(settings.seed)
    space = load_space(settings.space)
    model = RegressionFlow(len(space), folder.mel, settings.model, settings.seed)
    model.standardise(torch.from_numpy(data.patches), torch.from_numpy(data.mels[:20_000]).float())
    return model


def train(settings: TrainingSettings) -> Path:
    """Learn the proxy, then the flow; gives the run's folder with `model.safetensors` in it.

    Raises:
        BridgeError: Something in settings or data is wrong; the message says what to do.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    run = settings.runs / settings.name
    folder, data, validation = load_splits(settings)
    logger.info("%d patches to learn from, %d to watch", len(data), len(validation))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = new_model(settings, folder, data).to(device)
    run.mkdir(parents=True, exist_ok=True)
    (run / "settings.yaml").write_text(yaml.safe_dump(_plain(settings), sort_keys=False), "utf-8")
    phases = (
        (ProxyPhase(model, folder.space, folder.mel.floor), settings.proxy),
        (FlowPhase(model, settings.weights), settings.flow),
    )
    for phase, how in phases:
        for module in phase.modules():
            module.requires_grad_(True)
        learn(
            model,
            phase,
            how,
            data,
            validation,
            folder=run,
            seed=settings.seed,
            bfloat16=settings.bfloat16,
        )
    return run


def _plain(value: object) -> object:
    if hasattr(value, "__dataclass_fields__"):
        return {k: _plain(getattr(value, k)) for k in value.__dataclass_fields__}
    return str(value) if isinstance(value, Path) else value
