"""MIDI ports of the system: opened as they come, closed as they go, in a thread of their own."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import rtmidi

from core.errors import DeviceError
from server.midi.ports.port_names import PortKey, free_name, is_other_end, port_keys
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

    def tell(self, text: str) -> None:
        """Pass on a text for the players."""
        ...


class InputPorts:
    """Keeps every wanted port open.

    Args:
        wanted: Parts of names, in any case; none: all ports.
        receiver: Receives what they report.
        api: As for `open_api`.
        own_outputs: Names of the outputs that frames are sent to: their other ends are no controllers.

    Raises:
        DeviceError: There is no MIDI system.
    """

    def __init__(
        self,
        wanted: Sequence[str],
        receiver: PortReceiver,
        api: str | None = None,
        own_outputs: Sequence[str] = (),
    ) -> None:
        self._wanted = [part.lower() for part in wanted]
        self._receiver = receiver
        self._api = api
        self._own_outputs = own_outputs
        self._open: dict[PortKey, tuple[str, Any]] = {}  # with the names of their devices
        self._port_list = open_api(rtmidi.MidiIn, api)
        self._refused: set[PortKey] = set()
        self._left_out: set[PortKey] = set()
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
        for _, port in self._open.values():
            _close(port)
        self._open.clear()
        self._port_list.delete()

    def refresh(self) -> None:
        """Open the wanted ports that have appeared, and close those that have disappeared."""
        names = self._port_list.get_ports()
        there = {key: (n, name) for n, (key, name) in enumerate(zip(port_keys(names), names, strict=True))}
        gone = [key for key in self._open if key not in there]
        for key in gone:
            device, port = self._open.pop(key)
            _close(port)
            self._receiver.unplugged(device)
        # Of several ports with one name, any may have gone: those that are left are opened again.
        for key in [key for key in self._open if any(key[0] == name for name, _ in gone)]:
            self._reopen(key, there[key][0])
        self._refused.intersection_update(there)
        self._left_out.intersection_update(there)
        for key, (n, name) in there.items():
            if key not in self._open and key not in self._refused and self._is_wanted(key, name):
                self._open_port(key, n, name)

    def _is_wanted(self, key: PortKey, name: str) -> bool:
        if name.startswith(CLIENT):
            return False
        if self._wanted:
            return any(part in name.lower() for part in self._wanted)
        if any(is_other_end(name, output) for output in self._own_outputs):
            if key not in self._left_out:
                self._left_out.add(key)
                device = device_name(name)
                self._receiver.tell(
                    f"{device} is not listened to, because frames are sent there. If it is a controller as "
                    f'well, start with --midi "{device}"'
                )
            return False
        return not name.startswith(_LOOP)

    def _open_port(self, key: PortKey, n: int, name: str) -> None:
        device = free_name(device_name(name), [device for device, _ in self._open.values()])
        inlet = _Inlet(self._receiver, device)
        port = self._opened(key, n, name, inlet)
        if port is not None:
            self._open[key] = device, port
            inlet.open()

    def _reopen(self, key: PortKey, n: int) -> None:
        """Open the port of a device again, which may be another than before."""
        device, before = self._open.pop(key)
        _close(before)
        inlet = _Inlet(self._receiver, device, is_known=True)
        port = self._opened(key, n, key[0], inlet)
        if port is None:
            self._receiver.unplugged(device)
        else:
            self._open[key] = device, port

    def _opened(self, key: PortKey, n: int, name: str, inlet: "_Inlet") -> Any:
        """Return port n of the list, open; None if another program holds it."""
        port = open_api(rtmidi.MidiIn, self._api)
        # Clock, active sensing and system exclusive never reach Python: a flood of them costs nothing.
        port.ignore_types(sysex=True, timing=True, active_sense=True)
        port.set_callback(inlet)  # before it is open: what came in between would be lost
        try:
            port.open_port(n, "in")
        except (rtmidi.RtMidiError, ValueError) as error:
            self._refused.add(key)  # reported once; tried again after it was unplugged
            logger.warning("%s cannot be opened (%s); close the program that holds it", name, error)
            port.delete()
            return None
        return port

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
        is_known: Whether the receiver knows of it.
    """

    def __init__(self, receiver: PortReceiver, device: str, *, is_known: bool = False) -> None:
        self._receiver, self._device = receiver, device
        self._waiting: deque[bytes] = deque()
        self._is_open = is_known
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
