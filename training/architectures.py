"""The models that can be trained, by name: the paper's nine, today's rival, and the one that ships."""

import torch

from core.errors import ConfigError
from core.nearest import did_you_mean
from models.paper.catalog import PAPER_MODELS, RIVAL, new_paper_model
from models.paper.paper_model import PaperModel
from models.regression_flow import RegressionFlow
from training.data.dataset import DatasetFolder
from training.settings import TrainingSettings

__all__ = ["ARCHITECTURES", "SHIPPED", "TAGGED", "check_architecture", "new_model"]

SHIPPED = "proxy_flow"
ARCHITECTURES = (*PAPER_MODELS, RIVAL, SHIPPED)
TAGGED = "flow_dis"  # the one that learns from tags


def check_architecture(name: str) -> None:
    """Check that an architecture exists.

    Raises:
        ConfigError: It does not; the message suggests the nearest name.
    """
    if name not in ARCHITECTURES:
        raise ConfigError(f"there is no architecture '{name}'; {did_you_mean(name, ARCHITECTURES)}")


def new_model(
    settings: TrainingSettings, folder: DatasetFolder, n_tags: int = 0
) -> RegressionFlow | PaperModel:
    """Create the untrained model of a run; the seed determines its initial weights.

    Args:
        settings: Settings of the run.
        folder: Its dataset, which gives the number of parameters and the shape of the mels.
        n_tags: Number of word pairs that Flow_dis tells apart.
    """
    check_architecture(settings.architecture)
    torch.manual_seed(settings.seed)
    n_parameters = len(folder.space)
    if settings.architecture == SHIPPED:
        held_seconds = folder.facts["note"]["held_seconds"]
        return RegressionFlow(folder.space, folder.mel, settings.model, settings.seed, held_seconds)
    if settings.architecture == TAGGED and n_tags > n_parameters:
        raise ConfigError(
            f"{n_tags} pairs of tags do not fit into {n_parameters} dimensions; choose a larger space."
        )
    model = new_paper_model(settings.architecture, n_parameters, folder.mel.shape, settings.paper, n_tags)
    if settings.channels_last:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in its stub
    return model
