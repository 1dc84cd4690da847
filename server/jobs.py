"""Work that is too slow for the loop: one worker thread, a short queue, newest wins.

A job's `work` runs in the worker and touches nothing of the instrument; what it returns is given to
`land` on the loop, where it may. The wake call makes a sleeping loop look.
"""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Job", "JobQueue", "Jobs", "Landing"]

logger = logging.getLogger(__name__)

_MAX_WAITING = 64


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of slow work.

    Attributes:
        key: A waiting job of the same key is replaced by this one.
        work: Runs in the worker thread.
        land: Runs on the loop with what `work` returned.
        fail: Runs on the loop with the exception that `work` raised.
    """

    key: Hashable
    work: Callable[[], Any]
    land: Callable[[Any], None]
    fail: Callable[[Exception], None]


Landing = Callable[[], None]


class JobQueue(Protocol):
    """Where slow work goes."""

    def submit(self, job: Job) -> bool:
        """Queue a job; False if the queue is full."""
        ...


class Jobs:
    """The queue and its worker.

    Args:
        wake: Called from the worker when something has landed; it must be thread-safe.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._waiting: OrderedDict[Hashable, Job] = OrderedDict()
        self._landed: deque[Landing] = deque()
        self._condition = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> bool:
        """Queue a job; False if the queue is full."""
        with self._condition:
            if job.key not in self._waiting and len(self._waiting) >= _MAX_WAITING:
                return False
            self._waiting[job.key] = job
            self._condition.notify()
        return True

    def landed(self) -> list[Landing]:
        """Return the landings of finished jobs, to be called on the loop."""
        calls = []
        while self._landed:
            calls.append(self._landed.popleft())
        return calls

    def stop(self, timeout_s: float = 2.0) -> None:
        """Finish what waits, if it takes no longer than this, and end the worker."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._waiting and not self._stopping:
                    self._condition.wait()
                if not self._waiting:
                    return
                _, job = self._waiting.popitem(last=False)
            self._landed.append(_done(job))
            self._wake()


def _done(job: Job) -> Landing:
    try:
        result = job.work()
    except Exception as error:
        failure = error  # the name `error` is gone when the block ends
        return lambda: job.fail(failure)
    return lambda: job.land(result)
