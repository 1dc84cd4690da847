"""Train the paper's nine models, today's rival and the one that ships, one after another.

    python -m training.all_models configs/campaign.yaml
    python -m training.all_models configs/campaign.yaml --within 12
    python -m training.all_models --data data/vital-32 --minutes 30 --seeds 0 1 2

The first trains a whole campaign (`training/campaign.py`): for hours or days, each model as often through
its sounds as planned. The second does all of it in so many minutes, as on a card; the third gives each run
the same time. Each run is a folder of its own, `<model>-<seed>`. The same command resumes where it was
stopped, whatever stopped it: finished runs are skipped, and the interrupted one continues.
"""

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from core.command import exit_status
from core.config import merge, read_settings
from core.errors import ConfigError
from training.architectures import ARCHITECTURES, SHIPPED, check_architecture
from training.campaign import PlannedRun, plan_campaign, read_campaign, run_settings
from training.data.progress import progress_to
from training.settings import share_minutes
from training.stage_bar import StageBar
from training.train import train

__all__ = ["plan", "train_all"]

_PHASES = (0.4, 0.6)  # of the shipped model's time

logger = logging.getLogger(__name__)


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
    more = read_settings([], assignments)
    return [
        PlannedRun(run_settings(name, seed, data, runs, merge(share_minutes({}, minutes), more)), minutes)
        for seed in seeds
        for name in models
    ]


def train_all(planned: Sequence[PlannedRun]) -> list[Path]:
    """Train the runs that are not done yet, and return the folders of all runs."""
    todo = [run for run in planned if not run.done]
    seconds = {str(run.folder): 60.0 * run.minutes for run in todo}
    hours = sum(seconds.values()) / 3_600.0
    logger.info(
        "%d runs, %d of them done; about %.1f hours left", len(planned), len(planned) - len(todo), hours
    )
    bar = StageBar(seconds, lambda: False)  # every loop hears of Ctrl-C itself
    try:
        for run in todo:
            started, stage = time.monotonic(), str(run.folder)
            logger.info("%s", stage)
            bar.begin(stage, seconds[stage])
            with progress_to(_Phases(bar, _PHASES if run.settings.architecture == SHIPPED else (1.0,))):
                train(run.settings)
            bar.end()
            logger.info("%s: %.1f minutes", stage, (time.monotonic() - started) / 60.0)
    finally:
        bar.close()
    return [run.folder for run in planned]


class _Phases:
    """Hears how far each phase of a run is, and says how far the run is."""

    def __init__(self, bar: StageBar, shares: Sequence[float]) -> None:
        self._bar, self._shares = bar, shares
        self._phase, self._last = 0, 0.0

    def __call__(self, share: float, steps: int) -> None:
        if share < self._last - 0.5 and self._phase + 1 < len(self._shares):
            self._phase += 1
        self._last = share
        self._bar(sum(self._shares[: self._phase]) + self._shares[self._phase] * share, steps)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], epilog="Either CONFIG or --data with --minutes."
    )
    parser.add_argument("config", type=Path, nargs="*", metavar="CONFIG", help="a campaign, in YAML")
    parser.add_argument(
        "--within", type=float, metavar="MINUTES", help="with CONFIG: time for all runs together, not passes"
    )
    parser.add_argument("--data", type=Path, help="dataset folder")
    parser.add_argument("--minutes", type=float, help="with --data: wall-clock budget of each run")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0], help="with --data: one run of every model per seed"
    )
    parser.add_argument("--models", nargs="+", metavar="MODEL", help="which models (default: all)")
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
    for folder in train_all(_planned(args)):
        logger.info("%s", folder)


def _planned(args: argparse.Namespace) -> list[PlannedRun]:
    assignments = [*args.assignments, *([f"device={args.device}"] if args.device else [])]
    if args.config:
        if args.data or args.minutes:
            raise ConfigError(
                "--data and --minutes are of one dataset; a campaign names its own. Use --within."
            )
        own: dict[str, Any] = {"settings": read_settings([], assignments)}
        own |= {"models": args.models} if args.models else {}
        own |= {"runs": str(args.runs)} if args.runs else {}
        return plan_campaign(read_campaign(args.config, own), within=args.within)
    if args.data is None or args.minutes is None or args.within is not None:
        raise ConfigError("name a campaign, such as configs/campaign.yaml, or --data and --minutes.")
    return plan(
        args.data,
        minutes=args.minutes,
        seeds=args.seeds,
        runs=args.runs or Path("runs") / args.data.name,
        models=args.models or ARCHITECTURES,
        assignments=assignments,
    )


if __name__ == "__main__":
    sys.exit(main())
