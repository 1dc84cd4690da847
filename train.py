"""Train a model: `python train.py configs/vital-32.yaml [MORE.yaml ...] [--set key=value ...]`."""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import core.startup.missing_packages  # noqa: F401  # before what may be missing
from core.command import exit_status
from core.config import build, merge, read_settings
from core.errors import ConfigError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configs", nargs="+", type=Path, help="YAML files; later ones override earlier ones")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="assignments",
        help="override one setting",
    )
    parser.add_argument(
        "--minutes", type=float, help="wall-clock budget, shared by the phases, over all calls together"
    )
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), help="what to train on (default: a card if there is one)"
    )
    args = parser.parse_args(arguments)
    stopped = "stopped; what was learned is kept, and the same command continues from there"
    return exit_status(partial(_train, args), stopped=stopped)


def _train(args: argparse.Namespace) -> None:
    from training.commands import command_line
    from training.settings import TrainingSettings, share_minutes  # torch loads slowly: after --help
    from training.train import train

    settings = read_settings(args.configs, args.assignments)
    if args.minutes is not None:
        if args.minutes <= 0.0:
            raise ConfigError(f"--minutes is a time above 0, not {args.minutes:g}.")
        settings = share_minutes(settings, args.minutes)
    if args.device is not None:
        settings = merge(settings, {"device": args.device})
    command = command_line("python train.py", args.configs, args.assignments, args.minutes)
    run = train(build(TrainingSettings, settings), command=command)
    logging.info("trained: %s", run)


if __name__ == "__main__":
    sys.exit(main())
