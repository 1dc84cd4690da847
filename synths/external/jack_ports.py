"""Ports of JACK that never keep the program waiting: they are in a process beside it.

`JackPort` has the methods of `rtmidi.MidiIn` and `rtmidi.MidiOut` that this program uses. Where JACK stands
still, or its library fails, the process is ended and started again until JACK answers, and the ports are
opened anew; until then there are none, as if everything had been unplugged.
"""

import contextlib
import itertools
import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import rtmidi

from synths.external.jack_process import CALL, LONGEST, MESSAGE, PING, main, packet_of

__all__ = ["JackPort"]

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_BEAT_S = 1.0
_MOST_SILENT = 10  # beats, then JACK is taken to stand still: on a busy computer it takes seconds
_MOST_SILENT_AT_FIRST = 60  # until the process has started
_ANSWERS_S = 60.0  # it is ended before, if it says nothing
_AGAIN_S = 4.0  # between two processes
_BACK_S = 8.0  # a new port waits so long for the process after one that has just ended
_LOOK_S = 0.05

Callback = Callable[[tuple[list[int], float], Any], None]


class _AwayError(rtmidi.SystemError):  # type: ignore[misc]  # rtmidi says nothing of its types
    def __init__(self) -> None:
        super().__init__("JACK does not answer")


class _JackProcess:
    """The process that all ports share. It is started with the first, and ends when the program does."""

    def __init__(self) -> None:
        self.ports: dict[int, JackPort] = {}
        self._starting = threading.Lock()
        self._is_watched = False
        self._process: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None
        self._reading: threading.Thread | None = None
        self._answers: dict[int, tuple[threading.Event, list[Any]]] = {}
        self._numbers = itertools.count()

    def start(self) -> None:
        """Start the process, unless that was done; from then on it is started again whenever it ends."""
        with self._starting:
            if not self._is_watched:
                self._is_watched = True
                self._run()
                threading.Thread(target=self._watch, name="JACK", daemon=True).start()

    def call(self, port: int, method: str, *arguments: Any) -> Any:
        """Call a method of a port, and return what it returns.

        Raises:
            rtmidi.RtMidiError: JACK does not answer, or refuses.
        """
        number, answered, answer = next(self._numbers), threading.Event(), list[Any]()
        self._answers[number] = answered, answer
        try:
            self._put(CALL + json.dumps([number, port, method, arguments]).encode())
            answered.wait(_ANSWERS_S)
        finally:
            self._answers.pop(number, None)
        if not answer:
            raise _AwayError
        is_well, result = answer
        if not is_well:
            raise rtmidi.SystemError(str(result))
        return result

    def make(self, port: int, kind: str, name: str) -> None:
        """Make a port, also where the process has just ended, as with the JACK before this one.

        Raises:
            rtmidi.RtMidiError: JACK does not answer, or refuses.
        """
        self.start()
        deadline: float | None = None
        while True:
            try:
                self.call(port, "make", kind, name, _which_jack())
                return
            except _AwayError:
                deadline = deadline or monotonic() + _BACK_S
                if monotonic() > deadline:
                    raise
            sleep(_LOOK_S)

    def send(self, port: int, message: bytes) -> None:
        """Send a MIDI message; it is lost where there is no process."""
        with contextlib.suppress(rtmidi.RtMidiError):
            self._put(packet_of(port, message))

    def _put(self, packet: bytes) -> None:
        sock = self._sock
        try:
            if sock is not None:
                sock.send(packet)  # waits while JACK does, but no longer than the process lives
                return
        except OSError:
            pass
        raise _AwayError

    def _run(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-c", f"from {main.__module__} import main; main({theirs.fileno()})"]
        null = subprocess.DEVNULL  # JACK reports at length
        with theirs:
            process = subprocess.Popen(
                command, cwd=_ROOT, stdin=null, stdout=null, stderr=null, pass_fds=[theirs.fileno()]
            )
        self._process, self._sock = process, ours
        self._reading = threading.Thread(target=self._read, args=(ours, process), name="JACK in", daemon=True)
        self._reading.start()

    def _watch(self) -> None:
        """Start the process again whenever it has ended, until its ports are open."""
        while True:
            assert self._reading is not None and self._process is not None, "it was started before"
            self._reading.join()
            self._process.wait()
            logger.warning("JACK does not answer; MIDI comes back when it does")
            is_back = False
            while not is_back:
                sleep(_AGAIN_S)
                self._run()
                is_back = self._open_again()
            logger.warning("JACK answers again")

    def _open_again(self) -> bool:
        assert self._process is not None and self._reading is not None, "it was just started"
        try:
            for port in list(self.ports.values()):
                port.open_again()
        except rtmidi.RtMidiError:
            self._process.kill()
            self._process.wait()
            self._reading.join()
            return False
        return True

    def _read(self, sock: socket.socket, process: "subprocess.Popen[bytes]") -> None:
        """Pass on what comes from the process until it ends; end it if it says nothing for too long."""
        n_silent, is_there = 0, False
        with contextlib.suppress(OSError):
            while True:
                if not select.select([sock], [], [], _BEAT_S)[0]:
                    n_silent += 1  # and not seconds: this process may have stood still itself
                    if n_silent > (_MOST_SILENT if is_there else _MOST_SILENT_AT_FIRST):
                        process.kill()
                    with contextlib.suppress(BlockingIOError):
                        sock.send(PING, socket.MSG_DONTWAIT)
                    continue
                n_silent, is_there = 0, True
                packet = sock.recv(LONGEST)
                if not packet:
                    break
                self._receive(packet[:1], packet[1:])
        self._sock = None
        process.kill()
        sock.close()
        for answered, _ in list(self._answers.values()):
            answered.set()

    def _receive(self, kind: bytes, rest: bytes) -> None:
        if kind == MESSAGE:
            port = self.ports.get(int.from_bytes(rest[:2], "big"))
            if port is not None:
                port.received(rest[2:])
        elif kind == CALL:
            number, *answer = json.loads(rest)
            waiting = self._answers.get(number)
            if waiting is not None:
                waiting[1].extend(answer)
                waiting[0].set()


def _which_jack() -> dict[str, str]:
    """Return what says which JACK is asked: it may have changed since the process was started."""
    return {key: value for key, value in os.environ.items() if key.startswith("JACK_")}


_shared = _JackProcess()
_numbers = itertools.count()


class JackPort:
    """A port of JACK, not open yet.

    Args:
        kind: "in" or "out".
        name: Of the client of JACK.

    Raises:
        rtmidi.RtMidiError: JACK does not answer.
    """

    def __init__(self, kind: str, name: str) -> None:
        self._made = kind, name
        self._listening: list[bool] | None = None  # kinds of messages that are left out
        self._callback: Callback | None = None
        self._opened: tuple[str | None, str] | None = None  # its other end, unless virtual; its name
        self._number = next(_numbers)
        _shared.make(self._number, *self._made)
        _shared.ports[self._number] = self

    def _call(self, method: str, *arguments: Any) -> Any:
        return _shared.call(self._number, method, *arguments)

    def get_ports(self) -> list[str]:
        """Return the names of the ports at the other end; none while JACK does not answer."""
        try:
            return list(self._call("get_ports"))
        except rtmidi.RtMidiError:
            return []

    def ignore_types(self, *, sysex: bool, timing: bool, active_sense: bool) -> None:
        """Choose what is not received."""
        self._listening = [sysex, timing, active_sense]

    def set_callback(self, callback: Callback) -> None:
        """Have what comes in passed on, from a thread that may wait."""
        self._callback = callback
        self._listening = self._listening or [True, True, True]
        self._call("listen", *self._listening)

    def cancel_callback(self) -> None:
        """Pass on nothing any more."""
        self._callback = self._listening = None

    def received(self, message: bytes) -> None:
        """Pass on what came in."""
        if self._callback is not None:
            self._callback((list(message), 0.0), None)

    def open_port(self, n: int, name: str) -> None:
        """Connect to port n of the list."""
        names = self._call("get_ports")
        if n >= len(names):
            raise rtmidi.InvalidPortError(f"there is no port {n}")
        self._call("open_port", n, name)
        self._opened = names[n], name

    def open_virtual_port(self, name: str) -> None:
        """Make a port that others connect to."""
        self._call("open_virtual_port", name)
        self._opened = None, name

    def open_again(self) -> None:
        """Make the port anew in a process that has just been started; its other end may have gone.

        Raises:
            rtmidi.RtMidiError: JACK does not answer.
        """
        self._call("make", *self._made, _which_jack())
        if self._listening is not None:
            self._call("listen", *self._listening)
        if self._opened is None:
            return
        other, name = self._opened
        if other is None:
            self._call("open_virtual_port", name)
        elif other in (names := self._call("get_ports")):
            self._call("open_port", names.index(other), name)

    def send_message(self, message: bytes | list[int]) -> None:
        """Send a MIDI message; lost while JACK does not answer."""
        _shared.send(self._number, bytes(message))

    def close_port(self) -> None:
        """Disconnect; there is nothing to do where JACK does not answer."""
        self._opened = None
        with contextlib.suppress(rtmidi.RtMidiError):
            self._call("close_port")

    def delete(self) -> None:
        """End the client of JACK."""
        _shared.ports.pop(self._number, None)
        with contextlib.suppress(rtmidi.RtMidiError):
            self._call("delete")
