"""Flow Synth as its server dies while a dial turns and comes back, and which of the two plays."""

import signal

import numpy as np
import pytest

from tests.max4live.decoding import JUMP, SHIPPED, alone, model, plays_itself, synth, trail, turned
from tests.max4live.graph.device import LiveDevice
from tests.max4live.playing import connect, live, menu_of, pass_time, played, take, turn_to, until
from tests.support.live import free_port, running_server

__all__ = ["alone", "model", "synth"]

AUTO, SERVER, DEVICE = range(3)  # of the switch

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
        pass_time(again, 1.5)
        turns_what_it_bears(again, model, last)


def turns_what_it_bears(device, model, second):
    """Turn dial 2, and dial 8, whose macro only the server has; no server answers."""
    take(device, 2, 85.0)
    pass_time(device, 8.0)
    assert shown_names(device)[1] == second and shown_names(device)[7] == "Server only"
    (stored,) = device.nodes_named("pattr")
    z = np.array(stored.value[7:39], np.float64)
    k = model.vocabulary.names.index(second)
    assert model.vocabulary[k].position(z) == pytest.approx(0.85, abs=1e-3)
    before = played(device, 32)
    device.node("macro_8").turn(float(device.node("macro_8").value) / 2)
    pass_time(device, 0.2)
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
    pass_time(alone, 0.5)
    for number in (3, 60):
        menu_of(alone, "Preset").pick(number)
        pass_time(alone, 0.1)
        alone.node("add_point").turn(1)
        pass_time(alone, 0.05)
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
