"""Flow Instrument: Flow Synth with Vital inside, so that nothing has to be configured."""

from dataclasses import replace

from max4live.builder.device import Device
from max4live.designs.flow_synth import synth_device
from max4live.designs.synth.hosted import add_hosted

__all__ = ["flow_instrument"]


def flow_instrument() -> Device:
    """Return the instrument, which hosts Vital."""
    # No decoder: Vital's patch and the weights are more than the megabyte that a device may have.
    device = synth_device("Flow Instrument", "instrument", add_hosted, decodes=False)
    return replace(device, digest="Vital inside the device, with macros, map, presets, paths and curves")
