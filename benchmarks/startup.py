"""Time from launch to the first welcome, and the memory used then.

python -m benchmarks.startup [--model NAME]
"""

import argparse
import sys
from functools import partial
from time import perf_counter

import numpy as np
import psutil

from benchmarks.rig.server_process import free_port, our_server
from core.command import exit_status
from models.installed import find_model

_AIM_S, _AIM_MIB = 4.0, 500.0


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__.split("\n")[0])
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--runs", type=int, default=5, help="number of starts (%(default)s)")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    times, sizes = [], []
    model = str(find_model(options.model))
    for _ in range(options.runs):
        start = perf_counter()
        with our_server(free_port(), model) as (process, _client):
            times.append(perf_counter() - start)
            sizes.append(psutil.Process(process.pid).memory_info().rss / 2**20)
    print(
        f"{options.runs} starts: launch to first welcome {np.median(times):.2f} s median, "
        f"{max(times):.2f} s worst (aim {_AIM_S:g}); {max(sizes):.0f} MiB resident "
        f"(aim {_AIM_MIB:g})"
    )


if __name__ == "__main__":
    sys.exit(main())
