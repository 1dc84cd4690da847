"""The list of people's own presets in a whole device, in front of a server that has some."""

import html
import re
from pathlib import Path

import numpy as np
import pytest

from library.codes import CODE_BYTES
from library.heard import Heard
from library.shelf import Shelf, ShelfPreset
from server.handling.own_handlers import OwnHandlers
from tests.max4live.graph.device import LiveDevice
from tests.max4live.in_memory import MemorySet, stored
from tests.max4live.playing import identity, press
from tests.max4live.test_life import NAMES
from tests.support.live import Rig, eventually
from tests.support.own_presets import COMMAND, P, folder_for, write_own

HEAD_PX, ROW_PX = 14, 13  # as fsl_listart.js draws
MAP, PAD, MINE = range(3)  # tabs
PRESETS = {"Abend 🎹": "Pad", "Bad": "Lead", "暖かいパッド": "Pad", "Slow Bass": "Bass"}


def heard(k, style):
    code = np.full(CODE_BYTES, 10 * k, np.uint8)
    return Heard(
        author="Ann", style=style, loudness=-20.0, repeat_db=0.1, descriptors=np.zeros(12, "f4"), code=code
    )


@pytest.fixture
def live(built, tiny_models, tmp_path):
    """A Set without a device, and a server with some presets, one of which is damaged."""
    folder = tmp_path / "presets"
    for name, style in PRESETS.items():
        write_own(folder / f"{name}.vital", author="bad" if name == "Bad" else "Ann", style=style)
    listed = enumerate(PRESETS.items())
    shelf = {name: ShelfPreset(name, Path(name), heard(k, style)) for k, (name, style) in listed}

    def make_own(tracks, models, post):
        return OwnHandlers(tracks, models, [folder], tmp_path / "adopted", folder_for, post, COMMAND)

    with MemorySet(built, tiny_models[32], tmp_path / "data", NAMES) as live:
        live.server = Rig(tiny_models[32], tmp_path / "data", make_own=make_own)
        live.server.bridge.handlers.library._shelf = Shelf(shelf)
        yield live
        live.server.bridge.handlers.own.kill()


@pytest.fixture
def synth(live):
    """Flow Synth that is connected, and shows the list."""
    device = live.add("Lead")
    live.connect()
    size = [int(v) for v in device.node("library").box["presentation_rect"][2:]]
    device.script("fsl_library.js").ask({"size": size})
    device.node("map_view").turn(MINE)
    assert live.until(lambda: "4 presets of yours" in drawn(device)), drawn(device)
    return device


def drawn(device):
    """Return the texts of the list."""
    picture = device.script("fsl_library.js").ask({"paint": "svg"})["svg"]
    return [html.unescape(text) for text in re.findall(r">([^<>]*)</text>", picture)]


def click(device, row):
    device.script("fsl_library.js").ask({"mouse": ["click", 30, HEAD_PX + ROW_PX * row + 5]})


def titled(device, title):
    (found,) = [node for node in device.nodes if node.box.get("annotation_name") == title]
    return found


def model_of(live, device):
    """Return the name of the model that plays a device's own instrument."""
    (track,) = [track for track in live.server.tracks if track.identity == identity(device)]
    return track.instrument.model.name


def until(live, condition):
    """Wait until a condition holds, also on the wall clock, on which a preset is adopted."""

    def is_so():
        live.pass_s(0.1)
        return condition()

    return eventually(is_so)


def test_it_is_in_the_place_of_the_map_and_on_no_other_tab(built):
    with LiveDevice(built["Flow Synth"]) as device:
        device.load()
        for tab in (MINE, MAP, PAD, MINE):
            device.node("map_view").turn(tab)
            said = {m[2]: m[4] for node in device.nodes_named("thispatcher") for _, m in node.got}
            assert (said["library"], said["map"]) == (int(tab != MINE), int(tab == MINE))
            assert said["next_of_mine"] == int(tab != MINE) and said["next_preset"] == int(tab != MAP)
    assert "fsl_library" not in built["Flow Instrument"].read_bytes().decode("latin-1")


def test_words_styles_and_the_ear_find_presets(live, synth):
    assert live.until(lambda: titled(synth, "Style").items == ["All styles", "Pad", "Bass", "Lead"])
    titled(synth, "Style").pick(1)
    assert live.until(lambda: "2 found" in drawn(synth))
    field = titled(synth, "Find a Preset")
    field.receive(0, ["set", "パッド", "ann"])
    field.receive(0, ["bang"])
    assert live.until(lambda: drawn(synth)[:2] == ["1 found", "暖かいパッド"])
    synth.script("fsl_library.js").ask({"mouse": ["click", 154, 5]})  # the cross
    assert live.until(lambda: "4 presets of yours" in drawn(synth)) and field.text == "Find"
    synth.node("more_like_this").say()
    live.pass_s(0.5)
    assert "Pick one of your presets" in synth.status
    synth.script("fsl_library.js").ask({"mouse": ["click", 30, 500]})
    press(synth, "next_of_mine")
    synth.node("more_like_this").say()
    live.pass_s(0.2)
    assert drawn(synth)[:4] == ["Like Abend 🎹", "Abend 🎹", "Bad", drawn(synth)[3]], drawn(synth)
    assert drawn(synth)[3].endswith(" dB")


def test_a_click_plays_one_its_macros_come_and_the_set_keeps_it(live, synth):
    before = list(stored(synth).value)
    click(synth, 2)
    assert until(live, lambda: "暖かいパッド" in synth.node("status").info), synth.status
    track = live.server.tracks.focus
    assert until(live, lambda: "Own 0" in str(synth.script("fsl_dials.js").got))
    live.pass_s(3.0)
    assert track.instrument.model.name.startswith("暖かいパッド") and "opening" not in drawn(synth)
    _, _, _, _, model, *_ = stored(synth).value
    n_frame = stored(synth).value[7 + stored(synth).value[6]]
    assert (model, n_frame) == (track.instrument.model.name, P)
    assert stored(synth).value != before


def test_one_that_cannot_be_played_says_why_and_the_sound_stays(live, synth):
    model = live.server.tracks.focus.instrument.model
    click(synth, 1)
    assert until(live, lambda: "cannot be played: it is no preset" in synth.node("status").info), synth.status
    live.pass_s(0.2)
    assert live.server.tracks.focus.instrument.model is model
    assert "failed" not in drawn(synth) and "reading" not in drawn(synth)


def test_undo_goes_back_to_the_sound_before_and_a_set_that_is_reopened_plays_it(live, synth):
    instrument = live.server.tracks.focus.instrument
    synth.node("macro_1").turn(90.0)
    live.pass_s(3.0)
    before, patch = list(stored(synth).value), instrument.current_patch().copy()
    click(synth, 0)
    assert until(live, lambda: "Own 0" in str(synth.script("fsl_dials.js").got))
    live.pass_s(3.0)
    after = list(stored(synth).value)
    assert after[4].startswith("Abend") and model_of(live, synth) == after[4]

    stored(synth).restore(before)  # Live's undo
    assert live.until(lambda: model_of(live, synth) == before[4])
    live.pass_s(1.0)
    np.testing.assert_allclose(live.server.tracks.focus.instrument.current_patch(), patch, atol=1e-5)
    assert stored(synth).value == before

    live.remove(synth)
    again = live.add("Lead", after)
    live.connect()
    assert live.until(lambda: model_of(live, again) == after[4])
    live.pass_s(3.0)
    assert stored(again).value[4] == after[4]
