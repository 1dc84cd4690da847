"""Processes that render patches and measure how far each is from a sound.

Processes and not threads, so that the loop that plays shares no interpreter lock with them; spawned rather
than forked, so that it is the same on every system.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

import numpy as np

from core.errors import RenderError
from core.mel import MelConfig
from core.playing.gestures import Gestures
from core.space import ParameterSpace
from sketching.rendering.own_renderer import OwnMeasurement
from sketching.rendering.render_worker import INAUDIBLE, RenderMeasurement
from sketching.rendering.worker_process import run_worker
from synths.engine import Note

__all__ = ["RenderWorkers", "default_count"]

_MOST_DEATHS = 4  # of workers in one refinement, before it is given up
_MOST_WORKERS = 8
_POLL_SECONDS = 0.01  # between two questions whether to stop: a first answer may wait for it


def default_count() -> int:
    """Return how many workers suit this machine."""
    return max(1, min(os.cpu_count() or 1, _MOST_WORKERS))


@dataclass(eq=False)
class _Worker:
    process: Any
    pipe: Connection
    job: int | None = None  # number of the job that it does


class RenderWorkers:
    """Worker processes, each with an engine of its own; used by one thread at a time.

    A patch's worker follows from its index, and every refinement begins with new engines, so the same patches
    give the same distances, whichever process is faster.

    Args:
        space: Of the patches.
        mel: How the model hears; also the rate of the renders.
        target_lufs: Loudness of the mels that come back.
        count: Number of processes; by default one for each core, 8 at most.
        polite: Whether they run at low priority, in the time that other programs leave.
    """

    def __init__(
        self,
        space: ParameterSpace,
        mel: MelConfig,
        target_lufs: float = -24.0,
        count: int | None = None,
        *,
        polite: bool = True,
    ) -> None:
        self._arguments = (space.to_dict(), mel.to_dict(), polite)
        self._target_lufs = target_lufs
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._turn = 0  # number of the batch; answers to an earlier one, which was stopped, are dropped
        self._begin: tuple[Any, ...] = ()
        self._deaths = 0
        self.count = count or default_count()

    def start(self) -> None:
        """Start the processes without waiting; they take a few seconds to be ready."""
        while len(self._workers) < self.count:
            self._workers.append(self._new())

    def begin(self, audio: np.ndarray | None, note: Note, stop: Callable[[], bool]) -> None:
        """Have every worker load a new engine and a sound to compare with, and wait until all are ready.

        Args:
            audio: The sound, mono, at the workers' rate; None if it is still to come.
            note: The note that patches are rendered at; sounds are compared over its length.
            stop: Ends the waiting.

        Raises:
            RenderError: The engine does not start, or workers ended again and again.
        """
        self.start()
        self._deaths = 0
        self._turn += 1
        sound = None if audio is None else np.asarray(audio, np.float32)
        self._begin = ("begin", self._turn, sound, vars(note), self._target_lufs)
        for slot in range(self.count):
            self._send(slot, self._begin)
        ready: set[int] = set()
        while len(ready) < self.count and not stop():
            for slot, message in self._received():
                if message is None:
                    ready.discard(slot)
                elif message[0] == self._turn:
                    ready.add(slot)

    def measure(
        self,
        patches: Sequence[np.ndarray],
        stop: Callable[[], bool],
        gestures: Sequence[Gestures | None] | None = None,
    ) -> list[RenderMeasurement | None]:
        """Render patches and compare each with the sound.

        Args:
            patches: Normalized values, n of `(P,)`.
            stop: Asked before each render; once it returns true, no more begin, and none are waited for.
            gestures: Of each patch; none by default.

        Returns:
            One measurement for each patch; None for those that were not rendered.

        Raises:
            RenderError: The engine does not start, or workers ended again and again.
        """
        drawn = gestures or [None] * len(patches)
        jobs = [("render", np.asarray(p, np.float32), g) for p, g in zip(patches, drawn, strict=True)]
        return self.carry_out(jobs, stop)

    def carry_out(self, jobs: Sequence[tuple[Any, ...]], stop: Callable[[], bool]) -> list[Any]:
        """Have jobs done, as `run_worker` reads them, without turn and number; see `measure`."""
        results: list[RenderMeasurement | OwnMeasurement | None] = [None] * len(jobs)
        shares = [list(range(k, len(jobs), self.count))[::-1] for k in range(self.count)]
        fatal: set[int] = set()  # jobs during which a worker ended
        self._turn += 1
        for worker in self._workers:
            worker.job = None
        while True:
            if stop():
                return results
            for slot, share in enumerate(shares):
                if share and self._workers[slot].job is None:
                    k = share.pop()
                    self._workers[slot].job = k
                    kind, *rest = jobs[k]
                    self._send(slot, (kind, self._turn, k, *rest))
            if all(worker.job is None for worker in self._workers):
                return results
            for slot, message in self._received():
                worker = self._workers[slot]
                if message is None:
                    lost, worker.job = worker.job, None
                    if lost is not None and lost in fatal:
                        results[lost] = INAUDIBLE
                    elif lost is not None:
                        fatal.add(lost)
                        shares[slot].append(lost)
                elif message[0] == self._turn:  # or else of a batch that was stopped
                    worker.job = None
                    results[message[1]] = message[2]

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            _end(worker)
        self._workers.clear()

    def _new(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=run_worker, args=(theirs, *self._arguments), daemon=True, name="render"
        )
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _send(self, slot: int, message: tuple[Any, ...]) -> None:
        try:
            self._workers[slot].pipe.send(message)
        except OSError:
            pass  # it has ended; the next receive notices, and its job is sent again

    def _received(self) -> Iterator[tuple[int, tuple[int, int, Any] | None]]:
        """Wait a moment; yield what came with the slot it came from, None for a worker that ended.

        That worker has been replaced; the new one keeps the number of the patch that was being rendered.
        """
        ready = wait([worker.pipe for worker in self._workers], _POLL_SECONDS)
        for slot, worker in enumerate(list(self._workers)):
            if worker.pipe not in ready:
                continue
            try:
                message = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace(slot)
                yield slot, None
                continue
            if isinstance(message[2], Exception):
                raise message[2]
            yield slot, message

    def _replace(self, slot: int) -> None:
        worker = self._workers[slot]
        _end(worker)
        self._deaths += 1
        if self._deaths > _MOST_DEATHS:
            self.close()
            raise RenderError(
                f"the processes that render ended {self._deaths} times (exit code "
                f"{worker.process.exitcode}); the best answer so far stays. If memory is short, close other "
                "programs, then sketch again."
            )
        self._workers[slot] = self._new()
        self._workers[slot].job = worker.job
        self._send(slot, self._begin)


def _end(worker: _Worker) -> None:
    worker.process.kill()  # nothing in it needs saving
    worker.process.join(2.0)
    worker.pipe.close()
