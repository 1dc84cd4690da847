"""An instrument on every track: whole devices, one real server, and what each keeps in its Set."""

import contextlib
import time

import numpy as np
import pytest

from server.osc.guard import address_of
from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import NAMES, track
from tests.max4live.playing import bind, gate_is_open, identity, menu_of, online, played, turn_to, until
from tests.support.live import free_port, running_server

KEEPING = (
    "fsl_link.js",
    "fsl_decode.js",
    "fsl_state.js",
    "fsl_instrument.js",
)  # what a sound and its identity need
N = 32


class Set:
    """Flow Synths on tracks of their own, all in front of one server."""

    def __init__(self, built, scripts=KEEPING):
        self.built = built
        self.scripts = scripts
        self.stack = contextlib.ExitStack()
        self.devices: list[LiveDevice] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def add(self, port, state=None, name="Flow Synth"):
        """Add a device, with what a Set or another device has stored."""
        device = self.stack.enter_context(LiveDevice(self.built[name], self.scripts))
        if state:
            stored(device).restore(state)
        turn_to(device, port)
        bind(device, N)
        self.devices.append(device)
        return device

    def connect(self):
        assert self.until(lambda: all(online(d) and gate_is_open(d) for d in self.devices), 60.0)
        self.pass_s(0.5)

    def until(self, condition, limit_s=30.0):
        return until(self.devices, condition, limit_s)

    def pass_s(self, seconds):
        """Let the devices' time pass, faster than the clock on the wall, and the answers arrive."""
        for _ in range(round(4 * seconds)):
            for device in self.devices:
                device.step(250)
            time.sleep(0.01)

    def turn(self, k, macro, value):
        """Turn a dial of device k, and wait until its sound has been stored."""
        device = self.devices[k]
        n = stored(device).writes
        device.node(f"macro_{macro}").turn(value)
        assert self.until(lambda: stored(device).writes > n), device.status

    def states(self):
        return [list(stored(device).value) for device in self.devices]

    def sounds(self):
        return np.array([played(device, N) for device in self.devices])

    def n_frames(self):
        return [len(device.remotes[0].values) for device in self.devices]


def stored(device):
    return next(node for node in device.nodes_named("pattr") if node.arguments[0] == "flow_state")


def say(device, *message):
    """Send what a script of the device would send to the server."""
    next(n for n in device.nodes_named("udpsend") if "/flow/hello" in str(n.sent)).receive(0, list(message))


@pytest.mark.parametrize("n", [2, 16])
def test_every_track_keeps_its_own_sound(built, tiny_models, tmp_path, n):
    """Turned, left alone, with the server restarted, with presets loaded elsewhere, and duplicated."""
    port = free_port()
    with contextlib.ExitStack() as server, Set(built) as live:
        server.enter_context(running_server(tiny_models[N], tmp_path / "a", port=port))
        for _ in range(n):
            live.add(port)
        live.connect()
        names = [identity(device) for device in live.devices]
        assert len(set(names)) == n
        for k in range(n):
            before = live.n_frames()
            live.turn(k, 1 + k % 8, 5.0 + 90.0 * k / n)
            after = live.n_frames()
            assert after[k] > before[k]
            assert after[:k] + after[k + 1 :] == before[:k] + before[k + 1 :], "only its own synth moves"
        states, sounds = live.states(), live.sounds()
        assert [state[1] for state in states] == names
        assert len(np.unique(sounds, axis=0)) == n

        live.pass_s(60)
        assert live.states() == states

        server.close()
        server.enter_context(running_server(tiny_models[N], tmp_path / "b", port=port))
        before = live.n_frames()
        assert live.until(lambda: all(a > b for a, b in zip(live.n_frames(), before, strict=True)), 60.0)
        live.pass_s(3)
        np.testing.assert_allclose(live.sounds(), sounds, atol=1e-5)
        assert live.states() == states
        assert [identity(device) for device in live.devices] == names

        n_writes = stored(live.devices[0]).writes
        say(live.devices[0], "/flow/preset/load", "Pad 2")
        assert live.until(lambda: stored(live.devices[0]).writes > n_writes)
        live.pass_s(3)
        assert live.states()[1:] == states[1:] and live.states()[0] != states[0]
        np.testing.assert_allclose(live.sounds()[1:], sounds[1:], atol=1e-5)
        states, sounds = live.states(), live.sounds()

        copy = live.add(port, states[1])
        live.connect()
        assert live.until(lambda: copy.remotes[0].values)
        assert identity(copy) not in names
        np.testing.assert_allclose(played(copy, N), sounds[1], atol=1e-5)
        assert live.states() == [*states, states[1]], "nothing is written by a duplicate"
        live.turn(n, 3, 99.0)
        live.pass_s(3)
        assert live.states()[:n] == states
        assert live.states()[n][1] == identity(copy)
        np.testing.assert_allclose(live.sounds()[:n], sounds, atol=1e-5)


def select(device):
    """Click on the title of the device's track."""
    device.script("fsl_instrument.js").ask({"select": device.home})


@pytest.fixture
def pair(built, tiny_models, tmp_path):
    """Two whole Flow Synths, `1-Vital` and `2-Pad`, each with a sound of its own; and their server."""
    with running_server(tiny_models[N], tmp_path) as server, Set(built, "all") as live:
        for k, name in enumerate(("1-Vital", "2-Pad")):
            add(live, server.port, name)
            live.connect()
            live.turn(k, k + 1, 90.0)
            live.pass_s(3)
        yield live, server


def add(live, port, name, state=None):
    device = live.stack.enter_context(LiveDevice(live.built["Flow Synth"], "all"))
    tree = track(NAMES)
    (home,) = tree["root"]["lists"]["tracks"]
    home["props"]["name"] = name
    device.home = home["id"]
    for script in ("fsl_bind.js", "fsl_dials.js", "fsl_instrument.js"):
        device.script(script).ask({"live": tree})
    if state:
        stored(device).restore(state)
    turn_to(device, port)
    live.devices.append(device)
    return device


def sound_menu(device):
    return menu_of(device, "Sound")


def choose(live, device, item):
    menu = sound_menu(device)
    assert live.until(lambda: item in menu.items), menu.items
    device.written.clear()
    menu.pick(menu.items.index(item))


def test_a_linked_device_shares_the_sound_and_stores_nothing_of_it(pair):
    live, _ = pair
    a, b = live.devices
    own = live.states()
    choose(live, b, "1-Vital")
    assert live.until(lambda: live.sounds()[0].tolist() == live.sounds()[1].tolist())
    live.pass_s(3)
    assert b.undo_entries() == 1, "the link, and the dials that follow"
    linked = live.states()
    assert linked[0] == own[0]
    assert linked[1][2:4] == [identity(a), "1-Vital"] and linked[1][4:] == own[1][4:]

    n = live.n_frames()
    b.node("macro_5").turn(80.0)
    assert live.until(lambda: all(x > y for x, y in zip(live.n_frames(), n, strict=True)))
    live.pass_s(3)
    assert stored(b).value == linked[1] and stored(a).value != linked[0], "whose it is stores it"
    np.testing.assert_array_equal(*live.sounds())

    choose(live, b, "Own sound")
    live.pass_s(3)
    assert b.undo_entries() == 1
    assert stored(b).value[1:4] == [identity(b), "-", "-"]
    assert stored(b).value[4:] == pytest.approx(stored(a).value[4:], abs=1e-6)
    n = live.n_frames()
    b.node("macro_5").turn(10.0)
    assert live.until(lambda: live.n_frames()[1] > n[1])
    assert live.n_frames()[0] == n[0]


def frame_of(state):
    """The patch in a Set's state: it follows the latent, each after its length."""
    at = 7 + int(state[6])
    return state[at + 1 : at + 1 + int(state[at])]


def test_a_set_with_a_link_opens(pair, built):
    """The linked device comes first, then the other; and in another Set, the other is missing."""
    live, server = pair
    choose(live, live.devices[1], "1-Vital")
    live.pass_s(3)
    states = live.states()
    for device in live.devices:
        device.remove()
    with Set(built, "all") as again:
        b = add(again, server.port, "2-Pad", states[1])
        assert again.until(lambda: "1-Vital is not here" in b.status, 60.0)
        assert b.undo_entries() == 0
        assert again.until(lambda: b.remotes[N - 1].values)
        np.testing.assert_allclose(played(b, N), frame_of(states[1]), atol=1e-5)  # its own sound
        a = add(again, server.port, "1-Vital", states[0])
        again.connect()
        assert again.until(lambda: again.sounds()[0].tolist() == again.sounds()[1].tolist(), 60.0)
        again.pass_s(3)
        assert "not here" not in b.status
        assert again.states() == states[::-1] and a.undo_entries() == b.undo_entries() == 0


def test_a_duplicate_costs_no_entry_in_the_undo_history(pair):
    live, server = pair
    copy = add(live, server.port, "3-Pad", live.states()[1])
    live.connect()
    live.pass_s(5)
    assert copy.undo_entries() == 0


def test_names_and_the_focus_follow_the_tracks(pair):
    live, server = pair
    a, b = live.devices
    with server.client(kind="panel") as panel:

        def listed():
            panel.send("/flow/instruments")
            items = [m[1] for m in panel.receive_all(0.2) if m[0] == "/flow/instrument"]
            return {name: focus for _, _, _, name, _, focus, _ in items}

        assert listed() == {"1-Vital": 1, "2-Pad": 0}
        for device, expected in ((b, {"1-Vital": 0, "2-Pad": 1}), (a, {"1-Vital": 1, "2-Pad": 0})):
            select(device)
            select_elsewhere = a if device is b else b
            select_elsewhere.script("fsl_instrument.js").ask({"select": 0})
            live.pass_s(1)
            assert listed() == expected
        n_focus = [
            m for d in live.devices for n in d.nodes_named("udpsend") for m in n.sent if "focus" in m[0]
        ]
        assert n_focus == [["/flow/focus", identity(a)], ["/flow/focus", identity(b)]]
        n = live.n_frames()
        panel.send("/flow/macro", 3, 0.9)
        assert live.until(lambda: live.n_frames()[0] > n[0])
        assert live.n_frames()[1] == n[1]

        a.script("fsl_instrument.js").ask({"change": [a.home, "name", "Ünï Lead"]})
        live.pass_s(1)
        assert "Ünï Lead" in listed()
        assert live.until(lambda: "Ünï Lead" in sound_menu(b).items)


def count_frames(device):
    """Return a list that grows by each frame that reaches a device."""
    frames, (receiver,) = [], device.nodes_named("udpreceive")
    hear = receiver.datagram

    def datagram(data):
        if address_of(data) == "/flow/params":
            frames.append(data)
        hear(data)

    receiver.datagram = datagram
    return frames


def test_flow_cc_sends_the_sound_of_its_track(pair, built):
    live, server = pair
    a, b = live.devices
    with LiveDevice(built["Flow CC"], "all") as cc:
        tree = track(NAMES)
        tree["root"]["lists"]["tracks"][0]["props"]["name"] = "2-Pad"
        cc.script("fsl_instrument.js").ask({"live": tree})
        turn_to(cc, server.port)
        everybody = [*live.devices, cc]
        assert until(everybody, lambda: "plays 2-Pad" in cc.status), cc.status
        frames = count_frames(cc)
        until(everybody, lambda: False, 0.5)

        def heard(device):
            """Return whether a turn of a device's dial reaches Flow CC."""
            n = len(frames)
            device.node("macro_7").turn(20.0 + 11 * n % 70)
            return until(everybody, lambda: len(frames) > n, 1.0)

        assert heard(b) and not heard(a)
        choose(live, cc, "1-Vital")
        assert until(everybody, lambda: "plays 1-Vital" in cc.status), cc.status
        assert cc.undo_entries() == 1
        assert heard(a) and not heard(b)
