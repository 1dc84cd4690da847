"""The one thread of a process on which plug-ins are hosted.

Behind DawDreamer and pedalboard is a framework that takes the first thread it meets for its message thread: a
plug-in that another thread loads, plays or lets go waits for that one for good. So all of it is done on one
thread, and whoever wants more speed takes processes.
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
_host = ThreadPoolExecutor(1, thread_name_prefix=_NAME)  # starts its thread when it is first needed


def on_host_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function on the host thread, wait, and give its result or raise its error."""
    if threading.current_thread().name.startswith(_NAME):
        return function(*args, **kwargs)
    return _host.submit(function, *args, **kwargs).result()


def release_on_host_thread(hosted: list[Any]) -> None:
    """Drop what a list holds on the host thread; the list holds the only references.

    Args:
        hosted: Plug-in instances and their hosts; empty soon after.
    """
    try:
        _host.submit(hosted.clear)
    except RuntimeError:
        # Python is about to end and so is that thread. What is never let go cannot wait for it.
        for thing in hosted:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
