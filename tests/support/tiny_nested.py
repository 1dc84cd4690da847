"""Nested datasets of real renders that are made in seconds."""

from concurrent.futures import Future

import numpy as np

from synths.space_files import load_space
from tests.support.tiny_dataset import TINY_MEL, TINY_NOTE
from training.data.executors import RenderExecutor
from training.data.nested import render_nested

__all__ = ["write_tiny_nested"]

_N_RENDERED = 6


class _RenderingOnce:
    """A pool that renders a few patches of each space, and answers with these rearranged."""

    def __init__(self):
        self.rendered = {}

    def submit(self, function, source, seed, shard, n, mel, note):
        name = source.space.name
        if name not in self.rendered:
            self.rendered[name] = function(source, seed, shard, _N_RENDERED, mel, note)[0]
        job = Future()
        order = np.random.default_rng(shard).permutation(_N_RENDERED)[:n]
        job.set_result((self.rendered[name][order], 0))
        return job


def write_tiny_nested(path, sizes=(16, 32, 64)):
    """Eighty patches of each size of Vital, two a shard, and two more for the test.

    What is there already is not rendered again.
    """
    spaces = [load_space(f"vital-{n}") for n in sizes]
    executor = RenderExecutor(_RenderingOnce(), 1)
    counts = {"count": 80, "test_shards": 2}
    return render_nested(spaces, path, **counts, seed=3, executor=executor, note=TINY_NOTE, mel=TINY_MEL)
