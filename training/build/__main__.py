"""Render, train and package a model: `python -m training.build configs/vital-32.yaml [MORE.yaml ...]`.

It goes on where an earlier call was stopped.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.command import exit_status
from core.config import build, read_settings
from core.errors import ConfigError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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
        "--minutes", type=float, help="wall-clock budget of all stages, over all calls together"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        help="processes that render (default: one per core)",
    )
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), help="what to train on (default: a card if there is one)"
    )
    parser.add_argument(
        "--results", type=Path, metavar="FOLDER", help="copy the model into files of at most 15 MB as well"
    )
    args = parser.parse_args(arguments)
    return exit_status(partial(_build, args), stopped="stopped; run the same command again to continue")


def _build(args: argparse.Namespace) -> None:
    if args.minutes is not None and args.minutes <= 0.0:
        raise ConfigError(f"--minutes is a time above 0, not {args.minutes:g}.")
    if args.workers < 1:
        raise ConfigError(f"--workers is a number from 1, not {args.workers}.")
    from training.build.build import build_model  # torch loads slowly: after --help
    from training.commands import command_line
    from training.settings import TrainingSettings

    settings = build(TrainingSettings, read_settings(args.configs, args.assignments))
    if args.device is not None:
        settings = replace(settings, device=args.device)
    out = build_model(
        settings,
        workers=args.workers,
        minutes=args.minutes,
        results=args.results,
        command=command_line("python -m training.build", args.configs, args.assignments, args.minutes),
    )
    logging.info("ready: python run_server.py --model %s", out)


if __name__ == "__main__":
    sys.exit(main())
