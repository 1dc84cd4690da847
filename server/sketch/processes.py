"""The two processes of a sketch, and their pipes: the ear has the microphone, the mind has the model.

They are apart from the loop that plays, so that neither torch nor a sound driver can hold it up, and apart
from each other, because loading torch would make gaps in a recording. Both start with the first sketch; one
that dies is started again with the next. The loop only ever puts a message into a queue.
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
from typing import Any, Literal

from server.sketch.messages import ProcessEnded, TakeBegun, TakeEnded, pack, unpack

__all__ = ["Processes", "ProcessName"]

logger = logging.getLogger(__name__)

ProcessName = Literal["microphone", "answer"]
_FOR_THE_MIND = (TakeBegun, TakeEnded)  # what the ear says to it, through us
_PATIENCE_S = 2.0  # for a process to end by itself
_DIED = {
    "microphone": "what listens to the microphone ended; the sound is as it was. Sketch again, or choose "
    "another microphone: python run_server.py --list-microphones",
    "answer": "what answers sketches ended, perhaps for lack of memory; the sound is as it was. Try again.",
}


class Processes:
    """Starts the ear and the mind when they are spoken to, and collects what they say.

    Args:
        wake: Called from another thread when something was said; it must be thread-safe.
        facts: Folder of what was measured of devices.
    """

    def __init__(self, wake: Callable[[], None], facts: Path) -> None:
        self._wake = wake
        self._facts = facts
        self._said: deque[Any] = deque()
        self._orders: SimpleQueue[tuple[ProcessName, Any] | None] = SimpleQueue()
        self._children: dict[ProcessName, _Child] = {}
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> bool:
        """Whether something was said that nobody took."""
        return bool(self._said)

    def collect(self) -> list[Any]:
        """Give what was said, oldest first."""
        said = []
        while self._said:
            said.append(self._said.popleft())
        return said

    def tell(self, who: ProcessName, message: Any) -> None:
        """Say something to a process, which is started if need be; gives control back at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sketch", daemon=True)
            self._thread.start()
        self._orders.put((who, message))

    def stop(self) -> None:
        """End both processes."""
        if self._thread is not None:
            self._orders.put(None)
            self._thread.join(5 * _PATIENCE_S)

    # -- the thread

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            who, message = order
            try:
                child = self._alive(who)
                child.send(pack(message))
            except OSError as error:
                logger.warning("the %s could not be reached: %s", who, error)
                self._hear(ProcessEnded(who, _DIED[who]))
        for child in self._children.values():
            child.ask_to_end()
        for child in self._children.values():
            child.end()

    def _alive(self, who: ProcessName) -> "_Child":
        child = self._children.get(who)
        if child is None or not child.alive:
            if child is not None:
                child.end()
            child = self._children[who] = _Child(who, self._facts, self._listen)
        return child

    def _listen(self, child: "_Child") -> None:
        """Hear what a process says, until its pipe breaks; in a thread of its own."""
        while (raw := child.receive()) is not None:
            if raw[:1] == b"A":
                self._hand_on(raw)
                continue
            message = unpack(raw)
            if isinstance(message, _FOR_THE_MIND):
                self._hand_on(raw)
            else:
                self._hear(message)
        if not child.ending:
            self._hear(ProcessEnded(child.who, _DIED[child.who]))

    def _hand_on(self, raw: bytes) -> None:
        mind = self._children.get("answer")
        if mind is not None:
            with contextlib.suppress(OSError):  # its own thread tells that it died
                mind.send(raw)

    def _hear(self, message: Any) -> None:
        self._said.append(message)
        self._wake()


class _Child:
    """One process and our end of its pipe."""

    def __init__(self, who: ProcessName, facts: Path, listen: Callable[["_Child"], None]) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.who = who
        self.ending = False
        self._pipe: Connection = ours
        self._sending = threading.Lock()
        # Not a daemon: the mind has processes of its own. Both end when the pipe does.
        self._process = context.Process(target=_live, args=(who, theirs, str(facts)), name=f"sketch {who}")
        self._process.start()
        theirs.close()
        threading.Thread(target=listen, args=(self,), name=f"sketch {who}", daemon=True).start()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

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
            self.send(b"Q")

    def end(self) -> None:
        self.ask_to_end()
        self._process.join(_PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_PATIENCE_S)
        self._pipe.close()


def _live(who: ProcessName, pipe: Connection, facts: str) -> None:
    """Be one of the two; the first thing that a new process does."""
    import signal

    for name in ("SIGINT", "SIGBREAK"):  # the server says when it ends
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    if who == "microphone":
        from server.sketch.microphone_process import MicrophoneProcess

        MicrophoneProcess(pipe, Path(facts)).run()
    else:
        # One core for thinking, the others for what renders and what plays; before anything loads torch.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        from server.sketch.answer_process import AnswerProcess

        AnswerProcess(pipe).run()
