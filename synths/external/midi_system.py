"""The MIDI systems of this machine, and their ports by name."""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import rtmidi

from core.errors import DeviceError
from core.native_output import native_output_dropped
from synths.external.jack_ports import JackPort

__all__ = ["CLIENT", "DIN_BYTES_PER_S", "apis", "device_name", "open_api", "open_output"]

logger = logging.getLogger(__name__)

CLIENT = "Flow Synth Live"  # name of our own ports, which are never opened as a controller
DIN_BYTES_PER_S = 3_125  # 31,250 baud, ten bits a byte
_CHANGING = re.compile(r" \d+:\d+$")  # ALSA: client and port, which change with each plugging in
_COUNTER = re.compile(r" \d+$")  # Windows: position in the list


def apis() -> dict[str, int]:
    """Return the MIDI systems that this build knows, by name: alsa, jack, core, windows, ..."""
    return {rtmidi.get_api_name(api).lower(): api for api in rtmidi.get_compiled_api()}


def open_api(make: Callable[..., Any], wanted: str | None = None) -> Any:
    """Open a MIDI system. JACK's ports are in a process of their own; they have the same methods.

    Args:
        make: `rtmidi.MidiIn` or `rtmidi.MidiOut`.
        wanted: One of `apis()`, or None for the first that works.

    Raises:
        DeviceError: None works.
    """
    known = apis()
    if wanted is not None and wanted not in known:
        raise DeviceError(f"there is no MIDI system '{wanted}' here; there is {', '.join(known)}.")
    for api in [known[wanted]] if wanted is not None else known.values():
        try:
            with native_output_dropped():  # ALSA and JACK report at length that they are not there
                if api == rtmidi.API_UNIX_JACK and sys.platform != "win32":
                    return JackPort("in" if make is rtmidi.MidiIn else "out", CLIENT)
                return make(rtapi=api, name=CLIENT)
        except rtmidi.RtMidiError as error:
            logger.debug("MIDI system %d: %s", api, error)
    raise DeviceError(
        "no MIDI system of this machine answers. On Linux, load the sequencer (sudo modprobe snd-seq) or "
        "start JACK; or leave the MIDI options out."
    )


def device_name(port: str, platform: str = sys.platform) -> str:
    """Return the part of a port's name that stays the same when the device is plugged in again."""
    return _COUNTER.sub("", port) if platform == "win32" else _CHANGING.sub("", port)


def open_output(wanted: str, system: str | None = None, virtual: bool = True) -> tuple[Any, str | None]:
    """Open the output whose name contains `wanted`, ignoring case; else make a virtual one of that name.

    Args:
        wanted: Part of the name.
        system: As for `open_api`.
        virtual: Whether a virtual one may be made; without it, a synth has to be there.

    Returns:
        The port, and its name in the system's list; None for a virtual one.

    Raises:
        DeviceError: Neither is possible, or there is no MIDI system.
    """
    port = open_api(rtmidi.MidiOut, system)
    names = port.get_ports()
    found = [name for name in names if wanted.lower() in name.lower() and not name.startswith(CLIENT)]
    try:
        if found:
            port.open_port(names.index(found[0]), "out")
            return port, found[0]
        if not virtual:
            raise NotImplementedError
        port.open_virtual_port(wanted)
        return port, None
    except (rtmidi.RtMidiError, NotImplementedError) as error:
        port.delete()
        if found:
            raise DeviceError(
                f"{found[0]} cannot be opened ({error}); close the program that uses it."
            ) from error
        there = f"There are: {', '.join(names)}." if names else "There is none at all."
        if not virtual:
            raise DeviceError(f"no MIDI output is called '{wanted}'. {there}") from None
        raise DeviceError(
            f"no MIDI output is called '{wanted}', and {sys.platform} lets no program make one. {there} "
            "To play another program, make a port with loopMIDI (or Windows MIDI Services' loopback) and "
            "give its name."
        ) from error
