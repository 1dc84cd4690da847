"""Which addresses are this machine's own, and which of them reach no further than it."""

import ipaddress
import socket
from functools import lru_cache

__all__ = ["is_loopback", "is_own"]


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether an address reaches no further than this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_own(host: str) -> bool:
    """Whether an address is this machine's, on any of its networks; these change while it runs."""
    if is_loopback(host):
        return True
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((host, 0))  # only an own address can be
        except OSError:
            return False
    return True
