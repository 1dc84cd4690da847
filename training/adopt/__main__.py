"""Make models of presets that somebody made: `python -m training.adopt FILE.vital...`.

Each becomes a model folder that `run_server.py --model FOLDER` plays: the preset as it is, and macros that
were heard on it. Nothing is trained; about 300 renders and less than a minute of two cores for each.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tqdm import tqdm

from adopting.adopt import Told, adopt
from adopting.kept import folder_for
from core.command import exit_status
from core.errors import BridgeError, ConfigError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="presets of Vital's")
    parser.add_argument(
        "--out", type=Path, default=Path("adopted"), help="where the folders go (default: adopted)"
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="renders at once (default: one per core)"
    )
    parser.add_argument("--again", action="store_true", help="also those that are there already")
    args = parser.parse_args(arguments)
    return exit_status(partial(_adopt_all, args), stopped="stopped; what is finished is kept")


def _adopt_all(args: argparse.Namespace) -> None:
    """Adopt every file; one that cannot be is told, and the rest goes on.

    Raises:
        ConfigError: Some could not be adopted.
    """
    failed = 0
    for file in args.files:
        try:
            out = folder_for(args.out, file)
            if args.again or not (out / "MODEL_CARD.md").exists():
                _adopt(file, out, args.workers)
            logging.info("ready: python run_server.py --model %s", out)
        except BridgeError as error:
            failed += 1
            logging.warning("%s", error)
    if failed:
        raise ConfigError(
            f"{failed} of {len(args.files)} presets could not be adopted; the reasons are above."
        )


def _adopt(file: Path, out: Path, workers: int) -> None:
    with tqdm(
        total=1.0, desc=file.stem, leave=False, bar_format="{desc}: {percentage:3.0f} % |{bar}|"
    ) as bar:

        def tell(told: Told) -> None:
            if told.stage == "warning":
                logging.warning("%s", told.text)
            bar.update(told.done - bar.n if told.done > bar.n else 0.0)

        adopt(file, out, tell, workers)


if __name__ == "__main__":
    sys.exit(main())
