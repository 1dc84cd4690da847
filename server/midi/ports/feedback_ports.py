"""The way back to controllers: the output beside each input, opened as it comes, in a thread of its own."""

import logging
import re
import threading
from collections.abc import Sequence
from time import sleep
from typing import Any

import rtmidi

from core.errors import DeviceError
from server.midi.codec.control import Control
from synths.midi_system import CLIENT, device_name, open_api

__all__ = ["FeedbackPorts", "partner"]

logger = logging.getLogger(__name__)

_LOOK_S = 1.0
_CONNECTING_S = 0.1  # JACK drops what is sent before its next periods have made the connection
_DIRECTION = re.compile(r"(?<![a-z])(in|out|inputs?|outputs?|capture|playback|from|to)(?![a-z])")


def partner(device: str, outputs: Sequence[str]) -> str | None:
    """Find the output of the controller whose input is called `device`.

    That is the one of the same name, else the only one whose name differs in a word of direction
    (`capture` and `playback`, `in` and `out`).

    >>> partner("nano MIDI 1", ["Synth", "nano MIDI 1 24:0"])
    'nano MIDI 1 24:0'
    >>> partner("system:midi_capture_2", ["system:midi_playback_1", "system:midi_playback_2"])
    'system:midi_playback_2'
    """
    named = [(device_name(name), name) for name in outputs if not name.startswith(CLIENT)]
    same = [name for stem, name in named if stem == device]
    alike = [name for stem, name in named if _undirected(stem) == _undirected(device)]
    if same:
        return same[0]
    return alike[0] if len(alike) == 1 else None


def _undirected(name: str) -> str:
    return _DIRECTION.sub("", name.lower())


class FeedbackPorts:
    """Sends to controllers what they are to show, the newest of each control.

    Args:
        system: MIDI system, or None for the first that works.

    Raises:
        DeviceError: There is no MIDI system.
    """

    def __init__(self, system: str | None = None) -> None:
        self._system = system
        self._looker = open_api(rtmidi.MidiOut, system)
        self._condition = threading.Condition()
        self._waiting: dict[str, dict[Control, list[bytes]]] = {}  # by device that is plugged in
        self._open: dict[str, Any] = {}  # only the thread's
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="midi feedback", daemon=True)
        self._thread.start()

    def connected(self, device: str) -> None:
        """A controller is there; its output is looked for as soon as there is something to tell it."""
        with self._condition:
            self._waiting[device] = {}

    def tell(self, device: str, control: Control, messages: list[bytes]) -> None:
        """Send what a control is to show; it returns at once."""
        with self._condition:
            if device in self._waiting:
                self._waiting[device][control] = messages
                self._condition.notify()

    def gone(self, device: str) -> None:
        """A controller was unplugged."""
        with self._condition:
            self._waiting.pop(device, None)
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
            self._looker.delete()

    def _run(self) -> None:
        while True:
            with self._condition:
                if not self._stopping and not any(self._waiting.get(device) for device in self._open):
                    self._condition.wait(_LOOK_S)
                if self._stopping:
                    return
                plugged = set(self._waiting)
                wanting = [name for name, words in self._waiting.items() if words and name not in self._open]
            for device in set(self._open) - plugged:
                self._close(device)
            for device in wanting:
                self._try(device)
            for device in list(self._open):
                self._send(device)
            if any(device not in self._open for device in wanting):
                with self._condition:  # a controller's output may come after its input
                    if not self._stopping:
                        self._condition.wait(_LOOK_S)

    def _try(self, device: str) -> None:
        name = partner(device, self._looker.get_ports())
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
        self._open[device] = port

    def _send(self, device: str) -> None:
        with self._condition:
            words = self._waiting.get(device, {})
            if device in self._waiting:
                self._waiting[device] = {}
        try:
            for messages in words.values():
                for message in messages:
                    self._open[device].send_message(message)
        except rtmidi.RtMidiError as error:
            logger.debug("%s takes no feedback: %s", device, error)
            self._close(device)

    def _close(self, device: str) -> None:
        port = self._open.pop(device)
        port.close_port()
        port.delete()
