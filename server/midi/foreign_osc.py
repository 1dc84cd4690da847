"""Other programs' faders: OSC addresses that are in no table are controls, of one device called OSC."""

from collections.abc import Sequence

from server.midi.codec.control import ANY_CHANNEL, Control, ControlEvent
from server.midi.profiles.control_text import MAX_ADDRESS

__all__ = ["OSC", "osc_events"]

OSC = "OSC"  # name of the device, and of its profile
_MAX_ARGUMENTS = Control("osc").highest_number + 1


def osc_events(address: str, values: Sequence[int | float | str]) -> list[ControlEvent]:
    """Return the control events of a message, one for each number.

    Args:
        address: Checked by the guard.
        values: Numbers among them are finite.
    """
    if len(address) > MAX_ADDRESS or address.startswith("/flow/"):
        return []
    return [
        ControlEvent(Control("osc", ANY_CHANNEL, n, address), float(value))
        for n, value in enumerate(values[:_MAX_ARGUMENTS])
        if not isinstance(value, str)
    ]
