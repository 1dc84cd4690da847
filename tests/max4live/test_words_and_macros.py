"""The line for words and the page of macros: a whole device, and a server that answers."""

import pytest

from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import NAMES, track
from tests.max4live.playing import connect, until


@pytest.fixture
def synth(built, server):
    """Flow Synth with every script, connected."""
    with LiveDevice(built["Flow Synth"], "all") as device:
        device.script("fsl_bind.js").ask({"live": track(NAMES)})
        connect(device, server.port)
        macros, field = titled(device, "Macro on the Dial"), titled(device, "Macro Name")
        assert until([device], lambda: len(macros.items) >= 8 and field.text in macros.items)
        yield device


def titled(device, title):
    (found,) = [node for node in device.nodes if node.box.get("annotation_name") == title]
    return found


def enter(device, title, text):
    """Type into a field and press Return."""
    field = titled(device, title)
    field.receive(0, ["set", text])
    field.receive(0, ["bang"])


def test_words_move_the_sound_and_are_answered(synth):
    name = titled(synth, "Macro on the Dial").items[2]
    (stored,) = synth.nodes_named("pattr")
    enter(synth, "Words", f"more {name.lower()}, blurpy")
    assert until([synth], lambda: "not understood: blurpy" in synth.node("status").info), synth.status
    assert name in synth.node("status").info
    assert until([synth], lambda: stored.writes == 1), "one entry in Live's undo history"


def test_what_the_page_changes_is_on_the_dials(synth):
    macros, dials = titled(synth, "Macro on the Dial"), titled(synth, "Dial")
    first, fourth = macros.items[0], macros.items[3]
    dials.pick(0)
    assert macros.value == 0 and titled(synth, "Macro Name").text == first
    macros.pick(3)
    assert until([synth], lambda: shown(synth, 1) == fourth and shown(synth, 4) == first)
    assert dials.items[0].endswith(fourth)

    titled(synth, "Macro Name").receive(0, ["set", "Honey"])
    synth.node(varname_of(synth, "Rename Macro")).say()
    assert until([synth], lambda: shown(synth, 1) == "Honey")

    for button in ("Add to A", "Add to B"):
        synth.node(varname_of(synth, button)).say()
        until([synth], lambda: False, 0.2)
        synth.node("macro_6").turn(90.0)
        until([synth], lambda: False, 0.4)
    assert synth.node("gathered").text == "A: 1 sound, B: 1 sound"
    titled(synth, "Macro Name").receive(0, ["set", "Growth"])
    synth.node(varname_of(synth, "Make Macro")).say()
    assert until([synth], lambda: shown(synth, 1) == "Growth"), synth.status
    assert synth.node("gathered").text == "A: no sounds, B: no sounds"
    synth.node(varname_of(synth, "Delete Macro")).say()
    assert until([synth], lambda: shown(synth, 1) != "Growth")


def varname_of(device, name):
    (found,) = [
        n.box["varname"]
        for n in device.nodes
        if n.name == "live.text" and n.saved["parameter_longname"] == name
    ]
    return found


def shown(device, k):
    return " ".join(map(str, device.node(f"macro_{k}").attributes.get("_parameter_shortname", [])))
