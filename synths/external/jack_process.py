"""Ports of JACK in a process of their own, which `synths.external.jack_ports` starts and talks to.

RtMidi waits for JACK with Python's lock held, and JACK's threads wait for that lock. In the program itself, a
JACK that stands still, or is late, would stop everything else: here it stops this process, which is ended
and started again.
"""

import contextlib
import json
import os
import select
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

import rtmidi

__all__ = ["CALL", "LONGEST", "MESSAGE", "PING", "main", "packet_of"]

CALL, MESSAGE, PING = b"c", b"m", b"p"  # how packets begin
LONGEST = 1 << 16  # bytes of a packet
_STUCK_S = 20.0  # then the system ends it: nobody else may be left to do so
_BEAT_S = 1.0
_MOST_WAITING = 8_192  # packets; the oldest are dropped while the program stands still
_MAKERS = {"in": rtmidi.MidiIn, "out": rtmidi.MidiOut}


def packet_of(port: int, message: bytes) -> bytes:
    """Return the packet of a MIDI message to or from a port."""
    return MESSAGE + port.to_bytes(2, "big") + message


class _Sender:
    """Sends packets to the program without ever waiting for it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._waiting: deque[bytes] = deque(maxlen=_MOST_WAITING)
        self._sending = threading.Lock()
        self._more = threading.Event()

    def put(self, packet: bytes) -> None:
        """Send a packet, now or as soon as there is room. From any thread."""
        self._waiting.append(packet)
        self._flush()

    def _flush(self) -> None:
        while self._waiting and self._sending.acquire(blocking=False):
            try:
                while self._waiting:
                    self._sock.send(self._waiting[0], socket.MSG_DONTWAIT)
                    self._waiting.popleft()
            except BlockingIOError:
                self._more.set()
                return
            except (OSError, IndexError):
                return  # the program has ended, or what waited was dropped
            finally:
                self._sending.release()

    def run(self) -> None:
        """Send what there was no room for, until the process ends."""
        while self._more.wait():
            self._more.clear()
            select.select([], [self._sock], [])
            self._flush()


class _Ports:
    """The ports, by the numbers that the program gave them."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self._ports: dict[int, Any] = {}

    def call(self, port: int, method: str, arguments: list[Any]) -> Any:
        """Call a method of a port; `make` makes it, `listen` has it send what it receives."""
        if method == "make":
            kind, name, which = arguments
            os.environ.update(which)
            self._ports[port] = _MAKERS[kind](rtapi=rtmidi.API_UNIX_JACK, name=name)
        elif method == "listen":
            self._ports[port].ignore_types(*arguments)
            self._ports[port].set_callback(lambda event, _: self._put(packet_of(port, bytes(event[0]))))
        elif method == "delete":
            self._ports.pop(port).delete()
        else:
            returned = getattr(self._ports[port], method)(*arguments)
            return returned if isinstance(returned, list) else None  # others return the port itself
        return None

    def send(self, port: int, message: bytes) -> None:
        """Send a MIDI message."""
        if port in self._ports:
            self._ports[port].send_message(message)


def main(file_number: int) -> NoReturn:
    """Carry out what the program wants until it ends.

    Args:
        file_number: Of the socket to the program.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program
    sock = socket.socket(fileno=file_number)
    sender = _Sender(sock)
    ports = _Ports(sender.put)
    for run in (sender.run, _beat):
        threading.Thread(target=run, daemon=True).start()
    while packet := _next(sock):
        kind, rest = packet[:1], packet[1:]
        if kind == MESSAGE:
            with contextlib.suppress(rtmidi.RtMidiError):
                ports.send(int.from_bytes(rest[:2], "big"), rest[2:])
        elif kind == PING:
            sender.put(PING)
        else:
            number, port, method, arguments = json.loads(rest)
            try:
                answer = [number, True, ports.call(port, method, arguments)]
            except Exception as error:  # it is raised in the program
                answer = [number, False, str(error)]
            sender.put(CALL + json.dumps(answer).encode())
    os._exit(0)  # closing the ports would wait for JACK, which may have ended as well


def _next(sock: socket.socket) -> bytes:
    try:
        return sock.recv(LONGEST)
    except OSError:  # the program was killed with something unread
        return b""


def _beat() -> None:
    """Put off the end by the system, as long as Python's lock can be had."""
    beat = threading.Event()
    while True:
        signal.setitimer(signal.ITIMER_REAL, _STUCK_S)
        beat.wait(_BEAT_S)
