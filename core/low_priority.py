"""Work that can wait: a process that leaves the processor to knobs and sound."""

import os
import sys

__all__ = ["lower_priority"]

_NICENESS = 10
_BELOW_NORMAL = 0x4000  # Windows' BELOW_NORMAL_PRIORITY_CLASS


def lower_priority() -> None:
    """Lower the priority of this process, unless it is as low already."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(max(0, _NICENESS - os.nice(0)))
