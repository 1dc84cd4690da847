"""Flow Sketch with all its scripts in front of the server that answers: a take from press to pick."""

import numpy as np
import pytest
import soundfile

from max4live.build import write_frozen
from max4live.designs.catalog import DEVICES
from tests.max4live.graph.device import LiveDevice
from tests.max4live.playing import online, turn_to, until
from tests.server.sketch.voices import RATE, saw


@pytest.fixture
def device(tmp_path):
    (made,) = (make() for make in DEVICES if make().name == "Flow Sketch")
    with LiveDevice(write_frozen(made, tmp_path), "all") as device:
        yield device


def test_a_take_of_the_device_becomes_rows_to_pick_from(sketching, device):
    soundfile.write(sketching.folder / "mine.wav", saw(220, 1.0), RATE)
    sketching.ask("/flow/sketch/file", "mine.wav", 0)
    sketching.state("done")  # the model is there: the device's own patience starts with its take
    turn_to(device, sketching.server.port)
    assert until([device], lambda: online(device)), device.status
    device.node("sketch").turn(1)
    until([device], lambda: False, 0.3)
    device.node("sketch").turn(0)
    (buffer,) = device.nodes_named("buffer~")

    def written():
        return [message[1] for _, message in buffer.got if message[0] == "writewave"]

    assert until([device], lambda: written())
    path = written()[0]
    assert path.startswith(sketching.folder.as_posix() + "/sketch-")
    # What Max does: the whole tape of 30 s, of which the take is the beginning.
    tape = np.concatenate([saw(196, 5.0, 44_100), np.zeros(25 * 44_100, np.float32)])
    soundfile.write(path, np.stack([tape, tape], axis=1), 44_100)
    buffer.out(1, ["bang"])

    rows = [device.node(f"candidate_{k + 1}") for k in range(6)]

    def named():
        return str(rows[0].attributes["text"][-1]).endswith(" %")

    assert until([device], lambda: list(sketching.folder.glob("sketch-*")) == []), "it was not read"
    assert until([device], named), (device.status, rows[0].attributes["text"])
    with sketching.server.client() as witness:
        device.node("candidate_2").turn(1)
        assert until([device], lambda: witness.wait_for("/flow/params", 0.2) is not None)
