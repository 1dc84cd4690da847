"""Processes beside this one: for functions that may crash, and for work that can wait."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from core.errors import BridgeError, RenderError

__all__ = ["exit_reason", "lower_priority", "run_in_child"]

T = TypeVar("T")

_NICENESS = 10
_BELOW_NORMAL = 0x4000  # Windows' BELOW_NORMAL_PRIORITY_CLASS


def run_in_child(function: Callable[..., T], *arguments: Any, what: str, timeout_s: float) -> T:
    """Call a function in a new process and return its result.

    Args:
        function: At the top level of a module, so that the new process can import it.
        arguments: Its arguments; they and the result are pickled.
        what: Subject of error messages, such as a plug-in's name.
        timeout_s: After this the process is killed.

    Raises:
        RenderError: The process crashed or took longer.
        BridgeError: Raised by the function.
    """
    context = multiprocessing.get_context("spawn")  # the same on every system, and nothing is inherited
    ours, theirs = context.Pipe(duplex=False)
    # No daemon, so that it may start processes itself; it is killed below, however this ends.
    child = context.Process(target=_call, args=(theirs, function, arguments))
    child.start()
    theirs.close()
    try:
        if not ours.poll(timeout_s):
            raise RenderError(f"{what} did not answer for {timeout_s:.0f} s and was stopped.")
        try:
            done, result = ours.recv()
        except EOFError:
            child.join(10.0)
            raise RenderError(f"{what} crashed ({exit_reason(child.exitcode)}).") from None
    finally:
        child.kill()
        child.join()
        ours.close()
    if done:
        return result
    raise result


def _call(answer: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        result = (True, function(*arguments))
    except BridgeError as error:
        result = (False, error)
    answer.send(result)


def exit_reason(exit_code: int | None) -> str:
    """Return how a process ended that did not mean to, such as SIGSEGV."""
    if exit_code is not None and exit_code < 0:
        try:
            return signal.Signals(-exit_code).name
        except ValueError:
            return f"signal {-exit_code}"
    return f"exit code {exit_code}"


def lower_priority() -> None:
    """Lower the priority of this process, unless it is as low already, so that knobs and sound come first."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(max(0, _NICENESS - os.nice(0)))
