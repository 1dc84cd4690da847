"""Make a parameter space of any plug-in: `python -m synths.discover PLUGIN --out FILE.yaml`.

The plug-in plays in a process of its own, and its controls are moved one at a time. Those that change the
sound make the space, the most audible first; the volume, if one is heard, is the last. What is left out is
printed, each with the reason.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core.command import exit_status, print_line
from core.errors import ConfigError
from synths.discover.space import found_space, left_out_of, write_space
from synths.discover.survey import survey
from synths.plugin import plugin_folders

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("plugin", type=Path, help="a .vst3 or .component, or a VST2")
    parser.add_argument("--out", type=Path, required=True, help="YAML file of the space")
    parser.add_argument("--size", type=int, help="most parameters besides the volume (all audible ones)")
    parser.add_argument("--seed", type=int, default=0)
    return exit_status(partial(_discover, parser.parse_args(arguments)))


def _discover(args: argparse.Namespace) -> None:
    path = args.plugin.absolute()
    found = survey(path, seed=args.seed)
    space = found_space(path, found, args.size)
    try:
        write_space(args.out, space)
    except OSError as error:
        raise ConfigError(f"{args.out} cannot be written: {error.strerror}.") from None
    lines = [
        f"{n:32} changes the sound by {found.changes_db[n]:5.1f} dB" for n in found.changes_db if n in space
    ]
    if found.volume is not None:
        lines.append(f"{found.volume.name:32} the volume")
    lines += [f"{name:32} {reason}" for name, reason in left_out_of(space, found).items()]
    print_line("\n".join(lines))
    if found.fresh:
        logger.info(
            "Earlier notes change later ones (%.1f dB), so each render gets a new instance.",
            found.carry_over_db,
        )
    if path.parent not in plugin_folders():
        logger.info("Before rendering, set FLOW_SYNTH_PLUGINS=%s", path.parent)


if __name__ == "__main__":
    sys.exit(main())
