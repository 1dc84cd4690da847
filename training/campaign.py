"""A campaign: every model on every dataset from several seeds, as `configs/campaign.yaml` describes it.

How often each model hears its sounds is worked out once, from how fast it learns here, and kept in
`plan.yaml` beside the runs. From then on passes and seeds alone determine every result, however often the
work is interrupted.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from core.atomic_file import write_atomically
from core.config import build, merge, read_settings
from core.plain_file import read_yaml
from training.architectures import ARCHITECTURES, SHIPPED, check_architecture
from training.data.dataset import DatasetFolder
from training.data.split import split_shards
from training.runs import is_finished
from training.settings import TrainingSettings, share_minutes, share_passes
from training.speed import learning_speed

__all__ = ["PLAN_FILE", "Campaign", "PlannedRun", "plan_campaign", "read_campaign", "run_settings"]

PLAN_FILE = "plan.yaml"
_CONFIGS = Path(__file__).parents[1] / "configs"
_SHARE_WITHIN = 0.92  # of a card's minutes; the rest is for reading data and for checkpoints

logger = logging.getLogger(__name__)

Speed = Callable[[TrainingSettings, DatasetFolder], float]


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What is trained.

    Attributes:
        data: Seeds by dataset folder.
        models: Names of architectures.
        runs: Folder that holds a folder of runs for each dataset.
        min_passes, min_minutes: Every model hears its sounds so often, or for so long, whichever is more.
        settings: Settings of every run.
    """

    data: Mapping[str, Sequence[int]]
    models: Sequence[str] = ARCHITECTURES
    runs: Path = Path("runs/campaign")
    min_passes: int = 30
    min_minutes: float = 30.0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedRun:
    """One model trained from one seed.

    Attributes:
        settings: Settings of the run.
        minutes: How long it is expected to take.
    """

    settings: TrainingSettings
    minutes: float

    @property
    def folder(self) -> Path:
        """Folder of the run."""
        return self.settings.runs / self.settings.name

    @property
    def done(self) -> bool:
        """Whether it was trained to its end."""
        return is_finished(self.folder, self.settings.architecture)


def read_campaign(files: Sequence[Path], own: Mapping[str, Any] | None = None) -> Campaign:
    """Read a campaign from YAML files, later over earlier ones, and `own` over all.

    Raises:
        ConfigError: A file, a key, a value or a model is wrong.
    """
    campaign = build(Campaign, merge(read_settings(files), own or {}))
    for name in campaign.models:
        check_architecture(name)
    return campaign


def plan_campaign(
    campaign: Campaign, *, within: float | None = None, speed: Speed = learning_speed
) -> list[PlannedRun]:
    """List the runs in training order: every model on every dataset from its first seed, then the next.

    Args:
        campaign: What is trained.
        within: Minutes for all runs together, in equal shares, in place of passes.
        speed: Measures how many sounds a second a model learns from; asked once for each of them.

    Raises:
        ConfigError: A dataset is missing, or a setting is wrong.
    """
    folders = {Path(path): DatasetFolder(Path(path)) for path in campaign.data}
    n_runs = sum(len(seeds) for seeds in campaign.data.values()) * len(campaign.models)
    page = campaign.runs / PLAN_FILE
    known: dict[str, Any] = read_yaml(page) if page.exists() else {}
    planned = []
    for k in range(max(map(len, campaign.data.values()), default=0)):
        for path, seeds in campaign.data.items():
            for name in campaign.models if k < len(seeds) else ():
                folder, runs = folders[Path(path)], campaign.runs / Path(path).name
                if within is not None:
                    minutes = _SHARE_WITHIN * within / n_runs
                    budget = share_minutes({}, minutes)
                else:
                    key = f"{Path(path).name}/{name}"
                    if key not in known:
                        some = merge(share_passes({}, campaign.min_passes), campaign.settings)
                        untimed = run_settings(name, 0, folder.path, runs, some)
                        known[key] = _passes(campaign, untimed, folder, speed)
                        page.parent.mkdir(parents=True, exist_ok=True)
                        write_atomically(page, yaml.safe_dump(known, sort_keys=False))
                    minutes, budget = known[key]["minutes"], share_passes({}, known[key]["passes"])
                settings = merge(budget, campaign.settings)
                planned.append(PlannedRun(run_settings(name, seeds[k], folder.path, runs, settings), minutes))
    return planned


def run_settings(name: str, seed: int, data: Path, runs: Path, more: Mapping[str, Any]) -> TrainingSettings:
    """Return the settings of one model trained from one seed: those of the page, with others over them."""
    files = [] if name == SHIPPED else [_CONFIGS / "paper.yaml"]
    own = {
        "name": f"{name}-{seed}",
        "architecture": name,
        "seed": seed,
        "data": str(data),
        "runs": str(runs),
    }
    return build(TrainingSettings, merge(merge(read_settings(files), own), more))


def _passes(
    campaign: Campaign, settings: TrainingSettings, folder: DatasetFolder, speed: Speed
) -> dict[str, Any]:
    """Work out how often a model hears its sounds, and about how long that takes."""
    train, *_ = split_shards(folder.shards()[: settings.shards])
    n_sounds = sum(folder.n_patches(shard) for shard in train)
    rate = speed(settings, folder)
    passes = max(campaign.min_passes, ceil(60.0 * campaign.min_minutes * rate / n_sounds))
    name = f"{folder.path.name}/{settings.architecture}"
    logger.info("%s learns from %.0f sounds a second: %d passes", name, rate, passes)
    return {
        "passes": passes,
        "minutes": round(passes * n_sounds / rate / 60.0, 2),
        "sounds_a_second": round(rate, 1),
    }
