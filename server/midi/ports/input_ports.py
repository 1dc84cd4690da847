"""MIDI ports of the system: opened as they come, closed as they go, in a thread of their own."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import rtmidi

from core.errors import DeviceError
from synths.external.midi_system import CLIENT, device_name, open_api

__all__ = ["InputPorts", "PortReceiver"]

logger = logging.getLogger(__name__)

_LOOP = "Midi Through"  # ALSA's: it sends back what is sent to it, perhaps by us
_REFRESH_S = 1.0


class PortReceiver(Protocol):
    """Receives what the ports report, from any thread."""

    def plugged_in(self, device: str) -> None:
        """Note that a controller was plugged in, and its port opened."""
        ...

    def received(self, device: str, message: bytes) -> None:
        """Receive a message."""
        ...

    def unplugged(self, device: str) -> None:
        """Note that a controller was unplugged."""
        ...


class InputPorts:
    """Keeps every wanted port open.

    Args:
        wanted: Parts of names, in any case; none: all ports.
        receiver: Receives what they report.
        api: As for `open_api`.

    Raises:
        DeviceError: There is no MIDI system.
    """

    def __init__(self, wanted: Sequence[str], receiver: PortReceiver, api: str | None = None) -> None:
        self._wanted = [part.lower() for part in wanted]
        self._receiver = receiver
        self._api = api
        self._open: dict[str, Any] = {}  # by the system's name
        self._port_list = open_api(rtmidi.MidiIn, api)
        self._refused: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi ports", daemon=True)

    def start(self) -> None:
        """Open the wanted ports that are there, and look for changes every second from then on."""
        self.refresh()
        if self._wanted and not self._open:
            there = ", ".join(self._port_list.get_ports()) or "none"
            logger.warning("no MIDI input is called %s yet; inputs: %s", " or ".join(self._wanted), there)
        self._thread.start()

    def stop(self) -> None:
        """Close everything."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5.0)
        for port in self._open.values():
            _close(port)
        self._open.clear()
        self._port_list.delete()

    def refresh(self) -> None:
        """Open the wanted ports that have appeared, and close those that have disappeared."""
        there = [name for name in self._port_list.get_ports() if self._is_wanted(name)]
        for name in [name for name in self._open if name not in there]:
            _close(self._open.pop(name))
            self._receiver.unplugged(device_name(name))
        self._refused.intersection_update(there)
        for name in there:
            if name not in self._open and name not in self._refused:
                self._open_port(name)

    def _is_wanted(self, name: str) -> bool:
        if name.startswith(CLIENT):
            return False
        if not self._wanted:
            return not name.startswith(_LOOP)
        return any(part in name.lower() for part in self._wanted)

    def _open_port(self, name: str) -> None:
        port = open_api(rtmidi.MidiIn, self._api)
        device = device_name(name)
        # Clock, active sensing and system exclusive never reach Python: a flood of them costs nothing.
        port.ignore_types(sysex=True, timing=True, active_sense=True)
        inlet = _Inlet(self._receiver, device)
        port.set_callback(inlet)  # before it is open: what came in between would be lost
        try:
            port.open_port(port.get_ports().index(name), "in")
        except (rtmidi.RtMidiError, ValueError) as error:
            self._refused.add(name)  # reported once; tried again after it was unplugged
            logger.warning("%s cannot be opened (%s); close the program that holds it", name, error)
            port.delete()
            return
        self._open[name] = port
        inlet.open()

    def _run(self) -> None:
        while not self._stopping.wait(_REFRESH_S):
            try:
                self.refresh()
            except (rtmidi.RtMidiError, DeviceError) as error:
                logger.warning("the MIDI ports cannot be listed: %s", error)


class _Inlet:
    """Passes on what a port receives, once the receiver knows of the device.

    Args:
        receiver: Receives the device, then its messages.
        device: Its name.
    """

    def __init__(self, receiver: PortReceiver, device: str) -> None:
        self._receiver, self._device = receiver, device
        self._waiting: deque[bytes] = deque()
        self._is_open = False
        self._passing_on = threading.Lock()

    def __call__(self, event: tuple[list[int], float], _: object) -> None:
        """Receive a message, in a thread of the MIDI system that must not wait."""
        self._waiting.append(bytes(event[0]))
        if self._is_open:
            self._pass_on()

    def open(self) -> None:
        """Report the device, then what it sent before."""
        self._receiver.plugged_in(self._device)
        self._is_open = True
        self._pass_on()

    def _pass_on(self) -> None:
        with self._passing_on:
            while self._waiting:
                self._receiver.received(self._device, self._waiting.popleft())


def _close(port: Any) -> None:
    port.cancel_callback()
    port.close_port()
    port.delete()
