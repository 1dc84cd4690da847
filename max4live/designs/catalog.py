"""All devices."""

from collections.abc import Callable

from max4live.builder.device import Device
from max4live.designs.flow_synth import flow_synth, flow_synth_midi

__all__ = ["DEBUG", "DEVICES"]

DEVICES: tuple[Callable[[], Device], ...] = (flow_synth, flow_synth_midi)
DEBUG: tuple[Callable[[], Device], ...] = ()
