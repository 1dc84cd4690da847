"""What a hosted plug-in shows of its controls, and MIDI controllers as further controls of it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.space import Patch

__all__ = [
    "CONTROLLERS",
    "PluginControls",
    "controller_default",
    "controller_name",
    "controller_number",
    "controller_values",
    "is_controller",
]

_NAME = re.compile(r"MIDI CC (\d{1,3})$")
_DEFAULTS = {1: 0, 7: 100, 11: 127, 91: 40, 93: 0}  # by the standard; a sound controller rests in the middle
# Those by which a synth may be played that shows no controls: no bank, data or pedal, no channel mode.
CONTROLLERS = (1, 2, 3, 4, 7, 8, 9, *range(11, 32), *range(70, 80), *range(91, 96), *range(102, 120))


@dataclass(frozen=True)
class PluginControls:
    """The controls of a plug-in.

    Attributes:
        defaults: Normalized value that each has at first, by name, in the plug-in's order.
        steps: Number of positions of those that are switches, as far as the plug-in says so.
        n_inputs: Number of audio inputs, as far as that is known.
    """

    defaults: Patch
    steps: Mapping[str, int]
    n_inputs: int = 0


def controller_name(number: int) -> str:
    """Return the name of a MIDI controller as a control."""
    return f"MIDI CC {number}"


def is_controller(name: str) -> bool:
    """Whether a control is a MIDI controller."""
    return _NAME.match(name) is not None


def controller_number(name: str) -> int:
    """Return the number of a MIDI controller."""
    found = _NAME.match(name)
    assert found is not None, name
    return int(found[1])


def controller_default(number: int) -> float:
    """Return where a MIDI controller rests, 0 to 1."""
    return _DEFAULTS.get(number, 64) / 127.0


def controller_values(patch: Patch, moved: Collection[int]) -> dict[int, int]:
    """Return what to send of a patch, 0 to 127 by number; those once moved rest where it has none."""
    sent = {number: controller_default(number) for number in moved}
    sent |= {controller_number(name): value for name, value in patch.items() if is_controller(name)}
    return {number: round(127.0 * value) for number, value in sent.items()}
