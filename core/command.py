"""How a command ends: its exit status, and errors in one line."""

import logging
from collections.abc import Callable

from core.errors import BridgeError

__all__ = ["exit_status"]


def exit_status(work: Callable[[], int | None], *, stopped: str = "stopped") -> int:
    """Do a command's work with messages on standard error, and return the exit status.

    Args:
        work: What the command does; it may return a status of its own.
        stopped: What to say after Ctrl-C.

    Returns:
        The status of `work`, or 0; 2 after a `BridgeError`, which is logged in one line; 130 after Ctrl-C.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        return work() or 0
    except BridgeError as error:
        logging.error("%s", error)
        return 2
    except KeyboardInterrupt:
        logging.info("%s", stopped)
        return 130
