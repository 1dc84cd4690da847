"""Flow Synth without its server: from the start, when it dies while a dial turns, and when it is back."""

import signal

import numpy as np
import pytest

from models.folder import ModelFolder
from models.installed import PRETRAINED
from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import track
from tests.max4live.playing import connect, gate_is_open, live, played, press, take, turn_to, until
from tests.support.live import free_port, running_server

SHIPPED = PRETRAINED / "vital-32"
JUMP = 0.02  # the largest that a parameter may take when another plays
AUTO, SERVER, DEVICE = range(3)  # of the switch


@pytest.fixture(scope="module")
def model():
    return ModelFolder.load(SHIPPED)


@pytest.fixture
def synth(built, model):
    """Flow Synth with every script, on a track with Vital."""
    with LiveDevice(built["Flow Synth"], "all") as device:
        device.tree = track([parameter.label for parameter in model.space])
        for script in ("fsl_bind.js", "fsl_dials.js"):
            device.script(script).ask({"live": device.tree})
        yield device


@pytest.fixture
def alone(synth):
    """The same, where no server answers, and already playing."""
    turn_to(synth, free_port())
    live(synth, 1.5)
    assert gate_is_open(synth)
    return synth


def trail(device):
    """Return all frames that the synth was sent, `(n, 32)`."""
    return np.array([remote.values for remote in device.remotes[:32]]).T


def plays_itself(device):
    """Whether the server's frames are kept from the synth."""
    (gates,) = [n for n in device.nodes_named("route") if n.arguments == ["server", "frames"]]
    return not any(node.open for node, _ in gates.cords[1])


def marked(device):
    """Return the positions that the marks around the dials show."""
    told = {m[1]: m[3] for _, m in device.script("fsl_marks.js").got if m[0] == "mark"}
    return [told[k] for k in range(8)]


def menu_of(device, name):
    return next(node for node in device.nodes_named("umenu") if node.box["annotation_name"] == name)


def sent(device):
    """Return the addresses of everything that has been sent to the server."""
    return [m[0] for node in device.nodes_named("udpsend") for m in node.sent]


def turned(model, z, k, position):
    return model.macros[k].turn(np.asarray(z, np.float64), position)


# -- from the first second


def test_a_new_device_plays_within_the_first_second(synth, model):
    turn_to(synth, free_port())
    live(synth, 1.0)
    take(synth, 1, 70.0)
    live(synth, 0.3)
    expected = model.flow.decode(turned(model, model.macros.resting, 0, 0.7))
    assert np.abs(np.array(played(synth, 32)) - expected).max() < 1e-4
    (said,) = [m for _, m in synth.script("fsl_status.js").got if m[:2] == ["alone", 1]]
    assert said[2].startswith("playing without the server") and len(said[2]) < 75
    assert not {"/flow/macro", "/flow/latent"} & set(sent(synth)), "nothing goes where nobody listens"


def test_it_bears_the_names_and_lists_the_presets(alone, model):
    live(alone, 0.5)
    assert menu_of(alone, "Preset").items == list(model.presets.names)
    shown = [alone.node(f"macro_{k}").attributes["_parameter_shortname"] for k in range(1, 9)]
    assert shown == [[name] for name in model.macros.names]


def test_presets_steps_and_vary(alone, model):
    live(alone, 0.5)
    menu_of(alone, "Preset").pick(40)
    live(alone, 0.3)
    assert np.abs(np.array(played(alone, 32)) - model.presets.patches[40]).max() < 2e-3
    positions = model.macros.positions(model.presets.latents[40].astype(np.float64))
    assert marked(alone) == pytest.approx(positions.tolist(), abs=1e-3)
    press(alone, "next_preset")
    live(alone, 0.3)
    assert np.abs(np.array(played(alone, 32)) - model.presets.patches[41]).max() < 2e-3
    before = played(alone, 32)
    press(alone, "vary")
    live(alone, 0.2)
    assert 0.005 < np.abs(np.subtract(played(alone, 32), before)).max()


def test_a_held_macro_stays_through_a_preset(alone, model):
    live(alone, 0.5)
    take(alone, 3, 90.0)
    alone.node("freeze_3").turn(1)
    menu_of(alone, "Preset").pick(12)
    live(alone, 0.3)
    (stored,) = alone.nodes_named("pattr")
    z = np.array(stored.value[7:39], np.float64)
    assert model.macros.positions(z)[2] == pytest.approx(0.9, abs=1e-4)


def test_the_map_morphs(alone, model):
    live(alone, 0.5)
    box = alone.script("fsl_map.js").box["presentation_rect"]
    alone.script("fsl_map.js").ask({"size": box[2:]})
    alone.script("fsl_map.js").ask({"mouse": ["click", 20, 20, 1]})
    for x in range(20, 100, 10):
        alone.script("fsl_map.js").ask({"mouse": ["drag", x, 60, 1]})
        live(alone, 0.04)
    alone.script("fsl_map.js").ask({"mouse": ["drag", 100, 60, 0]})
    live(alone, 0.3)
    assert len(trail(alone)) >= 6 and np.ptp(trail(alone), axis=0).max() > 0.05
    places = [m[1:] for _, m in alone.script("fsl_map.js").got if m[0] == "place"]
    assert places, "the ring is where the sound is"


def test_a_path_is_travelled(alone, model):
    live(alone, 0.5)
    for number in (3, 60):
        menu_of(alone, "Preset").pick(number)
        live(alone, 0.1)
        alone.node("add_point").turn(1)
        live(alone, 0.05)
    alone.node("path_position").turn(50.0)
    live(alone, 0.2)
    half = model.presets.latents[[3, 60]].astype(np.float64).mean(axis=0)
    assert np.abs(np.array(played(alone, 32)) - model.flow.decode(half)).max() < 1e-3


def test_the_curves_are_those_of_the_server(alone, model):
    take(alone, 1, 20.0)
    live(alone, 1.5)
    got = [m[1:] for _, m in alone.script("fsl_curves.js").got if m[0] == "curve"][-8:]
    patches = model.flow.decode(model.macros[0].walk(turned(model, model.macros.resting, 0, 0.2), 50))
    strongest = np.argsort(-np.ptp(patches, axis=0), kind="stable")[:8]
    assert [m[1] for m in got] == [model.space.parameters[j].label for j in strongest]
    assert np.abs(np.array([m[2:] for m in got]) - patches[:, strongest].T).max() < 1e-4


def test_what_needs_the_server_says_so(alone):
    alone.node("save_preset").turn(1)
    live(alone, 0.1)
    assert "needs the server: start it" in alone.status


# -- in the Set


def test_the_sound_is_stored_and_comes_back(built, alone, model):
    alone.node("macro_2").turn(83.0)
    live(alone, 2.0)
    (stored,) = alone.nodes_named("pattr")
    assert stored.value[4:7] == ["vital-32", "vital", 32]
    heard = played(alone, 32)
    with LiveDevice(built["Flow Synth"], "all") as again:
        again.script("fsl_bind.js").ask({"live": alone.tree})
        again.nodes_named("pattr")[0].restore(list(stored.value))
        turn_to(again, free_port())
        live(again, 0.5)
        assert np.abs(np.subtract(played(again, 32), heard)).max() < 1e-4, "before anybody has decoded"
        live(again, 1.0)
        assert np.abs(np.diff(trail(again), axis=0)).max(initial=0.0) < JUMP
        take(again, 4, 64.0)
        live(again, 0.3)
        z = turned(model, np.array(stored.value[7:39]), 3, 0.64)
        assert np.abs(np.array(played(again, 32)) - model.flow.decode(z)).max() < 1e-4


def test_undo_is_what_it_is_with_a_server(alone):
    live(alone, 1.0)
    assert alone.written == []
    for k in range(20):
        alone.node("macro_1").turn(2.0 * k)
        live(alone, 0.04)
    live(alone, 2.0)
    assert [name for _, name in alone.written] == ["flow_state"]
    alone.written.clear()
    menu_of(alone, "Preset").pick(7)
    live(alone, 0.6)
    assert alone.undo_entries() == 1


def test_a_sound_of_another_model_stays(synth):
    """Only the server has the model that it was made with."""
    frame = [0.01 * k for k in range(32)]
    synth.nodes_named("pattr")[0].restore([1, "another", "vital", 32, *[0.5] * 32, 32, *frame])
    turn_to(synth, free_port())
    live(synth, 1.5)
    assert played(synth, 32) == pytest.approx(frame)
    synth.node("macro_1").turn(90.0)
    live(synth, 0.5)
    assert played(synth, 32) == pytest.approx(frame)
    assert "only it can play the model another" in synth.status and len(synth.status) < 75


# -- from the server to the device, and back


def at_rest(device, server):
    """Connect, and let the weights be read."""
    connect(device, server.port)
    live(device, 3.0)
    assert not plays_itself(device)


def glide(device, low, high, seconds):
    """Turn the first macro at an even speed; return its positions."""
    positions = np.linspace(low, high, round(seconds / 0.02))
    for position in positions:
        device.node("macro_1").turn(100.0 * float(position))
        live(device, 0.02)
    return positions


def test_a_turn_goes_on_when_the_server_is_killed_and_when_it_is_back(synth, model, tmp_path):
    port = free_port()
    start = model.presets.latents[20].astype(np.float64)
    positions = [np.array([0.3])]
    with running_server(SHIPPED, tmp_path / "a", port=port) as server:
        at_rest(synth, server)
        with server.client(kind="panel") as other:
            other.send("/flow/latent", *start.tolist())
            live(synth, 0.3)
        take(synth, 1, 30.0)
        live(synth, 0.3)
        first = len(trail(synth))
        positions.append(glide(synth, 0.3, 0.35, 0.6))
        assert not plays_itself(synth)
        server.process.kill()
        n = len(trail(synth))
        positions.append(glide(synth, 0.35, 0.37, 0.3))
        assert len(trail(synth)) > n and plays_itself(synth), (
            "nothing is swallowed until it is known to be lost"
        )
    positions.append(glide(synth, 0.37, 0.6, 3.0))
    assert until([synth], lambda: synth.status.startswith("Playing without the server"))
    positions.append(glide(synth, 0.6, 0.65, 0.6))
    with running_server(SHIPPED, tmp_path / "b", port=port) as server:
        goes = 0.65
        while plays_itself(synth) and goes < 0.9:
            positions.append(glide(synth, goes, goes + 0.01, 0.1))
            goes += 0.01
        assert not plays_itself(synth), synth.status
        with server.client() as witness:
            positions.append(glide(synth, goes, goes + 0.05, 0.6))
            live(synth, 0.3)
            assert np.array(witness.wait_for("/flow/params")[1:]).shape == (32,), "the server plays"
    heard = trail(synth)[first - 1 :]
    assert np.abs(np.diff(heard, axis=0)).max() < JUMP
    dial = np.unique(np.concatenate(positions))
    true = model.flow.decode(np.array([turned(model, start, 0, position) for position in dial]))
    apart = np.abs(heard[:, None] - true[None]).max(axis=2).min(axis=1)
    assert apart.max() < 1e-3, "each frame is that of a position of the dial"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows has no SIGSTOP")
def test_the_macros_that_the_player_chose_stay_on_the_dials(synth, built, model, tmp_path):
    """With the server killed, and in the Set as it opens without one."""
    with running_server(SHIPPED, tmp_path) as server:
        at_rest(synth, server)
        last, resting = model.vocabulary.names[-1], model.macros.resting
        with server.client() as client:
            client.send("/flow/macro/choose", 1, last)
            client.send("/flow/own/point", 0, *resting.tolist())
            client.send("/flow/own/point", 1, *model.presets.latents[3].tolist())
            client.send("/flow/own/make", 7, "Growth")
        assert until([synth], lambda: shown_names(synth)[7] == "Growth")
        take(synth, 1, 30.0)
        live(synth, 2.0)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        turns_what_it_bears(synth, model, last)
    (stored,) = synth.nodes_named("pattr")
    with LiveDevice(built["Flow Synth"], "all") as again:
        again.nodes_named("pattr")[0].restore(stored.value)
        turn_to(again, free_port())
        live(again, 1.5)
        turns_what_it_bears(again, model, last)


def turns_what_it_bears(device, model, second):
    """Turn dial 2, and dial 8, whose macro only the server has; no server answers."""
    take(device, 2, 85.0)
    live(device, 8.0)
    assert shown_names(device)[1] == second and shown_names(device)[7] == "Server only"
    (stored,) = device.nodes_named("pattr")
    z = np.array(stored.value[7:39], np.float64)
    k = model.vocabulary.names.index(second)
    assert model.vocabulary[k].position(z) == pytest.approx(0.85, abs=1e-3)
    before = played(device, 32)
    device.node("macro_8").turn(float(device.node("macro_8").value) / 2)
    live(device, 0.2)
    assert played(device, 32) == before
    assert "'Growth' needs the server" in device.status


def shown_names(device):
    shown = [device.node(f"macro_{k}").attributes.get("_parameter_shortname", [""]) for k in range(1, 9)]
    return [" ".join(map(str, words)) for words in shown]


def test_a_server_that_is_only_slow_is_believed_again(synth, tmp_path):
    with running_server(SHIPPED, tmp_path) as server:
        at_rest(synth, server)
        synth.node("macro_1").turn(30.0)
        live(synth, 0.3)
        server.process.send_signal(signal.SIGSTOP)
        glide(synth, 0.3, 0.35, 0.6)
        assert plays_itself(synth)
        server.process.send_signal(signal.SIGCONT)
        glide(synth, 0.35, 0.4, 0.6)
        live(synth, 0.5)
        assert not plays_itself(synth)
        first = trail(synth)[-40:]
        assert np.abs(np.diff(first, axis=0)).max() < JUMP


def server_plays(device):
    """Wait a tenth of a second of both clocks: to a device in a hurry every answer would be late."""
    live(device, 0.1)
    return not plays_itself(device)


def test_a_path_is_known_to_a_server_that_comes(alone, model, tmp_path):
    live(alone, 0.5)
    for number in (3, 60):
        menu_of(alone, "Preset").pick(number)
        live(alone, 0.1)
        alone.node("add_point").turn(1)
        live(alone, 0.05)
    heard = played(alone, 32)
    port = int(alone.node("server_port").value)
    n = len(trail(alone))
    with running_server(SHIPPED, tmp_path, port=port):
        assert any(server_plays(alone) for _ in range(300)), alone.status
        live(alone, 0.3)
        assert np.abs(trail(alone)[n - 1 :] - heard).max() < JUMP, "its points have not sounded"
        alone.node("path_position").turn(50.0)
        live(alone, 0.4)
    half = model.presets.latents[[3, 60]].astype(np.float64).mean(axis=0)
    assert np.abs(np.array(played(alone, 32)) - model.flow.decode(half)).max() < 1e-3


def test_a_model_that_is_not_in_the_device_needs_the_server(synth, tiny_models, tmp_path):
    with running_server(tiny_models[32], tmp_path) as server:
        connect(synth, server.port)
        synth.node("macro_1").turn(60.0)
        live(synth, 0.5)
        heard = played(synth, 32)
    assert until([synth], lambda: "only it can play" in synth.status), synth.status
    synth.node("macro_1").turn(10.0)
    live(synth, 0.5)
    assert played(synth, 32) == heard


# -- the switch


def test_device_never_waits_and_server_never_decodes(synth, model, tmp_path):
    with running_server(SHIPPED, tmp_path) as server:
        synth.node("decode").turn(DEVICE)
        connect(synth, server.port)
        live(synth, 0.5)
        assert plays_itself(synth)
        n = len(trail(synth))
        synth.node("macro_1").turn(12.0)
        synth.step(1)
        assert len(trail(synth)) > n, "at once"
        with server.client() as witness:
            synth.node("macro_1").turn(20.0)
            live(synth, 0.3)
            assert witness.wait_for("/flow/params"), "the server knows, for sketches and the panel"
        synth.node("decode").turn(AUTO)
        assert any(server_plays(synth) for _ in range(300)), synth.status
        synth.node("decode").turn(SERVER)
        live(synth, 0.2)
    assert until([synth], lambda: "Server not running" in synth.status)
    n = len(trail(synth))
    synth.node("macro_1").turn(80.0)
    live(synth, 0.5)
    assert len(trail(synth)) == n
