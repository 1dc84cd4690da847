"""A MIDI controller for the benchmarks: a JACK port that sends, and one that receives what comes back."""

import threading
from pathlib import Path
from time import monotonic, perf_counter, sleep
from types import TracebackType
from typing import Any

import rtmidi

from core.errors import DeviceError
from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from server.midi.profiles.profile import Profile, write_profile

__all__ = ["FIRST_CC", "N_MACROS", "MidiController", "write_profiles"]

FIRST_CC, N_MACROS = 20, 8
_PATIENCE_S = 15.0


class MidiController:
    """A port that sends and, once `hear` was called, one that receives what comes back.

    Args:
        name: Name of its JACK client; the port is `NAME:out`.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._out: Any = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
        self._out.open_virtual_port("out")
        self._in: Any = None
        self._came = threading.Event()
        self._at = 0.0

    def hear(self, part: str) -> None:
        """Listen to the port whose name contains `part`, once it is there.

        Raises:
            DeviceError: It does not appear.
        """
        self._in = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=f"{self._name} back")
        deadline = monotonic() + _PATIENCE_S
        while not (names := [n for n in self._in.get_ports() if part in n]):
            if monotonic() > deadline:
                raise DeviceError(f"no port '{part}' appears")
            sleep(0.05)
        self._in.set_callback(self._take)
        self._in.open_port(self._in.get_ports().index(names[0]), "in")

    def _take(self, _event: object, _data: object) -> None:
        if not self._came.is_set():
            self._at = perf_counter()
            self._came.set()

    def send(self, number: int, value: int) -> None:
        """Send a control change on channel 1."""
        self._out.send_message([0xB0, number, value])

    def ask(self, number: int, value: int) -> float | None:
        """Send, and return the seconds until something came back, or None if nothing did."""
        self._came.clear()
        began = perf_counter()
        self.send(number, value)
        return self._at - began if self._came.wait(0.5) else None

    def wait_for_answer(self) -> None:
        """Send until something comes back.

        Raises:
            DeviceError: Nothing does.
        """
        deadline = monotonic() + _PATIENCE_S
        for n in range(10**6):
            if self.ask(FIRST_CC, n % 2 * 127) is not None:
                return
            if monotonic() > deadline:
                raise DeviceError(f"nothing answers the controller '{self._name}'")

    def __enter__(self) -> "MidiController":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._in is not None:
            self._in.cancel_callback()  # or closing would deadlock with the callback
            self._in.close_port()
            self._in.delete()
        self._out.close_port()
        self._out.delete()


def write_profiles(data: Path, names: list[str], feedback: bool = False) -> None:
    """Write profiles that let controllers turn the first macros, where the server looks for them."""
    for name in names:
        bindings = tuple(
            Binding(
                control=Control("cc", 1, FIRST_CC + k),
                macro=k,
                takeover="jump",
                feedback="lights" if feedback else "none",
            )
            for k in range(N_MACROS)
        )
        write_profile(data / "controllers", Profile(device=f"{name}:out", bindings=bindings))
