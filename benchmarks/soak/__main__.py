"""Play a server with everything at once, throw faults at it by seed, and check what it promised.

    python -m benchmarks.soak --minutes 10 [--seed 1] [--model NAME]

Eight devices turn macros, save, overwrite, load and delete presets; a controller plays through JACK, sketches
are answered, a browser shows the panel, a program reads OSCQuery, and another plays notes and listens: each
if what it needs is installed.
Meanwhile the server and its processes are killed or stand still, the disk is full, the clock is stepped,
packets and files are hostile, and connections drip. docs/soak.md says what is checked.
"""

import argparse
import sys
from functools import partial

from benchmarks.soak.soak import PARTS, soak
from core.command import exit_status
from models.installed import find_model


def main(given: list[str] | None = None) -> int:
    """Run the soak and return its exit status: 1 if a promise was broken."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.split("\n")[0])
    p.add_argument("--minutes", type=float, default=10.0, help="(%(default)s)")
    p.add_argument("--seed", type=int, default=1, help="of what is played and what goes wrong (%(default)s)")
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--devices", type=int, default=8, help="(%(default)s)")
    p.add_argument("--rate", type=float, default=200.0, help="turns a second, of each device (%(default)s)")
    p.add_argument("--without", nargs="*", default=[], choices=PARTS, help="parts to leave out")
    p.add_argument("--option", action="append", default=[], help="of run_server.py, such as --option=-v")
    return exit_status(partial(_run, p.parse_args(given)))


def _run(options: argparse.Namespace) -> int:
    result = soak(
        str(find_model(options.model)),
        60.0 * options.minutes,
        options.seed,
        n_devices=options.devices,
        rate_hz=options.rate,
        options=options.option,
        parts=[name for name in PARTS if name not in options.without],
    )
    for what, how in result.rows:
        print(f"{what:44}{how:>40}")
    for text in result.broken:
        print(f"BROKEN: {text}")
    return 1 if result.broken else 0


if __name__ == "__main__":
    sys.exit(main())
