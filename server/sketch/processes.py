"""The two processes of a sketch, and their pipes: one has the microphone, the other has the model.

They are apart from the loop that plays, so that neither a model nor a sound driver can hold it up, and apart
from each other, because loading a model would make gaps in a recording. Both start with the first sketch. One
that dies, or gives no sign of life, is started again at once, or with the next sketch if it had only just
begun. The loop only ever puts a message into a queue.
"""

import contextlib
import logging
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from server.sketch.heartbeat import BEAT, SharedPipe, start_beating
from server.sketch.messages import (
    QUIT,
    AudioBlock,
    FromAnswerProcess,
    FromMicrophoneProcess,
    ProcessEnded,
    ProcessName,
    Report,
    TakeBegun,
    TakeEnded,
    ToAnswerProcess,
    ToMicrophoneProcess,
    is_audio,
    pack,
    unpack,
)
from sketching.own.library import OwnLibrary

__all__ = ["SketchProcesses"]

logger = logging.getLogger(__name__)

_PATIENCE_S = 2.0  # for a process to end by itself
_BEATS_S = 1.0  # between two looks for signs of life
_SILENT_BEATS = 20  # that long without one, it counts as frozen: loading a model from a slow disk takes less
_STARTING_BEATS = 120  # until the first one
_SETTLED_BEATS = 10  # one that has lived that long is started again at once
_ENDED = {
    "microphone": "the process of the microphone ended; the sound is as it was. Sketch again, or choose "
    "another microphone: python run_server.py --list-microphones",
    "answer": "the process that answers sketches ended, perhaps for lack of memory; the sound is as it was. "
    "Sketch again.",
}
_FROZEN = "the %s did not answer any more and was started again; the sound is as it was. Sketch again."
_CALLED: dict[ProcessName, str] = {
    "microphone": "process of the microphone",
    "answer": "process that answers sketches",
}


class SketchProcesses:
    """Starts the two processes when they are sent something, and collects what they report.

    Args:
        wake: Called from another thread when something was reported; it must be thread-safe.
        facts: Folder of facts about devices.
        own: The player's own presets, which may answer a sketch, too.
    """

    def __init__(self, wake: Callable[[], None], facts: Path, own: OwnLibrary | None = None) -> None:
        self._wake = wake
        self._arguments = str(facts), own or OwnLibrary()
        self._reports: deque[Report] = deque()
        self._orders: SimpleQueue[tuple[ProcessName, ToMicrophoneProcess | ToAnswerProcess | None] | None] = (
            SimpleQueue()
        )
        self._stopping = threading.Event()
        self._children: dict[ProcessName, _Child] = {}
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> bool:
        """Whether there are reports to collect."""
        return bool(self._reports)

    def collect(self) -> list[Report]:
        """Return what was reported since the last call, oldest first."""
        reports = []
        while self._reports:
            reports.append(self._reports.popleft())
        return reports

    def send_to_microphone_process(self, message: ToMicrophoneProcess) -> None:
        """Send a message to the process that has the microphone, started if need be; return at once."""
        self._order("microphone", message)

    def send_to_answer_process(self, message: ToAnswerProcess) -> None:
        """Send a message to the process that answers, started if need be; return at once."""
        self._order("answer", message)

    def stop(self, timeout_s: float = 1.0) -> None:
        """End both processes; by force those that take longer than this."""
        self._stopping.set()
        if self._thread is not None:
            self._orders.put(None)
            self._thread.join(timeout_s)
            self.kill()
            self._thread.join(_PATIENCE_S)

    def kill(self) -> None:
        """End both processes at once. From any thread."""
        self._stopping.set()
        for child in list(self._children.values()):
            child.kill()

    def _order(self, name: ProcessName, message: ToMicrophoneProcess | ToAnswerProcess) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sketch", daemon=True)
            self._thread.start()
            threading.Thread(target=self._watch, name="sketch watch", daemon=True).start()
        self._orders.put((name, message))

    # -- the thread that sends

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            name, message = order
            try:
                child = self._alive(name)
                if message is not None:
                    child.send(pack(message))
            except OSError as error:
                logger.warning("the %s process could not be reached: %s", name, error)
                self._report(ProcessEnded(name, _ENDED[name]))
        for child in self._children.values():
            child.ask_to_end()
        for child in self._children.values():
            child.end()

    def _alive(self, name: ProcessName) -> "_Child":
        child = self._children.get(name)
        if child is None or not child.alive:
            if child is not None:
                child.end()
            child = self._children[name] = _Child(name, self._arguments, self._listen)
        return child

    # -- a thread for each process, that receives

    def _listen(self, child: "_Child") -> None:
        """Receive what a process sends, until its pipe breaks."""
        while (raw := child.receive()) is not None:
            child.n_silent = 0
            if raw == BEAT:
                child.n_beats += 1
                continue
            if is_audio(raw):
                self._forward(raw)
                continue
            message: FromMicrophoneProcess | FromAnswerProcess = unpack(raw)
            if isinstance(message, TakeBegun | AudioBlock | TakeEnded):
                self._forward(raw)
            else:
                self._report(message)
        child.gone = True
        if child.ending or self._stopping.is_set():
            return
        text = _FROZEN % _CALLED[child.name] if child.frozen else _ENDED[child.name]
        logger.warning("%s", text)
        self._report(ProcessEnded(child.name, text))
        if child.n_beats >= _SETTLED_BEATS:
            self._orders.put((child.name, None))

    # -- a thread that watches both

    def _watch(self) -> None:
        """End a process that gives no sign of life; its own thread then notices, and says so.

        Looks are counted, not seconds: a computer that slept has not been silent.
        """
        while not self._stopping.wait(_BEATS_S):
            for child in list(self._children.values()):
                child.n_silent += 1
                if child.n_silent > (_SILENT_BEATS if child.n_beats else _STARTING_BEATS):
                    child.frozen = True
                    child.kill()

    def _forward(self, raw: bytes) -> None:
        """Send to the answer process what the microphone process has for it."""
        child = self._children.get("answer")
        if child is not None:
            with contextlib.suppress(OSError):  # its own thread reports that it died
                child.send(raw)

    def _report(self, report: Report) -> None:
        self._reports.append(report)
        self._wake()


class _Child:
    """One process and our end of its pipe."""

    def __init__(
        self, name: ProcessName, arguments: tuple[str, OwnLibrary], listen: Callable[["_Child"], None]
    ) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.name = name
        self.ending = False
        self.frozen = False
        self.gone = False  # its pipe has ended; the process itself may take a moment
        self.n_beats = 0
        self.n_silent = 0  # looks since its last sign of life
        self._pipe: Connection = ours
        self._sending = threading.Lock()
        # Not a daemon: the answer process has processes of its own. Both end when the pipe does.
        self._process = context.Process(
            target=_run_child, args=(name, theirs, *arguments), name=f"sketch {name}"
        )
        self._process.start()
        theirs.close()
        threading.Thread(target=listen, args=(self,), name=f"sketch {name}", daemon=True).start()

    @property
    def alive(self) -> bool:
        return not self.gone and self._process.is_alive()

    def send(self, raw: bytes) -> None:
        with self._sending:
            self._pipe.send_bytes(raw)

    def receive(self) -> bytes | None:
        try:
            return self._pipe.recv_bytes()
        except (EOFError, OSError):
            return None

    def ask_to_end(self) -> None:
        self.ending = True
        with contextlib.suppress(OSError):
            self.send(QUIT)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self.ask_to_end()
        self._process.join(_PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_PATIENCE_S)
        self._pipe.close()


def _run_child(name: ProcessName, pipe: Connection, facts: str, own: OwnLibrary) -> None:
    """Run one of the two processes until it ends; the first thing that a new process does."""
    import signal

    for signal_name in ("SIGINT", "SIGBREAK"):  # the server tells it when to end
        number = getattr(signal, signal_name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    shared = SharedPipe(pipe)
    if name == "microphone":
        from server.sketch.microphone_process import MicrophoneProcess

        start_beating(shared)
        MicrophoneProcess(shared, Path(facts)).run()
    else:
        # One core for the model, the others for rendering and playing. NumPy is loaded already.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        from threadpoolctl import threadpool_limits

        from server.sketch.answer_process import AnswerProcess

        threadpool_limits(1)
        process = AnswerProcess(shared, own)
        start_beating(shared, lambda: not process.is_overdue)
        process.run()
