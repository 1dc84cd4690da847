"""The models that can be trained, by name: the one that ships, and the paper's nine."""

import torch

from core.errors import ConfigError
from core.nearest import did_you_mean
from models.paper.catalog import PAPER_MODELS, new_paper_model
from models.paper.paper_model import PaperModel
from models.regression_flow import RegressionFlow
from training.data.dataset import DatasetFolder
from training.settings import TrainingSettings

__all__ = ["ARCHITECTURES", "SHIPPED", "TAGGED", "check_architecture", "new_model"]

SHIPPED = "proxy_flow"
ARCHITECTURES = (*PAPER_MODELS, SHIPPED)
TAGGED = "flow_dis"  # the one that listens to tags


def check_architecture(name: str) -> None:
    """Do nothing if there is such an architecture.

    Raises:
        ConfigError: There is none; the message names the nearest.
    """
    if name not in ARCHITECTURES:
        raise ConfigError(f"there is no architecture '{name}'; {did_you_mean(name, ARCHITECTURES)}")


def new_model(
    settings: TrainingSettings, folder: DatasetFolder, n_tags: int = 0
) -> RegressionFlow | PaperModel:
    """Make the untrained model of a run; its first weights follow from the seed.

    Args:
        settings: Of the run.
        folder: Its dataset: number of parameters, shape of the mels.
        n_tags: Pairs of words that Flow_dis tells apart.
    """
    check_architecture(settings.architecture)
    torch.manual_seed(settings.seed)
    n_parameters = len(folder.space)
    if settings.architecture == SHIPPED:
        held_seconds = folder.facts["note"]["held_seconds"]
        return RegressionFlow(folder.space, folder.mel, settings.model, settings.seed, held_seconds)
    if settings.architecture == TAGGED and n_tags > n_parameters:
        raise ConfigError(
            f"{n_tags} pairs of tags do not fit into {n_parameters} dimensions; take a larger space."
        )
    return new_paper_model(settings.architecture, n_parameters, folder.mel.shape, settings.paper, n_tags)
