"""Keeps what plug-ins and drivers write off the terminal, so that our own words are not lost in it."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

__all__ = ["drop_native_output", "native_output_dropped"]

# Two threads at once would each restore what the other had put there. Blocks inside blocks are fine.
_ONE_AT_A_TIME = threading.RLock()


@contextlib.contextmanager
def native_output_dropped() -> Iterator[None]:
    """Drop what native code writes to standard output and standard error inside the block.

    Plug-ins, sound systems and ONNX Runtime report on every start, past Python's own streams. The two
    descriptors belong to the process, so the output of other threads is dropped too: keep the block short.
    """
    with _ONE_AT_A_TIME:
        sys.stdout.flush()
        sys.stderr.flush()
        kept = [os.dup(descriptor) for descriptor in (1, 2)]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            yield
        finally:
            for descriptor, original in zip((1, 2), kept, strict=True):
                os.dup2(original, descriptor)
                os.close(original)
            os.close(nowhere)


def drop_native_output() -> None:
    """Drop what native code writes from now on; Python's own errors still reach standard error."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
