"""A whole device with all its scripts, against the running server: from being added to being removed."""

import numpy as np
import pytest

from max4live.designs.synth.layout import CURVES
from models.installed import list_models
from synths.space_files import load_space
from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import NAMES, ids_of, track
from tests.max4live.playing import bind, connect, gate_is_open, menu_of, online, played, press, turn_to, until
from tests.support.live import free_port, running_server
from tests.support.tiny_model import write_tiny_model


@pytest.fixture
def synth(built):
    """Flow Synth with every script, on a track with a plug-in that shows all 32 parameters."""
    with LiveDevice(built["Flow Synth"], "all") as device:
        device.tree = track(NAMES)
        device.script("fsl_bind.js").ask({"live": device.tree})
        yield device


def texts(device):
    """Return everything that was sent to the status line."""
    return " | ".join(str(message) for _, message in device.script("fsl_status.js").got)


def test_without_a_server_it_says_what_to_do(synth):
    turn_to(synth, free_port())
    assert until([synth], lambda: "Server not running" in synth.status)
    assert "python" not in synth.status  # no shell commands on the face of a device


def test_dials_move_the_plugin_that_is_there(synth, server):
    connect(synth, server.port)
    assert until([synth], lambda: all(r.id for r in synth.remotes[:32]))
    ids = ids_of(synth.tree)
    assert [r.id for r in synth.remotes[:32]] == [ids[name] for name in NAMES]
    with server.client() as witness:
        synth.node("macro_1").turn(91.0)
        assert until([synth], lambda: all(r.values for r in synth.remotes[:32]))
        expected = witness.wait_for("/flow/params")[1:]
    np.testing.assert_array_equal(played(synth, 32), expected)


def test_dials_bear_the_names_of_the_server(synth, server):
    connect(synth, server.port)
    dials = [synth.node(f"macro_{k}") for k in range(1, 9)]
    assert until([synth], lambda: all("_parameter_shortname" in d.attributes for d in dials))
    assert dials[4].attributes["_parameter_shortname"] == ["Macro 4"]


def test_a_half_configured_plugin_is_named(built, server):
    with LiveDevice(built["Flow Synth"], "all") as device:
        device.script("fsl_bind.js").ask({"live": track(NAMES[:21])})
        connect(device, server.port)
        assert until([device], lambda: "21 of 32" in texts(device)), texts(device)
        assert "Configure" in texts(device)


def test_no_plugin_at_all(built, server):
    with LiveDevice(built["Flow Synth"], "all") as device:
        device.script("fsl_bind.js").ask({"live": track([], plugin="")})
        connect(device, server.port)
        assert until([device], lambda: "plug-in" in device.status), device.status


def test_a_set_sounds_the_same_without_the_server(built, vital_server):
    """Store the sound, close the Set, open it where no server runs. The device knows Vital's names itself."""
    names = [parameter.label for parameter in load_space("vital-32")]
    with LiveDevice(built["Flow Synth"], "all") as first:
        first.script("fsl_bind.js").ask({"live": track(names)})
        connect(first, vital_server.port)
        first.node("macro_2").turn(83.0)
        stored = first.nodes_named("pattr")[0]
        assert until([first], lambda: len(stored.value) > 60)
        heard, kept, writes = played(first, 32), list(stored.value), stored.writes
        first.step(3000)
        assert stored.writes == writes == 1  # one for the whole gesture
    with LiveDevice(built["Flow Synth"], "all") as again:
        again.script("fsl_bind.js").ask({"live": track(names)})
        again.nodes_named("pattr")[0].restore(kept)
        turn_to(again, free_port())
        assert until([again], lambda: all(r.values for r in again.remotes[:32]))
        np.testing.assert_allclose(played(again, 32), heard, atol=1e-6)
        assert until([again], lambda: "Server not running" in again.status)


def test_a_restarted_server_is_found_and_told_the_sound(synth, tiny_models, tmp_path):
    port = free_port()
    with running_server(tiny_models[32], tmp_path / "a", port=port) as server:
        connect(synth, server.port)
        until([synth], lambda: gate_is_open(synth))
        synth.node("macro_3").turn(97.0)
        stored = synth.nodes_named("pattr")[0]
        assert until([synth], lambda: len(stored.value) > 60)
        heard = played(synth, 32)
    with running_server(tiny_models[32], tmp_path / "b", port=port) as server:
        n = len(synth.remotes[0].values)
        assert until([synth], lambda: len(synth.remotes[0].values) > n, 15.0), texts(synth)
        np.testing.assert_allclose(played(synth, 32), heard, atol=1e-5)
        # The new run counts its frames from the start, and they pass.
        n = len(synth.remotes[0].values)
        synth.node("macro_3").turn(3.0)
        assert until([synth], lambda: len(synth.remotes[0].values) > n)


def test_presets_fill_the_menu_and_go(synth, server):
    connect(synth, server.port)
    menu = menu_of(synth, "Preset")
    assert until([synth], lambda: len(menu.items) >= 20)
    n = len(synth.remotes[0].values)
    menu.pick(3)
    assert until([synth], lambda: len(synth.remotes[0].values) > n)


WIDE, HIGH, MARGIN, BELOW = 158, 100, 8, 20  # px: the map on the strip, around the map, and below it


def mouse(device, what, x, y, button=1):
    """Move the mouse to a place on the map."""
    at = [MARGIN + x * (WIDE - 2 * MARGIN), MARGIN + (1 - y) * (HIGH - MARGIN - BELOW)]
    device.script("fsl_map.js").ask({"mouse": [what, *at, button]})


def last_place(device):
    """Return the place that the map was sent last."""
    told = [message[1:] for _, message in device.script("fsl_map.js").got if message[0] == "place"]
    return told[-1] if told else None


def test_a_drag_on_the_map_morphs_and_every_map_shows_it(built, server):
    names = ("fsl_link.js", "fsl_status.js", "fsl_decode.js", "fsl_map.js")
    with LiveDevice(built["Flow Synth"], names) as one, LiveDevice(built["Flow Synth"], names) as other:
        devices = [one, other]
        for device in devices:
            connect(device, server.port)
            device.script("fsl_map.js").ask({"size": [WIDE, HIGH]})
            bind(device, 32)
        known = lambda d: [m for _, m in d.script("fsl_map.js").got if m[0] == "preset"]  # noqa: E731
        assert until(devices, lambda: len(known(one)) >= 20)
        mouse(one, "click", 0.02, 0.03)
        frames = [len(one.remotes[0].values)]
        for k in range(1, 11):
            mouse(one, "drag", k / 10, 0.5)
            assert until(devices, lambda: len(one.remotes[0].values) > frames[-1])
            frames.append(len(one.remotes[0].values))
        mouse(one, "drag", 1.0, 0.5, 0)
        assert until(devices, lambda: last_place(other) == pytest.approx([1.0, 0.5]))
        assert until(devices, lambda: last_place(one) == last_place(other))
        np.testing.assert_array_equal(played(one, 32), played(other, 32))
        trail = np.array([remote.values for remote in one.remotes[:32]]).T
        assert len(trail) >= 10 and np.ptp(trail, axis=0).max() > 0.05


def test_the_menu_of_models_is_the_servers(built, models, tmp_path):
    with (
        running_server(models / "first", tmp_path) as server,
        LiveDevice(built["Flow Synth"], "all") as device,
    ):
        connect(device, server.port)
        menu = menu_of(device, "Model")
        shown = lambda: menu.items[menu.value] if menu.items else None  # noqa: E731
        assert until([device], lambda: shown() == "first"), menu.items
        assert set(menu.items) == {"first", *list_models()}
        menu.pick(menu.items.index("vital-32"))
        assert until([device], lambda: shown() == "vital-32"), menu.items
        assert len(menu.items) == len(set(menu.items))
        heard = device.script("fsl_status.js").got

        def loaded():
            return [message[5] for _, message in heard if message[0] == "online"][-1]

        assert until([device], lambda: loaded() == "vital-32")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    write_tiny_model(folder / "first")
    return folder


def test_next_and_a_click_on_the_map_show_in_the_menu(synth, server):
    connect(synth, server.port)
    menu = menu_of(synth, "Preset")
    assert until([synth], lambda: len(menu.items) >= 20)
    synth.step(600)  # a Set has opened
    press(synth, "next_preset")
    press(synth, "next_preset")
    synth.clock.settle()
    assert menu.value == 1
    synth.script("fsl_map.js").out(1, ["loaded", menu.items[7]])
    synth.clock.settle()
    assert menu.value == 7
    sent = [m for node in synth.nodes_named("udpsend") for m in node.sent if m[0] == "/flow/preset/load"]
    assert [name for _, name in sent] == menu.items[:2]


@pytest.mark.parametrize("stored", [0, 1])
def test_buttons_do_nothing_while_a_set_opens(synth, server, stored):
    """Vary, Next and Previous are stored, so that pads can be mapped to them; Live sends what it stored."""
    for name in ("vary", "next_preset", "previous_preset"):
        synth.node(name).value = stored
    turn_to(synth, free_port())
    until([synth], lambda: False, 0.5)
    sent = [m[0] for node in synth.nodes_named("udpsend") for m in node.sent]
    assert not {"/flow/vary", "/flow/preset/load"} & set(sent)


def test_the_field_saves_under_its_name(synth, server):
    connect(synth, server.port)
    field = next(n for n in synth.nodes_named("textedit") if n.box["annotation_name"] == "Preset Name")
    field.text = "Tübingen 2"
    synth.node("save_preset").turn(1)
    sent = lambda: [m for n in synth.nodes_named("udpsend") for m in n.sent]  # noqa: E731
    assert until([synth], lambda: ["/flow/preset/save", "Tübingen 2"] in sent())
    assert ["/flow/preset/load", "Tübingen 2"] not in sent()
    listed = lambda: [m[2] for _, m in synth.script("fsl_presets.js").got if m[0] == "preset"]  # noqa: E731
    assert until([synth], lambda: "Tübingen 2" in listed())


def frozen_in(server):
    """Return which macros the server holds, as a new client is told."""
    with server.client(kind="panel") as client:
        return {m.values[0] for m in client.receive_all(0.1) if m.address == "/flow/frozen" and m.values[1]}


def freezes_sent(device):
    """Return what the device has asked the server to freeze."""
    return [m for node in device.nodes_named("udpsend") for m in node.sent if m[0] == "/flow/freeze"]


def test_frozen_macros_are_frozen_again_after_a_restart(synth, tiny_models, tmp_path):
    port = free_port()
    with running_server(tiny_models[32], tmp_path / "a", port=port) as server:
        connect(synth, port)
        synth.node("freeze_2").turn(1)
        assert until([synth], lambda: frozen_in(server) == {1})
    with running_server(tiny_models[32], tmp_path / "b", port=port) as server:
        assert until([synth], lambda: len(freezes_sent(synth)) == 2, 15.0)
        assert until([synth], lambda: frozen_in(server) == {1})
        # The echo of its own switch has not written the switch.
        assert (synth.node("freeze_2").value, synth.node("freeze_2").writes) == (1, 0)


def test_what_another_client_freezes_is_shown(synth, tiny_models, tmp_path):
    with running_server(tiny_models[32], tmp_path) as server, server.client() as other:
        other.send("/flow/freeze", 4, 1)
        connect(synth, server.port)
        switch = synth.node("freeze_5")
        assert until([synth], lambda: switch.value == 1), "a new device is told what is frozen"
        n_sent = len(freezes_sent(synth))
        for on in (0, 1):
            other.send("/flow/freeze", 4, on)
            assert until([synth], lambda on=on: switch.value == on)
        assert (switch.writes, len(freezes_sent(synth))) == (3, n_sent)
        switch.turn(0)
        assert until([synth], lambda: frozen_in(server) == set())


def test_a_macro_that_another_client_froze_is_frozen_again_after_a_restart(synth, tiny_models, tmp_path):
    port = free_port()
    with running_server(tiny_models[32], tmp_path / "a", port=port) as server, server.client() as other:
        connect(synth, port)
        other.send("/flow/freeze", 4, 1)
        assert until([synth], lambda: synth.node("freeze_5").value == 1)
    with running_server(tiny_models[32], tmp_path / "b", port=port) as server:
        assert until([synth], lambda: freezes_sent(synth), 15.0)
        assert until([synth], lambda: frozen_in(server) == {4})


def test_a_removed_device_says_goodbye(synth, server):
    connect(synth, server.port)
    synth.remove()
    assert [m[0] for n in synth.nodes_named("udpsend") for m in n.sent][-1:] != []
    assert "/flow/bye" in [m[0] for n in synth.nodes_named("udpsend") for m in n.sent]


def test_pages_hide_each_other(synth):
    windows = synth.nodes_named("thispatcher")
    paged = {
        b["box"]["varname"]: b["box"].get("hidden", 0) for b in synth.patcher["boxes"] if "hidden" in b["box"]
    }
    assert paged
    synth.node("page").turn(CURVES)
    said = [message for window in windows for _, message in window.got]
    assert all(m[:2] == ["script", "sendbox"] and m[3] == "hidden" for m in said)
    shown, hidden = ({m[2] for m in said if m[4] == k} for k in (0, 1))
    assert "curves" in shown and shown and hidden and not shown & hidden


def test_the_midi_device_plays_notes(built):
    with LiveDevice(built["Flow Synth MIDI"]) as device:
        out = device.nodes_named("midiout")[0]
        device.node("player_note").turn(67)
        device.node("player_rate").turn(500.0)
        device.node("player_length").turn(100.0)
        device.node("player").turn(1)
        device.step(1050)
        device.node("player").turn(0)
        device.step(2000)
        played = [message[0] for _, message in out.got]
        assert played == [144, 67, 100, 144, 67, 0] * 3


def test_what_the_server_cannot_do_yet_is_said_in_its_words(built, server):
    with LiveDevice(built["Flow Sketch"], "all") as sketch:
        turn_to(sketch, server.port)
        assert until([sketch], lambda: online(sketch)), sketch.status
        sketch.node("follow_voice").turn(1)
        sent = lambda: [m[0] for n in sketch.nodes_named("udpsend") for m in n.sent]  # noqa: E731
        assert until([sketch], lambda: "/flow/sketch/live" in sent())
        until([sketch], lambda: False, 0.5)
        assert "no such address" not in texts(sketch) and "takes" not in texts(sketch)
