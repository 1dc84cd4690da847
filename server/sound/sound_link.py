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
from sounding.orders import Order, SetPatch, SoundEnded, SoundOptions, SoundReport

__all__ = ["SoundLink"]

logger = logging.getLogger(__name__)

_PATIENCE_S = 2.0
_PATCH_EVERY_S = 0.01  # a turn is sent on this often; a note takes the newest patch along
_LOOK_S = 1.0
_SILENT_LOOKS = 20  # that long without a sign of life, it counts as frozen
_STARTING_LOOKS = 120  # until the first one: a sound driver or a plug-in may take its time


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
        self._reports: deque[SoundReport | SoundEnded] = deque()
        self._run: _SoundRun | None = None

    @property
    def is_started(self) -> bool:
        """Whether the process runs, or has run."""
        return self._run is not None

    @property
    def waiting(self) -> bool:
        """Whether there are reports to collect."""
        return bool(self._reports)

    def start(self, options: SoundOptions) -> None:
        """Start the process, or start it again once it has ended; return at once."""
        self._run = _SoundRun(options, self._report, self._prefer)

    def send(self, order: Order) -> None:
        """Send an order, after those and the patches before it; return at once."""
        if self._run is not None:
            self._run.send(order)

    def set_patch(self, instrument: int, patch: np.ndarray, space: int = 0) -> None:
        """Set an instrument's patch `(P,)`, which is sent soon; return at once. The newest wins."""
        if self._run is not None:
            self._run.set_patch(SetPatch(instrument, patch, space))

    def collect(self) -> list[SoundReport | SoundEnded]:
        """Return what was reported since the last call, oldest first."""
        reports = []
        while self._reports:
            reports.append(self._reports.popleft())
        return reports

    def stop(self) -> None:
        """End the process."""
        if self._run is not None:
            self._run.stop()

    def _report(self, report: SoundReport | SoundEnded) -> None:
        self._reports.append(report)
        self._wake()


class _SoundRun:
    """One sound process, from its start to its end."""

    def __init__(
        self,
        options: SoundOptions,
        report: Callable[[SoundReport | SoundEnded], None],
        prefer: Callable[[], object],
    ) -> None:
        from sounding.sound_process import run_sound

        self._report, self._prefer = report, prefer
        self._orders = OrderQueue()
        self._ordered = threading.Event()
        self._urgent = threading.Event()  # a note does not wait for the pace of patches
        self._stopping = self._has_ended = False
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # Not a daemon: it has processes of its own. All of them end when their pipes do.
        self._process: Any = context.Process(target=run_sound, args=(theirs, options), name="sound")
        self._thread = threading.Thread(target=self._start, args=(theirs,), name="sound orders", daemon=True)
        self._thread.start()

    def send(self, order: Order) -> None:
        self._orders.put(order)
        self._urgent.set()
        self._ordered.set()

    def set_patch(self, order: SetPatch) -> None:
        self._orders.put(order)
        if not self._ordered.is_set():
            self._ordered.set()

    def stop(self) -> None:
        self._stopping = True
        self._urgent.set()
        self._ordered.set()
        self._thread.join(_PATIENCE_S)
        self._end()

    def _end(self) -> None:
        if self._process.pid is None:
            return
        self._process.join(_PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_PATIENCE_S)

    # -- the thread that sends

    def _start(self, theirs: Connection) -> None:
        try:
            self._process.start()  # here, because it takes some milliseconds, and knobs do not wait
        except OSError as error:  # no memory, or too many processes
            logger.warning("the sound process cannot be started: %s", error)
            self._orders.close()
            self._report(SoundEnded())
            return
        finally:
            theirs.close()
        self._prefer()  # after the start: the process does without
        threading.Thread(target=self._listen, name="sound reports", daemon=True).start()
        with contextlib.suppress(OSError):  # it has ended; whoever listens says so
            while not (self._stopping or self._has_ended):
                self._ordered.wait()
                self._ordered.clear()
                self._urgent.clear()
                self._send_waiting()
                self._urgent.wait(_PATCH_EVERY_S)
            self._send_waiting()
            self._pipe.send(None)
        self._orders.close()  # nobody takes what else comes

    def _send_waiting(self) -> None:
        for order in self._orders.take():
            self._pipe.send(order)

    # -- the thread that listens

    def _listen(self) -> None:
        self._prefer()
        was_frozen = False
        with contextlib.suppress(EOFError, OSError):
            patience = _STARTING_LOOKS
            while True:
                was_frozen = not self._answers_within(patience)
                if was_frozen:
                    self._process.kill()
                patience = _SILENT_LOOKS
                self._report(self._pipe.recv())
        if self._stopping:
            return
        self._has_ended = True
        self._urgent.set()
        self._ordered.set()
        self._end()
        self._report(SoundEnded(was_frozen))

    def _answers_within(self, looks: int) -> bool:
        """Whether it says something; looks are counted, not seconds: a computer that slept was not silent."""
        return any(self._pipe.poll(_LOOK_S) for _ in range(looks))
