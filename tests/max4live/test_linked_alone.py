"""Two Flow Synths that share one sound, while no server is there, and when one is again."""

import contextlib

import numpy as np
import pytest

from models.installed import PRETRAINED
from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import track
from tests.max4live.playing import bind, take, turn_to
from tests.max4live.test_own_sounds import KEEPING, N, Set, choose, stored
from tests.support.live import free_port, running_server

SHIPPED = PRETRAINED / "vital-32"  # which the devices hold
SCRIPTS = (*KEEPING, "fsl_dials.js", "fsl_status.js")
SAME = 2e-4  # of a parameter: the device's decoder, and the server's


class Linked:
    """`1-Vital`, `2-Pad` that is linked to it, and their server."""

    def __init__(self, live, stack, port, folder):
        self.live, self.port, self.folder = live, port, folder
        self._servers = stack

    def start(self):
        n = sum(1 for _ in self.folder.iterdir()) if self.folder.exists() else 0
        self.server = self._servers.enter_context(
            running_server(SHIPPED, self.folder / str(n), port=self.port)
        )

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()


@pytest.fixture
def linked(built, tmp_path):
    with contextlib.ExitStack() as servers, Set(built, SCRIPTS) as live:
        linked = Linked(live, servers, free_port(), tmp_path)
        linked.start()
        for name in ("1-Vital", "2-Pad"):
            add(live, linked.port, name)
        live.connect()
        live.turn(0, 1, 90.0)
        live.turn(1, 2, 90.0)
        choose(live, live.devices[1], "1-Vital")
        assert live.until(lambda: apart(live) < SAME)
        live.pass_s(5)
        yield linked


def add(live, port, name, state=None):
    device = live.stack.enter_context(LiveDevice(live.built["Flow Synth"], live.scripts))
    tree = track([])
    tree["root"]["lists"]["tracks"][0]["props"]["name"] = name
    for script in ("fsl_dials.js", "fsl_instrument.js"):
        device.script(script).ask({"live": tree})
    if state:
        stored(device).restore(state)
    turn_to(device, port)
    bind(device, N)
    live.devices.append(device)
    return device


def apart(live):
    a, b = live.sounds()
    return np.abs(a - b).max()


def trail(device):
    return np.array([remote.values for remote in device.remotes[:N]]).T


def test_each_plays_on_by_itself_and_they_share_again(linked):
    """Its own turns move each alone; then the sound is that of the one whose it is, with no third between."""
    live = linked.live
    a, b = live.devices
    before = live.states()
    linked.kill()
    assert live.until(lambda: all("without" in d.status.lower() for d in (a, b)), 60.0), (a.status, b.status)
    assert apart(live) < SAME
    take(a, 3, 80.0)
    live.pass_s(3)
    first, second = live.sounds()
    assert np.abs(first - second).max() > 0.01
    take(b, 5, 20.0)
    live.pass_s(3)
    assert np.abs(live.sounds()[0] - first).max() == 0 and np.abs(live.sounds()[1] - second).max() > 0.01
    states = live.states()
    assert states[0] != before[0] and states[1] == before[1], "what is shared is not stored twice"

    n_a, n_b = (len(trail(d)) for d in (a, b))
    own, shared = live.sounds()[1], live.sounds()[0]
    linked.start()
    assert live.until(lambda: apart(live) < SAME, 60.0), (a.status, b.status)
    live.pass_s(5)
    assert np.abs(trail(a)[n_a - 1 :] - shared).max() < SAME, "the sound has not moved"
    for frame in trail(b)[n_b - 1 :]:
        assert min(np.abs(frame - own).max(), np.abs(frame - shared).max()) < SAME
    assert live.states() == states
    take(b, 5, 70.0)
    live.pass_s(3)
    assert apart(live) < SAME and np.abs(live.sounds()[0] - shared).max() > 0.01


def test_the_linked_one_comes_back_first(linked):
    live = linked.live
    a, b = live.devices
    linked.kill()
    assert live.until(lambda: all("without" in d.status.lower() for d in (a, b)), 60.0)
    take(b, 5, 20.0)
    live.pass_s(1)
    own, shared = live.sounds()[1], live.sounds()[0]
    n_a, n_b = (len(trail(d)) for d in (a, b))
    linked.start()
    live.devices[:] = [b]
    assert live.until(lambda: "Connected" in b.status or "not here" in b.status, 60.0), b.status
    live.pass_s(6)
    b.node("macro_5").turn(45.0)
    live.pass_s(1)
    live.devices[:] = [a, b]
    assert live.until(lambda: apart(live) < SAME, 60.0), (a.status, b.status)
    live.pass_s(3)
    assert apart(live) < SAME
    assert np.abs(trail(a)[n_a - 1 :] - shared).max() < SAME
    assert np.abs(np.diff(trail(b)[n_b - 1 :], axis=0)).max() <= np.abs(own - shared).max() + 0.3


def test_a_set_with_a_link_opens_without_a_server(linked, built):
    live = linked.live
    states, sounds = live.states(), live.sounds()
    for device in live.devices:
        device.remove()
    linked.kill()
    with Set(built, SCRIPTS) as again:
        a, b = (add(again, linked.port, *each) for each in zip(("1-Vital", "2-Pad"), states, strict=True))
        assert again.until(lambda: "its own sound" in b.node("status").info, 60.0), b.status
        again.pass_s(3)
        assert "1-Vital" in b.status and "its own sound" not in a.status
        np.testing.assert_allclose(again.sounds()[0], sounds[0], atol=SAME)
        assert again.states() == states
        take(b, 5, 20.0)
        again.pass_s(3)
        assert again.states()[1] != states[1], "its own sound is stored"
        linked.start()
        assert again.until(lambda: apart(again) < SAME, 60.0), (a.status, b.status)
        np.testing.assert_allclose(again.sounds()[0], sounds[0], atol=SAME)
        again.pass_s(3)
        assert "its own sound" not in b.status
