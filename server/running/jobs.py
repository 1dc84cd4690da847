"""Work that is too slow for the loop, in two worker threads: one for what is kept, one for all else.

A job's `work` runs in a worker and touches nothing of the instrument; what it returns is given to `land` on
the loop, where it may. The wake call makes a sleeping loop look. A model that loads never holds up a save, no
save takes the place of another, and each is answered.
"""

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Job", "JobQueue", "Jobs", "Landing", "Post"]

logger = logging.getLogger(__name__)

_MAX_WAITING = 64
_MAX_SAVES = 1024  # more than a burst from the network brings in one turn of the loop


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of slow work.

    Attributes:
        key: A waiting job of the same key is replaced by this one, unless it keeps something.
        work: Runs in the worker thread.
        land: Runs on the loop with what `work` returned.
        fail: Runs on the loop with the exception that `work` raised.
        keeps: What it saves, in words; empty for what only looks at what is kept, None for everything else.
    """

    key: Hashable
    work: Callable[[], Any]
    land: Callable[[Any], None]
    fail: Callable[[Exception], None]
    keeps: str | None = None


Landing = Callable[[], None]
Post = Callable[[Landing], None]  # has it called on the loop; from any thread


class JobQueue(Protocol):
    """Where slow work goes."""

    def submit(self, job: Job) -> bool:
        """Queue a job; False if the queue is full."""
        ...


class Jobs:
    """The queues and their workers.

    Args:
        wake: Called from a worker when something has landed; it must be thread-safe.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._landed: deque[Landing] = deque()
        self._n_saves = 0

        self._wake = wake
        self._work = _Worker("jobs", self.post, _MAX_WAITING)
        self._saves = _Worker("saves", self.post, _MAX_SAVES)

    def post(self, landing: Landing) -> None:
        """Have something called on the loop. From any thread."""
        self._landed.append(landing)
        self._wake()

    def submit(self, job: Job) -> bool:
        """Queue a job; False if the queue is full."""
        if job.keeps is None:
            return self._work.submit(job.key, job)
        self._n_saves += 1
        return self._saves.submit(self._n_saves, job)

    def landed(self) -> list[Landing]:
        """Return the landings of finished jobs, to be called on the loop."""
        calls = []
        while self._landed:
            calls.append(self._landed.popleft())
        return calls

    @property
    def unfinished(self) -> list[str]:
        """What is still to be saved, in words."""
        return self._saves.unfinished

    def stop(self, timeout_s: float = 2.0) -> list[str]:
        """Finish what waits, if it takes no longer than this, and end the workers.

        Returns:
            What was not saved, in words.
        """
        deadline = time.monotonic() + timeout_s
        for worker in (self._saves, self._work):
            worker.stop()
        for worker in (self._saves, self._work):
            worker.join(max(0.0, deadline - time.monotonic()))
        return self.unfinished


class _Worker:
    """A thread with a queue."""

    def __init__(self, name: str, land: Callable[[Landing], None], most_waiting: int) -> None:
        self._land = land
        self._most_waiting = most_waiting
        self._waiting: OrderedDict[Hashable, Job] = OrderedDict()
        self._current: Job | None = None
        self._condition = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, key: Hashable, job: Job) -> bool:
        with self._condition:
            if self._stopping or (key not in self._waiting and len(self._waiting) >= self._most_waiting):
                return False
            self._waiting[key] = job
            self._condition.notify()
        return True

    @property
    def unfinished(self) -> list[str]:
        with self._condition:
            jobs = [*([self._current] if self._current else []), *self._waiting.values()]
        return list(dict.fromkeys(job.keeps for job in jobs if job.keeps))

    def stop(self) -> None:
        with self._condition:
            self._stopping = True
            self._condition.notify()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._current = None
                while not self._waiting and not self._stopping:
                    self._condition.wait()
                if not self._waiting:
                    return
                _, self._current = self._waiting.popitem(last=False)
                job = self._current
            self._land(_done(job))


def _done(job: Job) -> Landing:
    try:
        result = job.work()
    except Exception as error:
        failure = error  # the name `error` is gone when the block ends
        return lambda: job.fail(failure)
    return lambda: job.land(result)
