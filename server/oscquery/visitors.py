"""Which requests are answered, by the names of this computer, and at a pace that playing does not feel."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from time import monotonic

__all__ = ["Pace", "is_own_name", "local_name"]

_BURST = 60  # requests at once: a program reads the tree node by node
_PER_S = 20.0  # and then; the interpreter that builds the tree is the one that plays
_LONGEST_S = 1.0


def local_name() -> str:
    """Return the name under which mDNS announces this computer, without its last dot."""
    return f"{socket.gethostname().split('.')[0] or 'flow'}.local"


def is_own_name(hosts: Sequence[str], *, announced: bool) -> bool:
    """Whether a request means this computer, by the `Host` headers that it has.

    A page of another site whose name was made to resolve to this computer (DNS rebinding) comes under its own
    name. It cannot come under a bare address; and what sends no `Host` is no browser.

    Args:
        hosts: The headers.
        announced: Whether this computer is announced by name.

    >>> is_own_name(["127.0.0.1:80"], announced=False), is_own_name(["evil.example"], announced=False)
    (True, False)
    """
    if not hosts:
        return True
    if len(hosts) > 1:
        return False
    name = hosts[0].strip().lower()
    if ":" in name and name.rpartition(":")[2].isdecimal():
        name = name.rpartition(":")[0]
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost" or (announced and name.removesuffix(".") == local_name().lower())
    return True


class Pace:
    """Lets requests wait for their turn: some at once, and then so many a second."""

    def __init__(self, burst: int = _BURST, per_s: float = _PER_S) -> None:
        self._ahead_s = burst / per_s
        self._each_s = 1.0 / per_s
        self._until = 0.0
        self._lock = threading.Lock()

    def wait(self, rest: Callable[[float], object], clock: Callable[[], float] = monotonic) -> None:
        """Rest until it is a request's turn, a second at most.

        Args:
            rest: Called with seconds.
            clock: Seconds of any clock.
        """
        with self._lock:
            now = clock()
            self._until = max(self._until, now - self._ahead_s) + self._each_s
            wait_s = min(self._until - now, _LONGEST_S)
        if wait_s > 0:
            rest(wait_s)
