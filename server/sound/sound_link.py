"""The sound process and its pipe. The loop only ever puts something into a queue."""

import contextlib
import logging
import multiprocessing
import threading
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from server.sound.order_queue import OrderQueue
from sounding.orders import Order, SetPatch, SoundOptions, SoundReport

__all__ = ["SoundLink"]

logger = logging.getLogger(__name__)

_PATIENCE_S = 2.0
_PATCH_EVERY_S = 0.01  # a turn is sent on this often; a note takes the newest patch along
_ENDED = "the sound process ended, perhaps for lack of memory. Start the server again to hear it."


class SoundLink:
    """Starts the sound process, sends it orders, and collects what it reports.

    Args:
        wake: Called from another thread when something was reported; it must be thread-safe.
        prefer: Raises the priority of the thread that calls it. Without that, a thread of the link could lose
            the processor while it holds the interpreter, and the loop would wait for both.
    """

    def __init__(self, wake: Callable[[], None], prefer: Callable[[], object] = lambda: None) -> None:
        self._wake = wake
        self._prefer = prefer
        self._reports: deque[SoundReport] = deque()
        self._orders = OrderQueue()
        self._ordered = threading.Event()
        self._urgent = threading.Event()  # a note does not wait for the pace of patches
        self._process: Any = None
        self._pipe: Connection | None = None
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def is_started(self) -> bool:
        """Whether the process runs, or has run."""
        return self._process is not None

    @property
    def waiting(self) -> bool:
        """Whether there are reports to collect."""
        return bool(self._reports)

    def start(self, options: SoundOptions) -> None:
        """Start the process; return at once."""
        from sounding.sound_process import run_sound

        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # Not a daemon: it has processes of its own. All of them end when their pipes do.
        self._process = context.Process(target=run_sound, args=(theirs, options), name="sound")
        self._thread = threading.Thread(target=self._start, args=(theirs,), name="sound orders", daemon=True)
        self._thread.start()

    def send(self, order: Order) -> None:
        """Send an order, after those and the patches before it; return at once."""
        self._orders.put(order)
        self._urgent.set()
        self._ordered.set()

    def set_patch(self, instrument: int, patch: np.ndarray, space: int = 0) -> None:
        """Set an instrument's patch `(P,)`, which is sent soon; return at once. The newest wins."""
        self._orders.put(SetPatch(instrument, patch, space))
        if not self._ordered.is_set():
            self._ordered.set()

    def collect(self) -> list[SoundReport]:
        """Return what was reported since the last call, oldest first."""
        reports = []
        while self._reports:
            reports.append(self._reports.popleft())
        return reports

    def stop(self) -> None:
        """End the process."""
        if self._thread is None:
            return
        self._stopping = True
        self._urgent.set()
        self._ordered.set()
        self._thread.join(_PATIENCE_S)
        self._process.join(_PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_PATIENCE_S)

    def _start(self, theirs: Connection) -> None:
        self._process.start()  # here, because it takes some milliseconds, and knobs do not wait
        theirs.close()
        self._prefer()  # after the start: the process does without
        threading.Thread(target=self._listen, name="sound reports", daemon=True).start()
        assert self._pipe is not None, "made before"
        with contextlib.suppress(OSError):  # it has ended; whoever listens says so
            while not self._stopping:
                self._ordered.wait()
                self._ordered.clear()
                self._urgent.clear()
                self._send_waiting(self._pipe)
                self._urgent.wait(_PATCH_EVERY_S)
            self._send_waiting(self._pipe)
            self._pipe.send(None)
        self._orders.close()

    def _send_waiting(self, pipe: Connection) -> None:
        for order in self._orders.take():
            pipe.send(order)

    def _listen(self) -> None:
        assert self._pipe is not None, "made before"
        self._prefer()
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._report(self._pipe.recv())
        if not self._stopping:
            self._report(SoundReport(state="failed", text=_ENDED))

    def _report(self, report: SoundReport) -> None:
        self._reports.append(report)
        self._wake()
