"""A clock that is stepped, as by a time server or a hand: Python loads this in each process of the server.

`FLOW_SOAK_CLOCK` names a file of eight bytes: a float64, the seconds by which `time.time` is off.
"""

import mmap
import os
import struct
import time

if "FLOW_SOAK_CLOCK" in os.environ:
    with open(os.environ["FLOW_SOAK_CLOCK"], "rb") as file:
        _off = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    _true = time.time

    def _stepped() -> float:
        """Return the seconds since 1970, by the stepped clock."""
        return _true() + float(struct.unpack("d", _off)[0])

    time.time = _stepped
    time.time_ns = lambda: int(_stepped() * 1e9)
