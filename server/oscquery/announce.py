"""Announces the server by mDNS, so that TouchOSC, Open Stage Control and Chataigne list it by itself."""

import contextlib
import ipaddress
import logging
import socket
import sys
import threading
from typing import Any

from core.errors import ConfigError
from server.osc.hosts.loopback import is_loopback
from server.oscquery.page import NAME
from server.oscquery.visitors import local_name

__all__ = ["Announcement"]

logger = logging.getLogger(__name__)

_JSON, _OSC = "_oscjson._tcp.local.", "_osc._udp.local."
_IP_BOUND_IF = 25  # netinet/in.h of macOS
_PATIENCE_S = 1.0  # to be announced, before that is withdrawn


class Announcement:
    """Announces the server until it is stopped; that takes a second, so it is done in a thread.

    Args:
        host: Address that the server listens on; 0.0.0.0 for all addresses of this machine.
        http_port: TCP port of the tree.
        osc_port: UDP port of the server.

    Raises:
        ConfigError: The `zeroconf` library is not installed.
    """

    def __init__(self, host: str, http_port: int, osc_port: int) -> None:
        try:
            import zeroconf
        except ImportError:
            raise ConfigError(
                "--oscquery needs the zeroconf library. Install it: python -m pip install -e '.[oscquery]'"
            ) from None
        self._everywhere = ipaddress.ip_address(host).is_unspecified
        self._host, self._ports = host, {_JSON: http_port, _OSC: osc_port}
        self._zeroconf: Any = None
        self._library: Any = zeroconf
        self._thread = threading.Thread(target=self._announce, name="mdns", daemon=True)
        self._thread.start()

    def _announce(self) -> None:
        library = self._library
        try:
            chosen: Any = library.InterfaceChoice.Default if self._everywhere else [self._host]
            self._zeroconf = library.Zeroconf(interfaces=chosen)
            if is_loopback(self._host):
                _keep_to_loopback(self._zeroconf)
            address = _own_address() if self._everywhere else self._host
            for kind, port in self._ports.items():
                service = library.ServiceInfo(
                    kind,
                    f"{NAME} {self._ports[_OSC]}.{kind}",  # two servers on one network are told apart
                    addresses=[socket.inet_aton(address)],
                    port=port,
                    properties={"txtvers": "1"},
                    server=f"{local_name()}.",
                )
                self._zeroconf.register_service(service, allow_name_change=True)
        except (OSError, library.Error) as error:
            logger.warning(
                "the server cannot be announced on the network (%s). Enter its address by hand", error
            )

    def stop(self) -> None:
        """Withdraw the announcement."""
        self._thread.join(_PATIENCE_S)
        if self._zeroconf is not None:
            self._zeroconf.close()


def _keep_to_loopback(zeroconf: Any) -> None:
    """Have the library hear this machine only: its socket listens at every address, whatever it was told.

    Windows cannot; there, others may ask for the name, and are answered on this machine.
    """
    with contextlib.suppress(AttributeError, OSError):  # an older library, or a system that refuses
        for reader in zeroconf.engine.readers:
            if sys.platform == "linux":
                reader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
            elif sys.platform == "darwin":
                reader.sock.setsockopt(socket.IPPROTO_IP, _IP_BOUND_IF, socket.if_nametoindex("lo0"))


def _own_address() -> str:
    """Return the address at which others reach this machine; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))  # RFC 5737: an address of no one; only the route is looked up
            found: str = sock.getsockname()[0]
            return found
        except OSError:
            return "127.0.0.1"
