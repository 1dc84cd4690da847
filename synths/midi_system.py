"""The system's MIDI: which kinds there are, and its ports by name."""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import rtmidi

from core.errors import DeviceError

__all__ = ["CLIENT", "DIN_BYTES_PER_S", "apis", "device_name", "open_api", "open_output"]

logger = logging.getLogger(__name__)

CLIENT = "Flow Synth Live"  # our own ports are called so, and never opened as a controller
DIN_BYTES_PER_S = 3_125  # 31,250 baud, ten bits a byte
_CHANGING = re.compile(r" \d+:\d+$")  # ALSA: client and port, others after each plugging
_COUNTER = re.compile(r" \d+$")  # Windows: place in the list


def apis() -> dict[str, int]:
    """Give the MIDI systems that this build speaks, by name: alsa, jack, core, windows, ..."""
    return {rtmidi.get_api_name(api).lower(): api for api in rtmidi.get_compiled_api()}


def open_api(make: Callable[..., Any], wanted: str | None = None) -> Any:
    """Open the MIDI system.

    Args:
        make: `rtmidi.MidiIn` or `rtmidi.MidiOut`.
        wanted: One of `apis()`, or None for the first that works.

    Raises:
        DeviceError: There is none.
    """
    known = apis()
    if wanted is not None and wanted not in known:
        raise DeviceError(f"there is no MIDI system '{wanted}' here; there is {', '.join(known)}.")
    for api in [known[wanted]] if wanted is not None else known.values():
        try:
            return make(rtapi=api, name=CLIENT)
        except rtmidi.RtMidiError as error:
            logger.debug("MIDI system %d: %s", api, error)
    raise DeviceError(
        "this machine has no MIDI system that answers. On Linux, load the sequencer "
        "(sudo modprobe snd-seq) or start JACK; or leave the MIDI options out."
    )


def device_name(port: str, platform: str = sys.platform) -> str:
    """Give what stays the same of a port's name when it is plugged in again."""
    return _COUNTER.sub("", port) if platform == "win32" else _CHANGING.sub("", port)


def open_output(wanted: str, system: str | None = None, make: bool = True) -> tuple[Any, str | None]:
    """Open the output whose name holds `wanted`, in any case; else make a virtual one of that name.

    Args:
        wanted: Part of the name.
        system: As for `open_api`.
        make: Whether one may be made; whoever needs an answer from the other end has no use for it.

    Returns:
        The port, and its name in the system's list; None for one of our own.

    Raises:
        DeviceError: There is neither, or there is no MIDI system.
    """
    port = open_api(rtmidi.MidiOut, system)
    names = port.get_ports()
    found = [name for name in names if wanted.lower() in name.lower() and not name.startswith(CLIENT)]
    try:
        if found:
            port.open_port(names.index(found[0]), "out")
            return port, found[0]
        if not make:
            raise NotImplementedError
        port.open_virtual_port(wanted)
        return port, None
    except (rtmidi.RtMidiError, NotImplementedError) as error:
        port.delete()
        if found:
            raise DeviceError(f"{found[0]} cannot be opened ({error}); close what holds it.") from error
        there = f"There are: {', '.join(names)}." if names else "There is none at all."
        if not make:
            raise DeviceError(f"no MIDI output is called '{wanted}'. {there}") from None
        raise DeviceError(
            f"no MIDI output is called '{wanted}', and {sys.platform} lets no program make one. {there} "
            "To play another program, install loopMIDI (or Windows MIDI Services' loopback), make a "
            "port there and give its name."
        ) from error
