"""How a command ends: its exit status, errors in one line, and Ctrl-C."""

import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from core.errors import BridgeError
from core.terminal import log_to_terminal

__all__ = ["exit_status", "held_interrupt"]


def exit_status(work: Callable[[], int | None], *, stopped: str = "stopped") -> int:
    """Do a command's work with messages on standard error, and return the exit status.

    Args:
        work: What the command does; it may return a status of its own.
        stopped: What to say after Ctrl-C.

    Returns:
        The status of `work`, or 0; 2 after a `BridgeError`, which is logged in one line; 130 after Ctrl-C.
    """
    log_to_terminal(logging.INFO)
    try:
        return work() or 0
    except BridgeError as error:
        logging.error("%s", error)
        return 2
    except KeyboardInterrupt:
        logging.info("%s", stopped)
        return 130


@contextlib.contextmanager
def held_interrupt() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C back, and yield a function that tells whether it was pressed; twice is at once.

    Whoever asks then saves what there is and raises `KeyboardInterrupt`. In a thread other than the main one
    there is nothing to hold back, and the function returns False.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)
