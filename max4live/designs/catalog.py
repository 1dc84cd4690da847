"""All devices."""

from collections.abc import Callable

from max4live.builder.device import Device
from max4live.designs.conformance import conformance
from max4live.designs.flow_cc import flow_cc
from max4live.designs.flow_instrument import flow_instrument
from max4live.designs.flow_server import flow_server
from max4live.designs.flow_sketch import flow_sketch
from max4live.designs.flow_synth import flow_synth, flow_synth_midi

__all__ = ["DEBUG", "DEVICES"]

DEVICES: tuple[Callable[[], Device], ...] = (
    flow_synth,
    flow_synth_midi,
    flow_instrument,
    flow_sketch,
    flow_cc,
    flow_server,
)
# Not for players: its results go on the human checklist.
DEBUG: tuple[Callable[[], Device], ...] = (conformance,)
