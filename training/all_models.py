"""Train the paper's nine models and the one that ships, one after another, each for the same time.

    python -m training.all_models --data data/vital-32 --minutes 30 --seeds 0 1 2

Each run is a folder `<runs>/<model>-<seed>`. The same command resumes where it was stopped: finished runs are
skipped, and the interrupted one continues.
"""

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core.command import exit_status
from core.config import build, merge, read_settings
from training.architectures import ARCHITECTURES, SHIPPED, check_architecture
from training.checkpoint import read_counters
from training.settings import TrainingSettings, share_minutes
from training.train import train

__all__ = ["PlannedRun", "plan", "train_all"]

_CONFIGS = Path(__file__).parents[1] / "configs"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlannedRun:
    """One model trained from one seed.

    Attributes:
        settings: Settings of the run.
        done: Whether the run is finished.
    """

    settings: TrainingSettings
    done: bool

    @property
    def folder(self) -> Path:
        """Folder of the run."""
        return self.settings.runs / self.settings.name


def plan(
    data: Path,
    *,
    minutes: float,
    seeds: Sequence[int],
    runs: Path,
    models: Sequence[str] = ARCHITECTURES,
    assignments: Sequence[str] = (),
) -> list[PlannedRun]:
    """List the runs in training order: every model from the first seed, then from the next.

    Args:
        data: Dataset folder.
        minutes: Budget of each run.
        seeds: One run of every model per seed.
        runs: Folder that holds the runs.
        models: Names of architectures.
        assignments: `key=value` settings for every run.

    Raises:
        ConfigError: A model, a key or a value is unknown.
    """
    for name in models:
        check_architecture(name)
    return [_planned(name, seed, data, minutes, runs, assignments) for seed in seeds for name in models]


def train_all(planned: Sequence[PlannedRun]) -> list[Path]:
    """Train the runs that are not done yet, and return the folders of all runs."""
    todo = [run for run in planned if not run.done]
    logger.info("%d runs, %d of them done", len(planned), len(planned) - len(todo))
    for run in tqdm(todo, desc="runs", unit="run"):
        started = time.monotonic()
        logger.info("%s", run.settings.name)
        train(run.settings)
        logger.info("%s: %.1f minutes", run.settings.name, (time.monotonic() - started) / 60.0)
    return [run.folder for run in planned]


def _planned(
    name: str, seed: int, data: Path, minutes: float, runs: Path, assignments: Sequence[str]
) -> PlannedRun:
    files = [] if name == SHIPPED else [_CONFIGS / "paper.yaml", _CONFIGS / f"{name}.yaml"]
    own: dict[str, Any] = {
        "name": f"{name}-{seed}",
        "architecture": name,
        "seed": seed,
        "data": str(data),
        "runs": str(runs),
    }
    settings = merge(share_minutes(merge(read_settings(files), own), minutes), read_settings([], assignments))
    built = build(TrainingSettings, settings)
    last = "flow" if name == SHIPPED else "model"
    page = built.runs / built.name / f"{last}.run.safetensors"
    return PlannedRun(built, page.exists() and bool(read_counters(page)["done"]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument("--minutes", type=float, required=True, help="wall-clock budget of each run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="one run of every model per seed")
    parser.add_argument(
        "--models",
        nargs="+",
        default=list(ARCHITECTURES),
        metavar="MODEL",
        help="which models (default: all)",
    )
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), help="what to train on (default: a card if there is one)"
    )
    parser.add_argument("--runs", type=Path, help="folder for the runs (default: runs/NAME-OF-THE-DATASET)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="assignments",
        help="override a setting of every run",
    )
    args = parser.parse_args(arguments)
    return exit_status(partial(_run, args), stopped="stopped; run the same command again to continue")


def _run(args: argparse.Namespace) -> None:
    planned = plan(
        args.data,
        minutes=args.minutes,
        seeds=args.seeds,
        runs=args.runs or Path("runs") / args.data.name,
        models=args.models,
        assignments=[*args.assignments, *([f"device={args.device}"] if args.device else [])],
    )
    for folder in train_all(planned):
        logger.info("%s", folder)


if __name__ == "__main__":
    sys.exit(main())
