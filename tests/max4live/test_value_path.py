"""From the running server to `live.remote~`: real packets, the built device's own wires.

The scripts for link, status and state run for real; what binds ids is spoken for by the test.
"""

import numpy as np
import pytest

from server.osc.builder import build
from tests.max4live.graph.device import LiveDevice
from tests.max4live.playing import (
    VALUES,
    bind,
    connect,
    expect_frames,
    identity,
    online,
    played,
    turn_to,
    until,
)
from tests.support.live import Client, running_server


@pytest.fixture
def device(built):
    with LiveDevice(built["Flow Synth"], VALUES) as device:
        yield device


def receiver(device):
    (node,) = device.nodes_named("udpreceive")
    return node


def frame(sequence, values):
    return build("/flow/params", "i" + "f" * len(values), sequence, *values)


@pytest.fixture
def alone(built):
    """A device with no script at all, that expects 32 parameters and is bound."""
    with LiveDevice(built["Flow Synth"]) as device:
        expect_frames(device, 32)
        bind(device, 32)
        yield device


@pytest.mark.parametrize(
    ("n", "name"), [(16, "Flow Synth"), (32, "Flow Synth"), (64, "Flow Synth"), (32, "Flow Synth MIDI")]
)
def test_each_remote_gets_its_parameter(built, tiny_models, tmp_path, n, name):
    with (
        running_server(tiny_models[n], tmp_path) as server,
        LiveDevice(built[name], VALUES) as device,
        server.client(name="witness") as witness,
    ):
        connect(device, server.port)
        bind(device, n)
        witness.send("/flow/macro", 2, 0.9)
        assert until([device], lambda: all(r.values for r in device.remotes[:n]))
        expected = witness.wait_for("/flow/params")[1:]
        np.testing.assert_array_equal(played(device, n), expected)  # the very same float32
        assert [r.id for r in device.remotes] == [*range(100, 100 + n), *[0] * (64 - n)]
        assert not any(r.values for r in device.remotes[n:])


def test_a_dial_reaches_the_synth(device, server):
    connect(device, server.port)
    bind(device, 32)
    seen = []
    for value in (10.0, 90.0):
        before = len(device.remotes[0].values)
        device.node("macro_3").turn(value)
        assert until([device], lambda n=before: len(device.remotes[0].values) > n)
        seen.append(played(device, 32))
    assert np.abs(np.subtract(*seen)).max() > 0.01


def test_eight_devices_side_by_side(built, server):
    devices = [
        LiveDevice(built["Flow Synth"], ("fsl_link.js", "fsl_status.js", "fsl_decode.js")) for _ in range(8)
    ]
    try:
        for device in devices:
            turn_to(device, server.port)
            bind(device, 32)
        ports = lambda: {receiver(d).port for d in devices if receiver(d).socket}  # noqa: E731
        heard = lambda: all(d.script("fsl_state.js").got for d in devices)  # noqa: E731
        assert until(devices, lambda: len(ports()) == 8 and heard(), 20.0)
        assert until(devices, lambda: all(online(d) for d in devices), 20.0)
        with server.client() as other:
            other.send("/flow/macro", 0, 0.123)
            assert until(devices, lambda: all(d.remotes[0].values for d in devices))
            expected = other.wait_for("/flow/params")[1:]
        for device in devices:
            np.testing.assert_array_equal(played(device, 32), expected)
    finally:
        for device in devices:
            device.__exit__()


def test_late_frames_are_dropped(alone):
    for sequence in (5, 7, 6, 8, 7):
        receiver(alone).datagram(frame(sequence, [sequence / 10] * 32))
    assert alone.remotes[0].values == pytest.approx([0.5, 0.7, 0.8])


def test_a_lost_frame_costs_only_itself(alone):
    for sequence in (1, 2, 4, 9):
        receiver(alone).datagram(frame(sequence, [sequence / 10] * 32))
    assert alone.remotes[31].values == pytest.approx([0.1, 0.2, 0.4, 0.9])


def test_the_count_begins_again_after_two_billion_frames(alone):
    for sequence in (2**31 - 2, 2**31 - 1, 0, 2**31 - 1, 1):
        receiver(alone).datagram(frame(sequence, [0.5] * 32))
    assert len(alone.remotes[0].values) == 4  # the late one of before is dropped


def test_a_new_run_starts_from_the_beginning(alone):
    receiver(alone).datagram(frame(1000, [0.1] * 32))
    receiver(alone).datagram(frame(3, [0.2] * 32))
    assert alone.remotes[0].values == pytest.approx([0.1])
    alone.script("fsl_decode.js").out(0, ["reset"])
    receiver(alone).datagram(frame(3, [0.2] * 32))
    assert alone.remotes[0].values == pytest.approx([0.1, 0.2])


@pytest.mark.parametrize("n", [0, 1, 31, 33, 64])
def test_a_frame_of_another_length_is_dropped(alone, n):
    receiver(alone).datagram(frame(1, [0.5] * n))
    assert not any(r.values for r in alone.remotes)


def test_values_are_held_in_range(alone):
    receiver(alone).datagram(frame(1, [-3.0, 1e30] + [0.25] * 30))
    assert played(alone, 3) == [0.0, 1.0, 0.25]


def test_nothing_passes_before_a_welcome(built):
    with LiveDevice(built["Flow Synth"]) as device:
        bind(device, 32)
        for n in (0, 32, 64):
            receiver(device).datagram(frame(1, [0.5] * n))
        assert not any(r.values for r in device.remotes)


def test_a_parameter_of_another_range_is_scaled(alone):
    for word, value, others in (("low", -2.0, 0.0), ("span", 10.0, 1.0)):
        alone.script("fsl_bind.js").out(0, [word, *[others] * 4, value, *[others] * 27])
    receiver(alone).datagram(frame(1, [0.5] * 32))
    assert alone.remotes[4].values == [3.0]
    assert alone.remotes[5].values == [0.5]


def test_each_value_is_a_ramp_as_long_as_a_frame(alone):
    smoothing = {remote.box["saved_object_attributes"]["smoothing"] for remote in alone.remotes}
    assert len(smoothing) == 1 and 15.0 <= smoothing.pop() <= 20.0


def test_release_lets_go_of_all(alone):
    for k in range(32):
        alone.script("fsl_bind.js").out(0, [k, "id", 0])
    assert {r.id for r in alone.remotes} == {0}


def test_the_stored_frame_sounds_without_a_server(alone):
    alone.script("fsl_state.js").out(1, [0.75] * 32)
    assert played(alone, 32) == [0.75] * 32


def test_commit_hands_over_the_last_frame_once(alone):
    receiver(alone).datagram(frame(1, [0.25] * 32))
    alone.node("commit").turn(1)
    commits = [m for _, m in alone.script("fsl_bind.js").got if m[0] == "commit"]
    assert commits == [["commit", *[0.25] * 32]]


def test_what_others_turn_is_shown_and_writes_no_dial(device, server):
    """A path that plays moves the macros a hundred times a second."""
    connect(device, server.port)
    until([device], lambda: False, 1.0)
    marks = device.script("fsl_marks.js").got
    with Client(server.port, kind="panel") as other:
        other.send("/flow/focus", identity(device))
        until([device], lambda: False, 0.3)
        for k in range(40):
            other.send("/flow/macro", 0, k / 39)
            device.step(5)
        assert until([device], lambda: [m[3] for _, m in marks if m[:2] == ["mark", 0]][-1:] == [1.0])
        device.step(500)
        assert (device.node("macro_1").value, device.node("macro_1").writes) == (50.0, 0)
        # The device did not answer the server with what the server had said.
        sent = [m for node in device.nodes_named("udpsend") for m in node.sent if m[0] == "/flow/macro"]
        assert sent == []
