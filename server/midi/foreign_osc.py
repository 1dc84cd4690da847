"""Other programs' faders: OSC addresses that are in no table are controls, of one device called OSC."""

from collections.abc import Sequence

from server.midi.codec.control import ANY_CHANNEL, Control, ControlEvent
from server.midi.controller import Controller
from server.midi.profiles.control_text import MAX_ADDRESS

__all__ = ["OSC", "osc_events"]

OSC = "OSC"  # name of the device, and of its profile
_MAX_ARGUMENTS = Control("osc").highest_number + 1


def osc_events(
    controller: Controller, address: str, values: Sequence[int | float | str], learning: bool
) -> list[ControlEvent]:
    """Return the control events of a message: of numbers, 0 to 1, whose control is bound.

    Args:
        controller: The device of other programs.
        address: Checked by the guard.
        values: Numbers among them are finite.
        learning: Whether a control is being learned; then it need not be bound.
    """
    if len(address) > MAX_ADDRESS or address.startswith("/flow/"):
        return []
    events = []
    for n, value in enumerate(values[:_MAX_ARGUMENTS]):
        control = Control("osc", ANY_CHANNEL, n, address)
        if not isinstance(value, str) and (learning or controller.bindings_of(control)):
            events.append(ControlEvent(control, control.raw(min(max(float(value), 0.0), 1.0))))
    return events
