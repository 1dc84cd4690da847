"""Flow Instrument: Flow Synth with Vital inside, so that nothing has to be configured."""

from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from max4live.builder.device import Device
from max4live.designs.flow_synth import synth_device
from max4live.designs.synth.hosted import add_hosted

__all__ = ["MOST_BYTES", "flow_instrument", "fitting", "hosting"]

MOST_BYTES = 999_999  # a device has less than a megabyte
_SCRIPTS = Path(__file__).parents[1] / "js"


def flow_instrument() -> Device:
    """Return the instrument, which hosts Vital, with a decoder of its own if that fits."""
    return hosting(*fitting(_SCRIPTS))


@cache
def fitting(scripts: Path) -> tuple[bool, bool]:
    """Return whether the decoder in a folder fits beside Vital's patch, and whether that has to be small.

    Without the decoder, the patch is exact.
    """
    for small in (False, True):
        if len(hosting(True, small).frozen(scripts)) <= MOST_BYTES:
            return True, small
    return False, False


def hosting(decodes: bool, small: bool) -> Device:
    """Return the instrument with or without a decoder, and with its wavetables in 16 bits if it is small.

    It has no room for a list of people's own presets.
    """
    add_target = partial(add_hosted, small=small)
    device = synth_device("Flow Instrument", "instrument", add_target, decodes=decodes, lists_own=False)
    return replace(device, digest="Vital inside the device, with macros, map, presets, paths and curves")
