"""Flow CC: values as MIDI bytes, and Teach Live."""

import pytest

from tests.max4live.graph.device import LiveDevice
from tests.max4live.playing import online, turn_to, until
from tests.max4live.test_value_path import frame, receiver


def expecting(device, n):
    """Set how long a frame is, without a server."""
    device.script("fsl_link.js").out(3, ["count", n + 1])
    device.script("fsl_link.js").out(3, ["reset"])


@pytest.fixture
def cc(built):
    """Flow CC without scripts, that expects 32 parameters; parameter k has controller 40 + k."""
    with LiveDevice(built["Flow CC"]) as device:
        device.load()
        device.node("send").turn(1)
        expecting(device, 32)
        assign(device, {k: (40 + k, -1) for k in range(32)})
        yield device


def assign(device, table):
    for k in range(64):
        device.script("fsl_cc.js").out(0, [k, *table.get(k, (-1, -1))])


def taken(device):
    """Return the MIDI messages since the last call."""
    (out,) = device.nodes_named("midiout")
    numbers = [message[0] for _, message in out.got]
    out.got.clear()
    assert all(isinstance(n, int) and 0 <= n <= 255 for n in numbers) and len(numbers) % 3 == 0
    return [tuple(numbers[k : k + 3]) for k in range(0, len(numbers), 3)]


def play(device, sequence, values):
    receiver(device).datagram(frame(sequence, values))
    return taken(device)


def test_seven_bits(cc):
    values = [0.0, 1.0, 0.5, 0.25] + [0.75] * 28
    sent = play(cc, 1, values)
    assert sorted(sent) == [(176, 40 + k, int(v * 127 + 0.5)) for k, v in enumerate(values)]


def test_only_what_changes_is_sent(cc):
    play(cc, 1, [0.5] * 32)
    assert play(cc, 2, [0.5] * 32) == []
    assert play(cc, 3, [0.5] * 31 + [0.504]) == []  # less than a step of 1/127
    assert play(cc, 4, [0.5] * 31 + [0.6]) == [(176, 71, 76)]


def test_fourteen_bits_coarse_before_fine(cc):
    cc.node("resolution").turn(1)
    assign(cc, {0: (1, 33), 1: (2, 34)})
    sent = play(cc, 1, [0.3, 1.0] + [0.5] * 30)
    whole = int(0.3 * 16383 + 0.5)
    by_parameter = [[m for m in sent if m[1] in pair] for pair in ((1, 33), (2, 34))]
    assert by_parameter == [
        [(176, 1, whole >> 7), (176, 33, whole & 127)],
        [(176, 2, 127), (176, 34, 127)],
    ]
    assert len(sent) == 4  # the others have no controller


def test_the_channel(cc):
    cc.node("channel").turn(16)
    assert {status for status, _, _ in play(cc, 1, [0.5] * 32)} == {191}


def test_a_new_assignment_is_told_at_once(cc):
    play(cc, 1, [0.5] * 32)
    assign(cc, {0: (7, -1)})
    assert taken(cc) == []
    cc.script("fsl_cc.js").out(2, ["count", 32])
    assert taken(cc) == [(176, 7, 64)]
    assert play(cc, 2, [0.5] * 32) == []


def test_a_new_device_sends_nothing(built):
    """Flow Synth moves the same knobs."""
    with LiveDevice(built["Flow CC"]) as device:
        device.load()
        expecting(device, 32)
        assign(device, {k: (40 + k, -1) for k in range(32)})
        assert play(device, 1, [0.5] * 32) == []
        device.node("send").turn(1)
        assert len(play(device, 2, [0.6] * 32)) == 32


def test_send_off_is_silence(cc):
    cc.node("send").turn(0)
    assert play(cc, 1, [0.5] * 32) == []


def test_notes_pass(cc):
    (source,) = cc.nodes_named("midiin")
    for byte in (144, 60, 100):
        source.out(0, [byte])
    assert taken(cc) == [(144, 60, 100)]


def test_late_frames_do_not_reach_the_controllers(cc):
    assert play(cc, 5, [0.5] * 32) != []
    assert play(cc, 4, [0.9] * 32) == []


def test_teach_moves_each_controller_and_nothing_else_does(built, vital_server):
    """With the real scripts: every assigned controller moves, and frames wait meanwhile."""
    with LiveDevice(built["Flow CC"], "all") as device:
        turn_to(device, vital_server.port)
        device.node("send").turn(1)
        assert until([device], lambda: online(device))
        assert until([device], lambda: "32 controllers" in str(device.script("fsl_status.js").got))
        with vital_server.client() as other:
            other.send("/flow/macro", 0, 0.5)
            assert until([device], lambda: any(device.nodes_named("midiout")[0].got))
            until([device], lambda: False, 0.3)
            assigned = {controller for _, controller, _ in taken(device)}
            device.node("teach_live").turn(1)
            device.step(20)
            moved = {}
            for _ in range(2000):
                device.step(20)
                if not device.node("teach_live").value:
                    break
            for status, controller, value in taken(device):
                assert status == 176
                moved.setdefault(controller, set()).add(value)
        assert not device.node("teach_live").value, "it comes to an end by itself"
        assert len(moved) == 32 and moved.keys() >= assigned
        assert all(len(values) > 1 for values in moved.values())
