"""Render, train and package a model: `python -m training.build configs/vital-32.yaml [MORE.yaml ...]`.

With `--plugin FILE --minutes N` a plug-in's controls are found first, and no configuration is needed.
It goes on where an earlier call was stopped.
"""

import argparse
import logging
import os
import shlex
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
    parser.add_argument("configs", nargs="*", type=Path, help="YAML files; later ones override earlier ones")
    parser.add_argument(
        "--plugin",
        type=Path,
        metavar="FILE",
        help="learn this plug-in: a VST3, Audio Unit or VST2 instrument",
    )
    parser.add_argument(
        "--preset",
        type=Path,
        metavar="FILE",
        help="preset that the plug-in starts with: .vstpreset, .aupreset, .fxp or .fxb (default: its own)",
    )
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
    if args.plugin is None and not args.configs:
        raise ConfigError("name a configuration, such as configs/vital-32.yaml, or a plug-in with --plugin.")
    if args.plugin is not None and args.minutes is None:
        raise ConfigError("--plugin needs a budget: add --minutes, such as --minutes 180.")
    from training.build.build import build_model  # torch loads slowly: after --help
    from training.commands import command_line
    from training.settings import TrainingSettings

    configs, minutes = list(args.configs), args.minutes
    if args.plugin is not None:
        from training.build.plugin import prepare_plugin

        prepared = prepare_plugin(
            args.plugin, minutes=minutes, runs=Path("runs"), workers=args.workers, preset=args.preset
        )
        configs, minutes = [*prepared.configs, *configs], max(minutes - prepared.seconds / 60.0, 0.1)
    settings = build(TrainingSettings, read_settings(configs, args.assignments))
    if args.device is not None:
        settings = replace(settings, device=args.device)
    out = build_model(
        settings,
        workers=args.workers,
        minutes=minutes,
        results=args.results,
        command=command_line(_program(args), args.configs, args.assignments, args.minutes),
    )
    logging.info("ready: python run_server.py --model %s", out)


def _program(args: argparse.Namespace) -> str:
    """Return the command without what `command_line` adds to it."""
    words = ["python -m training.build"]
    for option, file in (("--plugin", args.plugin), ("--preset", args.preset)):
        if file is not None:
            words.append(f"{option} {shlex.quote(file.name)}")
    return " ".join(words)


if __name__ == "__main__":
    sys.exit(main())
