"""The one thread of a process on which plug-ins are hosted.

DawDreamer and pedalboard use a framework that makes the first thread it meets its message thread. A plug-in
that another thread loads, plays or releases waits for that one forever. So everything is done on one thread;
for more speed there are processes.
"""

import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

__all__ = ["on_host_thread", "release_on_host_thread"]

T = TypeVar("T")
P = ParamSpec("P")

_NAME = "plug-in host"
_host = ThreadPoolExecutor(1, thread_name_prefix=_NAME)  # starts its thread at its first job


def on_host_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function on the host thread and return its result or raise its error."""
    if threading.current_thread().name.startswith(_NAME):
        return function(*args, **kwargs)
    return _host.submit(function, *args, **kwargs).result()


def release_on_host_thread(hosted: list[Any]) -> None:
    """Clear a list on the host thread; it holds the only references to plug-ins.

    Args:
        hosted: Plug-in instances and their hosts; emptied soon after.
    """
    try:
        _host.submit(hosted.clear)
    except RuntimeError:
        # Python and that thread are about to end. What is never released cannot wait for the thread.
        for thing in hosted:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
