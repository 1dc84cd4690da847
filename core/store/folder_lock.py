"""One program at a time changes the files of a folder, also when two servers share it."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from core.store.data_folder import make_private

__all__ = ["locked"]

_RETRY_S = 0.01
_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)


@contextlib.contextmanager
def locked(folder: Path, wait_s: float = 5.0) -> Iterator[None]:
    """Hold the lock of a folder, which is made if it is not there.

    The system lets go of it when a program ends, however it ends. Where the file system has no locks, as some
    network drives, nothing is held.

    Args:
        folder: Whose files are about to change.
        wait_s: How long another program may hold it.

    Raises:
        TimeoutError: Another program holds it for longer; it is an OSError with a text.
        OSError: The folder cannot be written.
    """
    make_private(folder)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _hold(handle, folder, time.monotonic() + wait_s)
        yield
    finally:
        os.close(handle)  # which lets go of it


def _hold(handle: int, folder: Path, deadline: float) -> None:
    while True:
        try:
            _try(handle)
        except OSError as error:
            if error.errno not in _HELD:
                return  # no locks here
        else:
            return
        if time.monotonic() >= deadline:
            raise TimeoutError(errno.ETIMEDOUT, "another program is writing there", str(folder))
        time.sleep(_RETRY_S)


if sys.platform == "win32":
    import msvcrt

    def _try(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
