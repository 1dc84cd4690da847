"""The way back to controllers: the output beside each input, opened as it comes, in a thread of its own."""

import logging
import re
import threading
from time import sleep
from typing import Any

import rtmidi

from core.errors import DeviceError
from server.midi.codec.control import Control
from server.midi.ports.port_names import matching_output
from synths.external.midi_system import open_api

__all__ = ["FeedbackPorts"]

logger = logging.getLogger(__name__)

_RETRY_S = 1.0
_CONNECTING_S = 0.1  # JACK drops what is sent before its next periods have made the connection
_NTH = re.compile(r"(.*) \((\d+)\)")  # as `free_name` tells equal names apart


class FeedbackPorts:
    """Sends to controllers what they are to show, the newest of each control.

    Args:
        system: MIDI system, or None for the first that works.

    Raises:
        DeviceError: There is no MIDI system.
    """

    def __init__(self, system: str | None = None) -> None:
        self._system = system
        self._port_list = open_api(rtmidi.MidiOut, system)
        self._condition = threading.Condition()
        self._pending: dict[str, dict[Control, list[bytes]]] = {}  # by controller that is plugged in
        self._open: dict[str, Any] = {}  # used by the thread only
        self._names: dict[str, str] = {}  # of the ports that are open
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="midi feedback", daemon=True)
        self._thread.start()

    def plugged_in(self, device: str) -> None:
        """Note that a controller was plugged in; its output is looked for once there is something to send."""
        with self._condition:
            self._pending[device] = {}

    def send(self, device: str, control: Control, messages: list[bytes]) -> None:
        """Send what a control is to show; this returns at once."""
        with self._condition:
            if device in self._pending:
                self._pending[device][control] = messages
                self._condition.notify()

    def unplugged(self, device: str) -> None:
        """Note that a controller was unplugged."""
        with self._condition:
            self._pending.pop(device, None)
            self._condition.notify()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Close every port."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            for device in list(self._open):
                self._close(device)
            self._port_list.delete()

    def _run(self) -> None:
        while True:
            with self._condition:
                if not self._stopping and not any(self._pending.get(device) for device in self._open):
                    self._condition.wait(_RETRY_S)
                if self._stopping:
                    return
                plugged_in = set(self._pending)
                to_open = [name for name, some in self._pending.items() if some and name not in self._open]
            for device in set(self._open) - plugged_in:
                self._close(device)
            for device in to_open:
                self._try_to_open(device)
            for device in list(self._open):
                self._send_pending(device)
            if any(device not in self._open for device in to_open):
                with self._condition:  # a controller's output may come after its input
                    if not self._stopping:
                        self._condition.wait(_RETRY_S)

    def _try_to_open(self, device: str) -> None:
        taken = set(self._names.values())
        names = [name for name in self._port_list.get_ports() if name not in taken]
        name = matching_output(device, names)
        if name is None and (several := _NTH.fullmatch(device)):
            name = matching_output(several[1], names, int(several[2]) - 1)
        if name is None:
            return
        port = None
        try:
            port = open_api(rtmidi.MidiOut, self._system)
            port.open_port(port.get_ports().index(name), "rings")
        except (rtmidi.RtMidiError, DeviceError, ValueError) as error:
            logger.debug("%s cannot be opened for feedback: %s", name, error)
            if port is not None:
                port.delete()
            return
        sleep(_CONNECTING_S)
        self._open[device], self._names[device] = port, name

    def _send_pending(self, device: str) -> None:
        with self._condition:
            pending = self._pending.get(device, {})
            if device in self._pending:
                self._pending[device] = {}
        try:
            for messages in pending.values():
                for message in messages:
                    self._open[device].send_message(message)
        except rtmidi.RtMidiError as error:
            logger.debug("%s takes no feedback: %s", device, error)
            self._close(device)

    def _close(self, device: str) -> None:
        port = self._open.pop(device)
        del self._names[device]
        port.close_port()
        port.delete()
