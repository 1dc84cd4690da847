"""Plays a synth on three threads at once, in a process of its own: what hangs must hang there alone."""

import faulthandler
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from synths.catalog import load_engine
from synths.engine import Note
from synths.space_files import load_space

__all__ = ["play_on_threads"]

_PATIENCE_S = 120


def play_on_threads(space: str) -> tuple[int, str]:
    """Run this file for a space; gives the exit status, and what it said to standard output."""
    command = [sys.executable, "-m", "tests.support.on_threads", space]
    work = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=_PATIENCE_S + 30)
    return work.returncode, work.stdout


def main(name: str) -> None:
    """Six engines, three at a time; all of them have to give the same sounds."""
    faulthandler.dump_traceback_later(_PATIENCE_S, exit=True)
    space = load_space(name)

    def play(_: int) -> list[np.ndarray]:
        engine = load_engine(space)
        note = Note(held_seconds=0.2, seconds=0.4)
        return [engine.render({space.names[1]: 0.3 + 0.1 * step}, note) for step in range(5)]

    with ThreadPoolExecutor(3) as pool:
        sounds = list(pool.map(play, range(6)))
    assert all(np.allclose(sounds[0], sound, atol=1e-4) for sound in sounds)
    sys.stdout.write("alike\n")


if __name__ == "__main__":
    main(sys.argv[1])
