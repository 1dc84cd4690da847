"""What rendering a dataset costs, compared with the engine alone: `python -m benchmarks.rendering`.

The same drawn patches are rendered three times in turn, on all cores: by the engine alone, as
`training.data.render` does it (drawing, levelling, mel, descriptors) in processes, and the same in threads.
Turns are short and interleaved, so whatever else the machine does affects all alike; CPU time is shown too.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from time import perf_counter, process_time

import numpy as np

from core.command import exit_status
from core.mel import MelConfig
from core.space import ParameterSpace
from synths.catalog import facts_of, load_engine
from synths.engine import Note
from synths.space_files import load_space
from synths.state_check import random_patches
from training.data.bank_patches import ListedPatches
from training.data.draw import Prior
from training.data.executors import process_executor, thread_executor
from training.data.render import render_shard

_MEL = MelConfig()
_NOTE = Note()


@dataclass
class Turns:
    """What one way of rendering has taken so far.

    Attributes:
        n_renders: Number of renders.
        wall_s: Wall-clock time of its turns.
        cpu_s: CPU time of all jobs; 0 where jobs share a process.
    """

    n_renders: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


def engine_alone(space: ParameterSpace, seed: int, n: int) -> float:
    """Render drawn patches, discard the sound, and return the CPU seconds."""
    vectors = _drawn(space, seed, n)
    start = process_time()
    engine = load_engine(space, _MEL.sample_rate)
    for vector in vectors:
        engine.render(space.decode(vector), _NOTE)
    return process_time() - start


def whole(space: ParameterSpace, seed: int, n: int) -> float:
    """Make rows of a dataset from the same patches, and return the CPU seconds."""
    start = process_time()
    listed = ListedPatches(space, _drawn(space, seed, n), np.zeros(n, np.int32))
    render_shard(listed, seed=seed, shard=0, n=n, mel=_MEL, note=_NOTE)
    return process_time() - start


def _drawn(space: ParameterSpace, seed: int, n: int) -> np.ndarray:
    """Draw patches as the space's dataset does; at random where its patches are presets, or of no kind."""
    if facts_of(space).kinds is not None:
        rng, prior = np.random.default_rng([seed, 0]), Prior.for_space(space)
        return np.stack([prior.draw(rng)[0] for _ in range(n)])
    return np.stack([space.encode(patch) for patch in random_patches(space, n, seed)])


def _turn(
    turns: Turns,
    executor: Executor,
    job: Callable[[ParameterSpace, int, int], float],
    space: ParameterSpace,
    seeds: Sequence[int],
    n: int,
) -> None:
    start = perf_counter()
    waiting = [executor.submit(job, space, seed, n) for seed in seeds]
    turns.cpu_s += sum(done.result() for done in waiting)
    turns.wall_s += perf_counter() - start
    turns.n_renders += n * len(seeds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--space", default="vital-32", help="space of the patches (%(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each way (%(default)s)")
    parser.add_argument("--patches", type=int, default=32, help="patches per worker and turn (%(default)s)")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="jobs at a time (default: one per core)"
    )
    args = parser.parse_args(arguments)
    return exit_status(partial(_run, args))


def _run(args: argparse.Namespace) -> None:
    space = load_space(args.space)
    alone, processes, threads = Turns(), Turns(), Turns()
    with process_executor(args.workers) as in_processes, thread_executor(args.workers) as in_threads:
        # Warm up: imports and filter tables do not count.
        _turn(Turns(), in_processes.pool, whole, space, range(args.workers), 1)
        _turn(Turns(), in_threads.pool, whole, space, range(args.workers), 1)
        for k in range(args.rounds):
            seeds = range(k * args.workers, (k + 1) * args.workers)
            _turn(alone, in_processes.pool, engine_alone, space, seeds, args.patches)
            _turn(processes, in_processes.pool, whole, space, seeds, args.patches)
            _turn(threads, in_threads.pool, whole, space, seeds, args.patches)
    _report(args.workers, alone, processes, threads)


def _report(workers: int, alone: Turns, processes: Turns, threads: Turns) -> None:
    speed = alone.n_renders / alone.wall_s
    print(f"{alone.n_renders} renders of {_NOTE.seconds:g} s in each way, {workers} workers")
    for name, turns in (("engine alone", alone), ("in processes", processes), ("in threads", threads)):
        rate = turns.n_renders / turns.wall_s
        # Jobs in threads share a process, so its CPU time would be counted once per job.
        cpu = "" if turns is threads else f"{1e3 * turns.cpu_s / turns.n_renders:9.1f} ms CPU per render"
        print(f"{name:14}{rate:8.2f} renders/s {rate / speed:6.0%} of the engine{cpu}")


if __name__ == "__main__":
    sys.exit(main())
