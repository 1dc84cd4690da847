"""The UDP loop: drain, finish, send, rest. One thread; nothing here waits for anything else.

The socket is emptied before anything is computed, so that a burst never becomes a queue. Other
threads wake the loop through a pair of sockets, which also works on Windows.
"""

import contextlib
import errno
import gc
import select
import socket
import sys
from collections.abc import Callable
from time import perf_counter

from core.errors import ConfigError, DeviceError
from server.bridge import Bridge
from server.osc.guard import MAX_DATAGRAM
from server.osc.hosts.ports import Endpoint
from server.running.jobs import Jobs, Landing

__all__ = ["DRAIN_S", "MAX_DRAINED", "RECEIVE_BUFFER", "Transport", "open_socket"]

RECEIVE_BUFFER = 1 << 20  # bytes; the system may give less
MAX_DRAINED = 512  # datagrams a turn, so that a flood cannot keep the answer back
DRAIN_S = 0.01  # and no longer than this: what else has come waits in the socket
_COLLECT_IDLE_S = 5.0
_COLLECT_BUSY_S = 60.0
_SIO_UDP_CONNRESET = 0x9800000C  # Windows: do not report a client's closed port on our socket


def open_socket(host: str, port: int) -> socket.socket:
    """Bind the server's socket.

    Raises:
        DeviceError: The port is taken, or the address is not this machine's.
        ConfigError: The host is no IPv4 address or name.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    if exclusive is not None:  # Windows would let a second server share the port, and starve
        sock.setsockopt(socket.SOL_SOCKET, exclusive, 1)
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        if isinstance(error, socket.gaierror):
            raise ConfigError(f"--host {host} is unknown; give an IPv4 address.") from error
        if error.errno in (errno.EADDRNOTAVAIL,):
            raise DeviceError(f"{host} is not an address of this machine; see --host.") from error
        raise DeviceError(
            f"port {port} on {host} is taken ({error.strerror}), probably by another "
            f"run_server.py. Stop that one, or start this one with --port {port + 10} and set "
            "the same port in the device."
        ) from error
    sock.setblocking(False)
    if sys.platform == "win32":
        sock.ioctl(_SIO_UDP_CONNRESET, False)
    return sock


class Transport:
    """Moves datagrams between a socket and a bridge until it is stopped.

    Args:
        sock: Bound and non-blocking.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._stopping = False
        self.n_unsent = 0
        self._collected_at = 0.0

    def wake(self) -> None:
        """Make a resting loop look. From any thread."""
        with contextlib.suppress(OSError):  # full: it is awake; closed: it has ended
            self._wake_out.send(b"\0")

    def stop(self) -> None:
        """End the loop after the present turn. From any thread."""
        self._stopping = True
        self.wake()

    def run(self, bridge: Bridge, jobs: Jobs) -> None:
        """Serve until stopped."""
        gc.collect()
        gc.freeze()  # what was loaded is never looked at again
        gc.disable()  # the loop makes no cycles of note; it is swept when nothing happens
        try:
            while not self._stopping:
                self._turn(bridge, jobs.landed)
        finally:
            gc.enable()
            gc.unfreeze()
            self.flush(bridge)

    def close(self) -> None:
        """Close the sockets."""
        for sock in (self._sock, self._wake_in, self._wake_out):
            sock.close()

    def _turn(self, bridge: Bridge, landed: Callable[[], list[Landing]]) -> None:
        rest = bridge.rest_s(perf_counter())
        ready, _, _ = select.select([self._sock, self._wake_in], [], [], rest)
        began = perf_counter()
        if self._sock in ready:
            self._drain(bridge, began)
        if self._wake_in in ready:
            with contextlib.suppress(OSError):
                self._wake_in.recv(4096)
            for land in landed():
                land()
        framed = bridge.finish(began)
        if bridge.out:
            self.flush(bridge)
        now = perf_counter()
        if framed:
            bridge.health.frame_times.add(now - began)
        bridge.tick(now)
        if bridge.out:
            self.flush(bridge)
        if now - self._collected_at > (_COLLECT_BUSY_S if ready else _COLLECT_IDLE_S):
            gc.collect(1)
            self._collected_at = perf_counter()

    def _drain(self, bridge: Bridge, now: float) -> None:
        receive = self._sock.recvfrom
        for _ in range(MAX_DRAINED):
            try:
                datagram, sender = receive(MAX_DATAGRAM + 1)
            except BlockingIOError:
                return
            except OSError:  # Windows: too long for the buffer, or a client's port was closed
                bridge.health.n_refused += 1
                continue
            bridge.receive(datagram, sender, now)
            if perf_counter() - now > DRAIN_S:
                return

    def flush(self, bridge: Bridge) -> None:
        """Send what the bridge has put out."""
        for datagram, address in bridge.outbox.take(perf_counter()):
            self._send(datagram, address)

    def _send(self, datagram: bytes, address: Endpoint) -> None:
        try:
            self._sock.sendto(datagram, address)
        except OSError:  # the client's machine is gone, or the buffer is full: the next one counts
            self.n_unsent += 1
