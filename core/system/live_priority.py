"""Raise the priority of threads that somebody waits for, as far as the user is allowed to.

Where other programs want the processor, a thread that has work waits until the one that runs has had its
slice, and those are sized for throughput.

- Linux, for users who may ask for real time, as audio programs do (`@audio - rtprio` in limits.d): the lowest
  of these priorities, below any audio thread. Should a flood keep it busy, Linux leaves others 5 % of a core.
- Linux 6.12 and later, for everybody: a short slice of its own, which brings the deadline of each wake-up
  nearer (EEVDF). It runs sooner then, and no longer.
- Windows: a higher priority within the process's class.
- macOS: the quality of service of what a person touches.

Elsewhere, and where the system refuses, everything stays as it was.
"""

import ctypes
import os
import platform
import struct
import sys

__all__ = ["SLICE_NS", "ask_for_real_time", "ask_for_slice", "raise_priority"]

SLICE_NS = 100_000  # the shortest that Linux grants; a macro takes about as long
_SYSCALLS = {
    "x86_64": (315, 314),
    "aarch64": (275, 274),
    "riscv64": (275, 274),
}  # sched_getattr, sched_setattr
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")  # size, policy, flags, nice, priority, runtime, deadline, period
_ORDINARY = (0, 3)  # SCHED_OTHER, SCHED_BATCH; who was given a real-time policy keeps it
_RESET_ON_FORK = 1  # renderers and sketches, which the loop starts, are not to inherit it
_HIGHEST = 2  # THREAD_PRIORITY_HIGHEST
_USER_INTERACTIVE = 0x21  # QOS_CLASS_USER_INTERACTIVE


def raise_priority() -> bool:
    """Ask for the calling thread; whether the system granted anything."""
    try:
        if sys.platform == "win32":
            kernel = ctypes.WinDLL("kernel32")
            kernel.GetCurrentThread.restype = ctypes.c_void_p
            kernel.SetThreadPriority.argtypes = (ctypes.c_void_p, ctypes.c_int)
            return bool(kernel.SetThreadPriority(kernel.GetCurrentThread(), _HIGHEST))
        if sys.platform == "darwin":
            library = ctypes.CDLL(None)
            return bool(library.pthread_set_qos_class_self_np(_USER_INTERACTIVE, 0) == 0)
        return sys.platform == "linux" and (ask_for_real_time() or ask_for_slice(SLICE_NS))
    except (OSError, AttributeError):  # a system library without these calls
        return False


def ask_for_real_time(thread: int = 0) -> bool:
    """Ask Linux for the lowest real-time priority.

    Args:
        thread: Its number in the system; 0 for the calling one.

    Returns:
        Whether it is granted; without a limit of `rtprio` it is not.
    """
    if sys.platform != "linux":
        return False
    try:
        os.sched_setscheduler(thread, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError:
        return False
    return True


def ask_for_slice(slice_ns: int, thread: int = 0) -> bool:
    """Ask Linux for a slice of the processor of this length.

    Args:
        slice_ns: 100,000 to 100,000,000; 0 gives the system's own back.
        thread: Its number in the system, of a process of this user; 0 for the calling one.

    Returns:
        Whether it is granted; kernels before 6.12 take the call and do nothing, other systems have none.
    """
    if sys.platform != "linux" or platform.machine() not in _SYSCALLS or struct.calcsize("P") != 8:
        return False
    get, put = _SYSCALLS[platform.machine()]
    call = ctypes.CDLL(None).syscall
    attributes = ctypes.create_string_buffer(_ATTRIBUTES.size)
    if call(get, thread, attributes, _ATTRIBUTES.size, 0) != 0:
        return False
    size, policy, flags, nice, priority, _, deadline, period = _ATTRIBUTES.unpack(attributes.raw)
    if policy not in _ORDINARY:
        return False
    attributes.raw = _ATTRIBUTES.pack(
        size, policy, flags | _RESET_ON_FORK, nice, priority, slice_ns, deadline, period
    )
    if call(put, thread, attributes, 0) != 0 or call(get, thread, attributes, _ATTRIBUTES.size, 0) != 0:
        return False
    granted: int = _ATTRIBUTES.unpack(attributes.raw)[5]
    return granted == slice_ns or slice_ns == 0
