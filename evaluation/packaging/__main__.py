"""Make a model folder that the server plays: `python -m evaluation.packaging --run RUN --out FOLDER`.

Everything is played on the synth's engine, or, with `--midi-port` and `--input`, on an external synth in real
time, and then much less of it (`REAL_TIME`).
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from calibration.wiring import add_recording, wiring_of
from core.command import exit_status
from evaluation.packaging.package import REAL_TIME, load_trained, package
from synths.external.synth import ExternalSynth


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
    return exit_status(partial(_package, args))


def _package(args: argparse.Namespace) -> None:
    wiring = wiring_of(args)
    settings, folder, _ = load_trained(args.run)
    budget = settings.package if wiring is None else REAL_TIME
    if args.targets is not None:
        budget = replace(budget, targets=args.targets)
    if wiring is None:
        package(args.run, args.out, budget, workers=args.workers)
        return
    with ExternalSynth(folder.space, wiring, folder.mel.sample_rate) as synth:
        package(args.run, args.out, budget, engine=synth)


if __name__ == "__main__":
    sys.exit(main())
