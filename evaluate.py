"""Measure trained models: `python evaluate.py table|match|sketch|macros|report ...`; see `--help` of each."""

import argparse
import logging
import shlex
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import core.startup.missing_packages  # noqa: F401  # before what may be missing
from core.command import exit_status
from core.errors import ConfigError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _table_options(
        commands.add_parser("table", help="compare runs with silence, the mean patch and the nearest render")
    )
    _match_options(commands.add_parser("match", help="answer a folder of sounds with patches"))
    _sketch_options(commands.add_parser("sketch", help="measure answers to sketches, first and refined"))
    _macro_options(commands.add_parser("macros", help="measure whether macros do what their names say"))
    _report_options(commands.add_parser("report", help="write a web page of sounds and pictures"))
    args = parser.parse_args(arguments)
    command = shlex.join(["python", "evaluate.py", *(sys.argv[1:] if arguments is None else arguments)])
    stopped = "stopped; run the same command again to continue"
    return exit_status(partial(args.run, args, command), stopped=stopped)


def _add_seed_and_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, help="seed of every draw (%(default)s)")
    parser.add_argument(
        "--workers", type=int, default=2, help="engines that render in parallel (%(default)s)"
    )


def _table_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="folders that train.py wrote, or a folder of them",
    )
    parser.add_argument(
        "--set-of",
        action="append",
        metavar="test|FOLDER",
        help="held-out renders of each run's dataset, the dataset of a smaller space, or a folder of sounds; "
        "repeatable (default: test)",
    )
    parser.add_argument("--out", type=Path, required=True, help="Markdown file, such as docs/results.md")
    parser.add_argument(
        "--reading", type=Path, metavar="FILE", help="Markdown about the figures, placed before them"
    )
    parser.add_argument("--targets", type=int, default=300, help="number of held-out targets (%(default)s)")
    _add_seed_and_workers(parser)
    parser.set_defaults(run=_table)


def _table(args: argparse.Namespace, command: str) -> None:
    if args.targets < 1:
        raise ConfigError("--targets must be at least 1.")
    from evaluation.evaluated_model import open_run  # torch loads slowly: after --help
    from evaluation.table import measure_table
    from evaluation.tables.page import write_table
    from training.runs import find_runs, unfinished_runs

    started = time.monotonic()
    runs = find_runs(args.runs)
    unfinished = unfinished_runs(runs)
    if runs and len(unfinished) == len(runs):
        raise ConfigError("no run has been trained to its end yet. Run the command that started them again.")
    sections = measure_table(
        [open_run(run) for run in runs if run not in unfinished],
        args.set_of or ["test"],
        n_targets=args.targets,
        workers=args.workers,
        seed=args.seed,
    )
    minutes = (time.monotonic() - started) / 60.0
    for path in write_table(
        args.out,
        sections,
        command=command,
        minutes=minutes,
        reading=args.reading,
        unfinished=[f"{run.parent.name}/{run.name}" for run in unfinished],
    ):
        logging.info("wrote %s", path)


def _match_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, help="name of a shipped model, a model folder, or a run")
    parser.add_argument(
        "--audio", type=Path, required=True, help="folder of wav, aiff, flac, mp3 or ogg files"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the answers and results.json")
    parser.add_argument("--refine", type=float, metavar="SECONDS", help="improve each answer for this long")
    parser.add_argument(
        "--renders", type=int, metavar="N", help="with --refine: this many renders instead of seconds"
    )
    _add_seed_and_workers(parser)
    parser.set_defaults(run=_match)


def _match(args: argparse.Namespace, command: str) -> None:
    if args.renders is not None and args.refine is None:
        raise ConfigError("--renders is a budget of --refine; add --refine SECONDS.")
    from evaluation.evaluated_model import open_evaluated_model  # torch loads slowly: after --help
    from evaluation.match import match

    model = open_evaluated_model(args.model, args.workers)
    page = match(
        model,
        args.audio,
        args.out,
        seed=args.seed,
        workers=args.workers,
        refine=args.refine,
        renders=args.renders,
        command=command,
    )
    logging.info("%d answered, %d skipped; %s", page["answered"], len(page["skipped"]), args.out)
    for row, figures in page["summary"].items():
        shown = (*figures["soft_mss_db"].values(), *figures["mss_db"].values())
        logging.info("%-11s soft MSS %6.2f dB mean, %6.2f median; MSS %6.2f and %6.2f", row, *shown)


def _sketch_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", default="vital-32", help="name of a shipped model, or a model folder (%(default)s)"
    )
    parser.add_argument(
        "--audio",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="folder of sounds; repeatable",
    )
    parser.add_argument("--targets", type=int, default=30, help="newly drawn patches to answer (%(default)s)")
    parser.add_argument(
        "--renders", type=int, nargs="+", default=[32, 176], help="render budgets, rising (default: 32 176)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="Markdown file, such as docs/results-sketch.md"
    )
    _add_seed_and_workers(parser)
    parser.set_defaults(run=_sketch)


def _sketch(args: argparse.Namespace, command: str) -> None:
    if args.targets < 0 or (not args.targets and not args.audio):
        raise ConfigError("--targets must be at least 1, or 0 with an --audio folder.")
    from evaluation.evaluated_model import open_evaluated_model  # torch loads slowly: after --help
    from evaluation.sketch_page import write_sketch_page
    from evaluation.sketch_table import measure_sketches

    model = open_evaluated_model(args.model, args.workers)
    if model.folder is None:
        raise ConfigError(
            f"{args.model} is a run, but sketches need a model folder. Make one: "
            "python -m evaluation.packaging --run RUN --out FOLDER"
        )
    sets = measure_sketches(
        model.folder.path,
        args.audio,
        n_held_out=args.targets,
        budgets=args.renders,
        seed=args.seed,
        workers=args.workers,
    )
    write_sketch_page(args.out, sets, command=command)
    logging.info("wrote %s", args.out)


def _macro_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", default="vital-32", help="name of a shipped model, or a model folder (%(default)s)"
    )
    parser.add_argument("--presets", type=int, default=12, help="presets to turn dials at (%(default)s)")
    parser.add_argument("--steps", type=int, default=7, help="renders from 0 to 1 (%(default)s)")
    parser.add_argument("--card", action="store_true", help="write the table into the model's card, too")
    _add_seed_and_workers(parser)
    parser.set_defaults(run=_macros)


def _macros(args: argparse.Namespace, command: str) -> None:
    if args.presets < 1 or args.steps < 2:
        raise ConfigError("--presets must be at least 1, and --steps 2.")
    from evaluation.macros.measure import measure_folder

    section = measure_folder(
        args.model,
        presets=args.presets,
        steps=args.steps,
        seed=args.seed,
        workers=args.workers,
        command=command.removesuffix(" --card"),
        card=args.card,
    )
    logging.info("%s", "\n".join(section))


def _report_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        required=True,
        nargs="+",
        help="name of a shipped model, a model folder, or a run; more are shown beside the first",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for index.html, sounds and pictures")
    parser.add_argument(
        "--audio",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="folder of other sounds; repeatable",
    )
    parser.add_argument(
        "--voice",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="folder of vocal sketches; repeatable",
    )
    parser.add_argument(
        "--semantic", type=Path, metavar="RUN", help="run of flow_dis, for the semantic dimensions"
    )
    parser.add_argument(
        "--sounds", type=int, default=6, help="number of sounds shown per section (%(default)s)"
    )
    _add_seed_and_workers(parser)
    parser.set_defaults(run=_report)


def _report(args: argparse.Namespace, command: str) -> None:
    if args.sounds < 1:
        raise ConfigError("--sounds must be at least 1.")
    from evaluation.evaluated_model import (
        open_evaluated_model,
        open_run,
    )  # torch loads slowly: after --help
    from evaluation.report.page import write_report

    model, *others = [open_evaluated_model(name, args.workers) for name in args.model]
    page = write_report(
        model,
        args.out,
        others=others,
        audio=args.audio,
        voices=args.voice,
        disentangled=open_run(args.semantic) if args.semantic else None,
        n_sounds=args.sounds,
        seed=args.seed,
        workers=args.workers,
        command=command,
    )
    logging.info("open %s", page)


if __name__ == "__main__":
    sys.exit(main())
