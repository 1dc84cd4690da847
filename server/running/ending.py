"""Ending in time: the first Ctrl-C within two seconds, the second at once, whatever is stuck.

Signals are read by a thread of its own, from a socket that Python's C code writes to. So it acts even while
the main thread waits for a driver or a network drive.
"""

import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

__all__ = ["END_S", "STOP_S", "Ending", "last_words", "stop_all"]

logger = logging.getLogger(__name__)

END_S = 1.8  # from the first signal to the end by force
STOP_S = 1.2  # of that, for everything that is to be stopped
_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last one is Ctrl-Break, on Windows
_FORCED = 1  # exit status


class Ending:
    """Ends the program after signals.

    Args:
        stop: Asks the main thread to end; called from another thread.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._numbers = {int(getattr(signal, name)) for name in _SIGNALS if hasattr(signal, name)}
        self._kill: list[Callable[[], None]] = []
        self._unsaved: Callable[[], list[str]] = list
        self._wake_in, self._wake_out = socket.socketpair()

    def watch(self) -> None:
        """Take over the signals; from the main thread."""
        self._wake_out.setblocking(False)
        signal.set_wakeup_fd(self._wake_out.fileno(), warn_on_full_buffer=False)
        for number in self._numbers:
            signal.signal(
                number, lambda *_: None
            )  # or the default would end the program before the thread does
        threading.Thread(target=self._listen, name="ending", daemon=True).start()

    def knows(self, unsaved: Callable[[], list[str]], kill: Callable[[], None]) -> None:
        """Note what an end by force has to do.

        Args:
            unsaved: Returns what is not saved, in words; from any thread.
            kill: Ends processes that would outlive this one.
        """
        self._unsaved = unsaved
        self._kill.append(kill)

    def _listen(self) -> None:
        deadline: float | None = None
        while True:
            self._wake_in.settimeout(None if deadline is None else max(0.001, deadline - monotonic()))
            try:
                pressed = sum(byte in self._numbers for byte in self._wake_in.recv(64))
            except TimeoutError:
                self._force("it did not end in time")
                return
            except OSError:
                return
            if pressed and deadline is not None:
                self._force("stopped at once")
                return
            if pressed:
                deadline = monotonic() + END_S
                self._stop()

    def _force(self, why: str) -> None:
        """End the program now, and say what is lost."""
        for kill in self._kill:
            with contextlib.suppress(Exception):
                kill()
        with contextlib.suppress(Exception):
            lost = self._unsaved()
            words = f"stopped ({why}){_lost(lost)}\n"
            os.write(2, words.encode(errors="replace"))  # other threads may hold the locks of sys.stderr
        os._exit(_FORCED)


def stop_all(stops: Mapping[str, Callable[[], Any]], timeout_s: float) -> list[str]:
    """Stop several things at once, and return the names of those that took too long; they are left behind.

    Args:
        stops: What stops each, by name.
        timeout_s: For all together.
    """

    def stop(name: str) -> None:
        try:
            stops[name]()
        except Exception:
            logger.exception("%s could not be stopped; this is a bug", name)

    threads = {name: threading.Thread(target=stop, args=(name,), daemon=True) for name in stops}
    for thread in threads.values():
        thread.start()
    deadline = monotonic() + timeout_s
    for thread in threads.values():
        thread.join(max(0.0, deadline - monotonic()))
    return [name for name, thread in threads.items() if thread.is_alive()]


def last_words(unsaved: list[str]) -> str:
    """Return the line that says that the server has stopped, and what is lost."""
    return f"stopped{_lost(unsaved)}"


def _lost(unsaved: list[str]) -> str:
    return f"; NOT SAVED: {', '.join(unsaved)}" if unsaved else ""
