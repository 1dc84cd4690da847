"""What `train.py` reads from YAML."""

from dataclasses import dataclass, field
from pathlib import Path

from models.regression_flow import RegressionFlowConfig

__all__ = ["LossWeights", "PhaseSettings", "TrainingSettings"]


@dataclass(frozen=True, kw_only=True)
class PhaseSettings:
    """How one phase learns."""

    epochs: int = 100  # at most; with `minutes`, the budget decides
    minutes: float | None = None  # wall clock; the learning rate falls to zero at its end
    batch: int = 256
    learning_rate: float = 1e-3  # highest, after a short warm-up
    weight_decay: float = 0.01
    patience: int = 20  # epochs without a better validation loss before stopping


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
    data: Path
    space: str = "vital-32"
    runs: Path = Path("runs")
    seed: int = 0
    threads: int | None = None  # of torch; None leaves its choice
    bfloat16: bool = True  # matrix products in bfloat16; several times faster where the CPU or GPU has it
    shards: int | None = None  # use the first so many shards only
    model: RegressionFlowConfig = field(default_factory=RegressionFlowConfig)
    proxy: PhaseSettings = field(default_factory=PhaseSettings)
    flow: PhaseSettings = field(default_factory=PhaseSettings)
    weights: LossWeights = field(default_factory=LossWeights)
