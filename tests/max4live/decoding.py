"""Flow Synth with every script, with the model inside it and no server that answers."""

import numpy as np
import pytest

from models.installed import PRETRAINED
from tests.max4live.graph.device import LiveDevice
from tests.max4live.in_memory import trail
from tests.max4live.playing import gate_is_open, pass_time, put_on_track, turn_to
from tests.support.live import free_port

__all__ = ["JUMP", "SHIPPED", "alone", "model", "plays_itself", "synth", "trail", "turned"]

SHIPPED = PRETRAINED / "vital-32"
JUMP = 0.02  # the largest that a parameter may take when another plays


@pytest.fixture
def model(shipped):
    return shipped


@pytest.fixture
def synth(built, model):
    """Flow Synth with every script, on a track with Vital."""
    with LiveDevice(built["Flow Synth"], "all") as device:
        put_on_track(device, [parameter.label for parameter in model.space])
        yield device


@pytest.fixture
def alone(synth):
    """The same, where no server answers, and already playing."""
    turn_to(synth, free_port())
    pass_time(synth, 1.5)
    assert gate_is_open(synth)
    return synth


def plays_itself(device):
    """Whether the server's frames are kept from the synth."""
    (gates,) = [n for n in device.nodes_named("route") if n.arguments == ["server", "frames"]]
    return not any(node.open for node, _ in gates.cords[1])


def turned(model, z, k, position):
    return model.macros[k].turn(np.asarray(z, np.float64), position)
