"""Where shards are rendered: threads, processes on this machine, or a Dask cluster.

All three are `concurrent.futures` executors, so the code that submits work need not know which it is.
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from urllib.parse import urlsplit

from core.errors import ConfigError

__all__ = ["RenderExecutor", "cluster_executor", "process_executor", "thread_executor"]

_CONNECT_SECONDS = 10


@dataclass(frozen=True)
class RenderExecutor:
    """A pool of threads or processes, and how many jobs to submit at a time."""

    pool: Executor
    n_jobs: int


@contextlib.contextmanager
def thread_executor(workers: int) -> Iterator[RenderExecutor]:
    """Run threads of this process, for an engine that lets them render in parallel."""
    with ThreadPoolExecutor(workers) as pool:
        yield RenderExecutor(pool, workers)


@contextlib.contextmanager
def process_executor(workers: int) -> Iterator[RenderExecutor]:
    """Run processes on this machine, each with its own engine; a crash does not end this process.

    After Ctrl-C they are ended at once, in the middle of a render.
    """
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start_worker)
    with pool:
        try:
            yield RenderExecutor(pool, workers)
        except KeyboardInterrupt:
            for child in active_children():
                child.terminate()
            raise


@contextlib.contextmanager
def cluster_executor(address: str) -> Iterator[RenderExecutor]:
    """Use Dask workers: those of a scheduler at `tcp://host:port`, or `local:N` new ones on this machine.

    Raises:
        ConfigError: Dask is not installed, or no scheduler answers at the address.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise ConfigError("--cluster needs Dask: python -m pip install -e '.[cluster]'") from None
    kind, _, count = address.partition(":")
    with contextlib.ExitStack() as stack:
        if kind == "local":
            if not count.isdigit() or int(count) < 1:
                raise ConfigError(
                    f"--cluster {address} is not understood. Write local:2 for two workers on this machine."
                )
            cluster = stack.enter_context(
                LocalCluster(
                    n_workers=int(count), threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
                )
            )
            address = cluster.scheduler_address
        if not _answers(address):
            raise ConfigError(
                f"no Dask scheduler answers at {address}. Start one with `dask scheduler`, or write local:2."
            )
        client = stack.enter_context(Client(address, timeout=_CONNECT_SECONDS))
        n_workers = len(client.scheduler_info(n_workers=-1)["workers"])
        if n_workers == 0:
            raise ConfigError(
                f"the scheduler at {address} has no workers. Run `dask worker {address} --nthreads 1` "
                "in this folder on each machine."
            )
        # Two jobs per worker, so that the next one is there when the first is done.
        yield RenderExecutor(stack.enter_context(client.get_executor(pure=False)), 2 * n_workers)


def _answers(address: str) -> bool:
    """Whether a scheduler listens there; without one, Dask's own client leaves its event loop broken."""
    try:
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname or "", parts.port or 0), _CONNECT_SECONDS):
            return True
    except (OSError, ValueError):
        return False


def _start_worker() -> None:
    """Leave Ctrl-C to the parent process, and end whenever and however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
