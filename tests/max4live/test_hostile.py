"""Anybody can send to a device's port: nothing that comes there may stop it or move the synth by itself."""

import pytest

from server.osc.addresses import TO_CLIENTS
from server.osc.builder import build
from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import NAMES, track
from tests.max4live.playing import bind, connect, expect_frames, gate_is_open, played, until
from tests.max4live.test_value_path import frame, receiver

PAYLOADS = (
    (),
    (0,),
    (-(2**31),),
    (2**31 - 1, 2**31 - 1),
    (0.5,),
    ("x",),
    ("x" * 200, "clear", "id"),
    (0, "set"),
    ("bang",),
    (-1, "Ünïcode ; , $1 \\", 2.0, 2.0),
    tuple([0.5] * 70),
    tuple(range(70)),
)


def hostile():
    """Yield every message of the table with arguments that do not belong in it."""
    for address in (*TO_CLIENTS, "/flow/loop"):
        for values in PAYLOADS:
            tags = "".join({int: "i", float: "f", str: "s"}[type(v)] for v in values)
            if (address, tags[:2]) != ("/flow/params", "if"):
                yield build(address, tags, *values)


@pytest.mark.parametrize("name", ["Flow Synth", "Flow Sketch", "Flow CC"])
def test_foreign_messages_stop_nothing(built, server, name):
    with LiveDevice(built[name], "all") as device:
        if name == "Flow Synth":
            device.script("fsl_bind.js").ask({"live": track(NAMES)})
        connect_any(device, server, name)
        for datagram in hostile():
            receiver(device).datagram(datagram)
            device.clock.settle()
        device.step(50)
        assert not any(remote.values and max(remote.values) > 1.0 for remote in device.remotes)
        if name == "Flow Synth":
            # A pong of another run looks like a restart, a welcome of another size like another model: the
            # device says hello, and the server puts it right.
            assert until([device], lambda: "Connected" in device.status), device.status
            assert until([device], lambda: gate_is_open(device))
            bind(device, 32)
            n = len(device.remotes[0].values)
            device.node("macro_1").turn(77.0)
            assert until([device], lambda: len(device.remotes[0].values) > n)


def connect_any(device, server, name):
    if name == "Flow Synth":
        connect(device, server.port)
    else:
        device.load()
        device.node("server_port").turn(float(server.port))
        assert until([device], lambda: "online" in str(device.script("fsl_status.js").got))


def test_a_frame_of_the_right_length_with_other_types_is_held_in_range(built):
    with LiveDevice(built["Flow Synth"]) as device:
        expect_frames(device, 4)
        bind(device, 4)
        receiver(device).datagram(build("/flow/params", "iiiii", 1, 7, -7, 0, 1))
        assert played(device, 4) == [1.0, 0.0, 0.0, 1.0]
        receiver(device).datagram(frame(2, [0.25] * 4))
        assert played(device, 4) == [0.25] * 4
