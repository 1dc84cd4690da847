"""Measure trained models: `python evaluate.py table|match|report ...`; each says more with --help."""

import argparse
import logging
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from core.errors import BridgeError, ConfigError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _match_options(commands.add_parser("match", help="answer a folder of sounds with patches"))
    args = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    command = shlex.join(["python", "evaluate.py", *(sys.argv[1:] if arguments is None else arguments)])
    try:
        args.run(args, command)
    except BridgeError as error:
        logging.error("%s", error)
        return 2
    except KeyboardInterrupt:
        logging.info("stopped; the same command goes on from what was measured")
        return 130
    return 0


def _match_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, help="shipped model by name, model folder, or run")
    parser.add_argument("--audio", type=Path, required=True, help="folder of wav, aiff, flac, mp3 or ogg")
    parser.add_argument("--out", type=Path, required=True, help="folder for answers and results.json")
    parser.add_argument("--refine", type=float, metavar="SECONDS", help="improve each answer for so long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="engines that render (%(default)s)")
    parser.set_defaults(run=_match)


def _match(args: argparse.Namespace, command: str) -> None:
    if args.refine is not None:
        raise ConfigError("--refine is not there yet; leave it out for the first answer.")
    from training.listener import open_listener  # torch takes its time: after --help
    from training.match import match

    listener = open_listener(args.model, args.workers)
    page = match(listener, args.audio, args.out, seed=args.seed, workers=args.workers, command=command)
    logging.info("%d answered, %d skipped; %s", page["answered"], len(page["skipped"]), args.out)
    for row, figures in page["summary"].items():
        logging.info("%-11s MSS %6.2f dB mean, %6.2f median", row, *figures["mss_db"].values())


if __name__ == "__main__":
    sys.exit(main())
