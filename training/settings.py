"""The settings that `train.py` and `training.build` read from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config import merge
from core.mel import MelConfig
from core.playing.note import Note
from models.paper.config import PaperConfig
from models.regression_flow import RegressionFlowConfig

__all__ = [
    "LossWeights",
    "PackageSettings",
    "PaperRecipe",
    "PhaseSettings",
    "RenderSettings",
    "TrainingSettings",
    "share_minutes",
    "share_passes",
]

_TURN_SOUNDS = 4_096


@dataclass(frozen=True, kw_only=True)
class PhaseSettings:
    """How one phase is trained."""

    epochs: int = 100  # at most; with `minutes`, whichever is reached first
    minutes: float | None = None  # wall clock; the learning rate falls until then
    batch: int = 256
    learning_rate: float = 1e-3  # highest, after a short warm-up
    weight_decay: float = 0.01
    patience: int = 20  # epochs without a better validation loss before stopping
    # Share of the run without a better validation loss after which the rate is halved; None: a warm-up, then
    # a cosine.
    halve_after: float | None = None
    turn_sounds: int | None = None  # sounds between validations and checkpoints; None: once an epoch


@dataclass(frozen=True, kw_only=True)
class PaperRecipe(PhaseSettings):
    """How the paper's models are trained, as its page describes.

    What the page counts in epochs is a share of the run here, so that the recipe keeps its shape within a
    budget of minutes: 20 of 500 epochs, 100 of 500 epochs.
    """

    epochs: int = 500
    batch: int = 64
    learning_rate: float = 2e-4
    weight_decay: float = 0.0  # makes it plain Adam
    patience: int = 500
    halve_after: float | None = 0.04
    warm_up: float = 0.2  # share of the run over which the weight of the latent divergence rises to 1


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Weights of the flow phase; every term is a mean over dimensions, so they are comparable."""

    sound: float = 1.0  # proxy's mel of the answer against that of the true patch, L1 in spreads
    patch: float = 0.5  # answer against true patch, L1
    divergence: float = 0.01  # KL of the posterior to N(0, I)
    prior: float = 0.02  # negative log-likelihood of patches under the flow
    posterior: float = 0.02  # negative log-likelihood of the true patch given its sound
    drawn: float = 0.1  # error of the velocity towards the true latent, squared


@dataclass(frozen=True, kw_only=True)
class RenderSettings:
    """What `python -m training.build` renders, where a dataset lacks it."""

    count: int = 32_512  # patches of the dataset
    seed: int = 1
    between_count: int = 5_120  # patches between drawn ones, if the run has a dataset of those
    between_seed: int = 2
    shard_size: int = 128
    note: Note = field(default_factory=Note)
    mel: MelConfig = field(default_factory=MelConfig)


@dataclass(frozen=True, kw_only=True)
class PackageSettings:
    """How much is rendered to make a model folder of a run."""

    sounds: int = 12  # presets at which macros are measured
    presets_per_kind: int = 18  # on the preset map
    steps: int = 7  # renders per macro and preset
    heard_patches: int = (
        6_000  # rendered around the training renders, and as many along dials, to find macros
    )
    macro_steps: int = (
        140  # of the descent that finds what a macro moves; all other training for macros scales
    )
    curve_points: int = 50  # renders per macro for its descriptor curves
    landmark_ways: int = 7  # renders per macro at every preset of the map, to level it there; 0 for none
    raw: int = 8  # raw parameters that macros are compared with
    targets: int = 300  # held-out patches to answer
    sketch_targets: int = 48  # held-out patches on which closeness is measured


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """Settings of a whole training run, and of what `training.build` does before and after it."""

    name: str
    data: Path = Path("data/vital-32")
    between: Path | None = None  # renders of patches between drawn ones; the proxy learns from them as well
    answers: Path | None = None  # renders of an earlier model's answers; the proxy learns from them as well
    begin_from: Path | None = None  # a finished run of the same sizes, whose weights training begins with
    space: str | None = None  # that the dataset must have; None accepts any
    kinds: Path | None = None  # kinds of sound to draw patches from; None takes those of the space's synth
    programs: Path | None = None  # programs of the synth, from which patches come instead of being drawn
    architecture: str = "proxy_flow"  # the model that ships, or one of those in models/paper/catalog.py
    runs: Path = Path("runs")
    seed: int = 0
    device: str | None = None  # cpu or cuda; None takes a card where there is one
    threads: int | None = None  # of torch; None leaves it to torch
    bfloat16: bool = (
        True  # matrix products in bfloat16; several times faster where the CPU or GPU supports it
    )
    channels_last: bool = False  # of the paper's convolutions in memory; faster, see docs/training.md
    compiled: bool = False  # whether torch.compile fuses the losses, which takes a minute to begin with
    shards: int | None = None  # use only the first so many shards
    model: RegressionFlowConfig = field(default_factory=RegressionFlowConfig)
    proxy: PhaseSettings = field(default_factory=PhaseSettings)
    flow: PhaseSettings = field(default_factory=PhaseSettings)
    weights: LossWeights = field(default_factory=LossWeights)
    paper: PaperConfig = field(default_factory=PaperConfig)
    recipe: PaperRecipe = field(default_factory=PaperRecipe)
    renders: RenderSettings = field(default_factory=RenderSettings)
    package: PackageSettings = field(default_factory=PackageSettings)
    out: Path | None = None  # the model folder; None is models/pretrained/<name>


def share_minutes(settings: Mapping[str, Any], minutes: float) -> dict[str, Any]:
    """Set a run's wall-clock budget, whatever its architecture; the shipped model's phases share it.

    The paper's models then take short turns, or a slow one would overrun the budget by most of an epoch.
    """
    return merge(
        settings,
        {
            "proxy": {"minutes": 0.4 * minutes},
            "flow": {"minutes": 0.6 * minutes},
            "recipe": {"minutes": minutes, "turn_sounds": _TURN_SOUNDS},
        },
    )


def share_passes(settings: Mapping[str, Any], passes: int) -> dict[str, Any]:
    """Set how often a run hears its sounds, whatever its architecture; the shipped model's phases share it.

    Unlike minutes, passes determine the result: the same seed learns the same on the same machine.
    """
    proxy = max(1, round(0.4 * passes))
    phases = {
        name: {"epochs": epochs, "minutes": None, "patience": passes, "turn_sounds": _TURN_SOUNDS}
        for name, epochs in (("proxy", proxy), ("flow", max(1, passes - proxy)), ("recipe", passes))
    }
    return merge(settings, phases)
