"""Make a model folder that the server plays: `python -m evaluation.packaging --run RUN --out FOLDER`.

Everything is played on the synth's engine, or, with `--midi-port` and `--input`, on an external synth in real
time, and then much less of it (`REAL_TIME`).
"""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tqdm.contrib.logging import logging_redirect_tqdm

from calibration.wiring import add_recording, wiring_of
from core.command import exit_status, held_interrupt
from evaluation.packaging.package import REAL_TIME, load_trained, package
from evaluation.packaging.size import RENDERS_A_SECOND, n_package_renders
from synths.external.synth import ExternalSynth, Wiring
from training.data.dataset import DatasetFolder
from training.data.progress import progress_to
from training.stage_bar import StageBar


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description="Make a model folder that the server plays.")
    parser.add_argument("--run", type=Path, required=True, help="folder that train.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="model folder, models/pretrained/NAME")
    parser.add_argument(
        "--targets", type=int, help="held-out patches to answer (default: 300; 8 in real time)"
    )
    parser.add_argument(
        "--workers", type=int, default=2, help="engines that render in parallel (%(default)s)"
    )
    add_recording(parser, required=False)
    args = parser.parse_args(arguments)
    return exit_status(partial(_package, args), stopped="stopped; run the same command again to start over")


def _package(args: argparse.Namespace) -> None:
    wiring = wiring_of(args)
    settings, folder, _ = load_trained(args.run)
    budget = settings.package if wiring is None else REAL_TIME
    if args.targets is not None:
        budget = replace(budget, targets=args.targets)
    n_renders = n_package_renders(budget)
    a_second = RENDERS_A_SECOND * args.workers if wiring is None else 1.0 / folder.facts["note"]["seconds"]
    with held_interrupt() as interrupted, logging_redirect_tqdm():
        bar = StageBar({"package": n_renders / a_second}, interrupted)
        bar.begin("package", n_renders / a_second, expected_steps=n_renders)
        with contextlib.closing(bar), progress_to(bar), _engine(folder, wiring) as engine:
            package(args.run, args.out, budget, workers=args.workers, engine=engine)
            bar.end()


def _engine(
    folder: DatasetFolder, wiring: Wiring | None
) -> contextlib.AbstractContextManager[ExternalSynth | None]:
    """Open the external synth, if the model is one's of those."""
    if wiring is None:
        return contextlib.nullcontext()
    return ExternalSynth(folder.space, wiring, folder.mel.sample_rate)


if __name__ == "__main__":
    sys.exit(main())
