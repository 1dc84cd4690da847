"""What `train.py` reads from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config import merge
from models.paper.config import PaperConfig
from models.regression_flow import RegressionFlowConfig

__all__ = ["LossWeights", "PaperRecipe", "PhaseSettings", "TrainingSettings", "share_minutes"]

_TURN_SOUNDS = 4_096


@dataclass(frozen=True, kw_only=True)
class PhaseSettings:
    """How one phase learns."""

    epochs: int = 100  # at most; with `minutes`, the budget decides
    minutes: float | None = None  # wall clock; the learning rate falls to zero at its end
    batch: int = 256
    learning_rate: float = 1e-3  # highest, after a short warm-up
    weight_decay: float = 0.01
    patience: int = 20  # epochs without a better validation loss before stopping
    # Part of the run without a better validation loss after which the rate is halved; None: it warms up and
    # falls as a cosine.
    halve_after: float | None = None
    turn_sounds: int | None = (
        None  # validate and save each time about so many were heard; None: once an epoch
    )


@dataclass(frozen=True, kw_only=True)
class PaperRecipe(PhaseSettings):
    """How the paper's models learn: as its page says.

    What the page counts in epochs is a part of the run here, so that the recipe keeps its shape under a
    budget of minutes: 20 of 500 epochs, 100 of 500 epochs.
    """

    epochs: int = 500
    batch: int = 64
    learning_rate: float = 2e-4
    weight_decay: float = 0.0  # then it is plain Adam
    patience: int = 500
    halve_after: float | None = 0.04
    warm_up: float = 0.2  # part of the run in which the weight of the latent divergence rises to 1


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Weights of the flow phase; every term is a mean over dimensions, so they compare."""

    sound: float = 1.0  # proxy's mel of the answer against the target mel, L1 in spreads
    patch: float = 0.5  # answer against true patch, L1
    divergence: float = 0.01  # KL of the posterior to N(0, I)
    prior: float = 0.02  # negative log-likelihood of patches under the flow
    posterior: float = 0.02  # negative log-likelihood of the true patch given its mel


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """A whole training run."""

    name: str
    data: Path = Path("data/vital-32")
    between: Path | None = None  # renders of patches between two drawn ones; the proxy learns from them, too
    space: str | None = None  # that the dataset must hold; None takes what it holds
    architecture: str = "proxy_flow"  # the model that ships, or one of the paper's: models/paper/catalog.py
    runs: Path = Path("runs")
    seed: int = 0
    threads: int | None = None  # of torch; None leaves its choice
    bfloat16: bool = True  # matrix products in bfloat16; several times faster where the CPU or GPU has it
    shards: int | None = None  # use the first so many shards only
    model: RegressionFlowConfig = field(default_factory=RegressionFlowConfig)
    proxy: PhaseSettings = field(default_factory=PhaseSettings)
    flow: PhaseSettings = field(default_factory=PhaseSettings)
    weights: LossWeights = field(default_factory=LossWeights)
    paper: PaperConfig = field(default_factory=PaperConfig)
    recipe: PaperRecipe = field(default_factory=PaperRecipe)


def share_minutes(settings: Mapping[str, Any], minutes: float) -> dict[str, Any]:
    """Give a run a wall-clock budget, whatever its architecture; the phases of the shipped one share it.

    A paper's model takes short turns then, or a slow one would overrun the budget by most of an epoch.
    """
    return merge(
        settings,
        {
            "proxy": {"minutes": 0.4 * minutes},
            "flow": {"minutes": 0.6 * minutes},
            "recipe": {"minutes": minutes, "turn_sounds": _TURN_SOUNDS},
        },
    )
