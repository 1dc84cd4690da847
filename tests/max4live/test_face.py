"""The faces: what folds, what appears only when it says something, and texts that fit and name no command."""

import html
import json
import re
import shutil
import subprocess

import pytest

from max4live.build import SCRIPT_FOLDER
from max4live.builder.container import read
from max4live.designs.parts.looks import LINE_PX
from max4live.picture.scenes import scenes
from max4live.picture.strip import draw
from max4live.picture.svg import text_width, wrapped
from tests.max4live.graph.device import LiveDevice
from tests.max4live.test_devices import DEVICES

FOLDING = [device for device in (make() for make in DEVICES) if device.folded_width]
FACES = [s for s in scenes() if s.folded or s.device().folded_width is None]


def widths(device):
    return [m[1] for node in device.nodes_named("live.thisdevice") for _, m in node.got if m[0] == "setwidth"]


@pytest.mark.parametrize("name", [device.name for device in FOLDING])
def test_the_right_side_folds_and_the_set_remembers(built, name):
    (design,) = [device for device in FOLDING if device.name == name]
    with LiveDevice(built[name]) as device:
        device.load()
        assert widths(device)[-1] == design.folded_width
        device.node("pages").turn(1)
        assert widths(device)[-1] == design.width
    with LiveDevice(built[name]) as again:
        again.node("pages").value = 1  # as the Set stored it
        again.load()
        assert widths(again)[-1] == design.width and len(widths(again)) > 1, "also once Live is ready"


def test_narrow_enough_for_a_laptop():
    assert {device.name: device.folded_width for device in FOLDING} == {
        "Flow Synth": 414,
        "Flow Synth MIDI": 414,
        "Flow Instrument": 414,
        "Flow Sketch": 440,
        "Flow CC": 226,
    }


def test_axes_are_for_the_pad_alone(built):
    with LiveDevice(built["Flow Synth"]) as synth:
        synth.load()
        hidden = {
            b["box"]["varname"]: b["box"].get("hidden", 0)
            for b in synth.patcher["boxes"]
            if "varname" in b["box"]
        }
        assert hidden["map_across"] and hidden["map_up"] and not hidden["next_preset"]
        synth.node("map_view").turn(1)
        said = {m[2]: m[4] for node in synth.nodes_named("thispatcher") for _, m in node.got}
        assert (said["map_across"], said["map_up"], said["next_preset"], said["previous_preset"]) == (
            0,
            0,
            1,
            1,
        )
        told = [m for _, m in synth.script("fsl_map.js").got]
        assert ["view", 1] in told and [m for m in told if m[0] == "axes"][-1] == ["axes", 0, 1]
        synth.node("map_up").turn(6)
        assert synth.script("fsl_map.js").got[-1][1] == ["axes", 0, 6]
        assert "map" not in {c.lower() for c in synth.node("map_up").saved["parameter_enum"]}


@pytest.mark.parametrize("scene", FACES, ids=lambda scene: scene.name)
def test_no_commands_and_no_ports_on_a_face(scene):
    drawing, _ = draw(scene, scripts=False)
    texts = [html.unescape(text) for text in re.findall(r">([^<>\n]+)</text>", drawing)]
    assert texts
    assert not [text for text in texts if re.search(r"python|--|\b\d{4,5}\b", text)]


@pytest.mark.parametrize("make", DEVICES)
def test_texts_begin_with_a_capital(make):
    boxes = [box for box in make().patcher.boxes if box.rect]
    texts = [box.keys.get(key) or "" for box in boxes for key in ("text", "texton")]
    texts += [choice for box in boxes if box.parameter for choice in box.parameter.choices]
    assert [text for text in texts if text and text[0].islower()] == []


def test_icons_travel_with_the_device(built):
    for device in (make() for make in DEVICES):
        icons = [name for name in device.files() if name.endswith(".svg")]
        files = read(built[device.name].read_bytes()).files
        assert all(files[name] == (SCRIPT_FOLDER / "icons" / name).read_bytes() for name in icons)
    assert "fsl_hold.svg" in read(built["Flow Synth"].read_bytes()).files


SOURCES = "".join(path.read_text("utf-8") for path in sorted(SCRIPT_FOLDER.rglob("fsl_*.js")))
TEXTS = [
    *re.findall(r'"([a-zA-Z][^"\n]{20,200})"', SOURCES),
    "there is no preset 'Pulsing Singing Brass'; did you mean 'Pulsing Singing Brass 2' or 'Pulsing Brass'?",
    "x" * 400,
    "Wide MMMM @@@@ %%%% " * 12,
    "a " * 200,
]


@pytest.mark.parametrize("name", [device.name for device in FOLDING])
def test_status_lines_are_never_wider_than_their_box(built, name):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: sudo apt-get install nodejs")
    with LiveDevice(built[name]) as device:
        _, _, width, height = device.node("status").box["presentation_rect"]
        given = [str(a) for a in device.script("fsl_status.js").arguments[1:]]
    questions = [json.dumps({"in": 0, "message": ["flow", "connection", 3]})]
    for text in TEXTS:
        questions += [
            json.dumps({"in": 0, "message": ["flow", "info", text]}),
            json.dumps({"advance_ms": 9000}),
        ]
    harness = "tests/max4live/scripts/harness.mjs"
    done = subprocess.run(
        [node, harness, "fsl_status.js", *given],
        input="\n".join(questions) + "\n",
        capture_output=True,
        encoding="utf-8",
    )
    answers = [json.loads(line).get("out", []) for line in done.stdout.splitlines()]
    shown = [message[1] for out in answers for outlet, message in out if outlet == 0 and message[0] == "set"]
    assert len(shown) >= len(TEXTS)
    for text in shown:
        lines = wrapped(text, width - 6)
        assert len(lines) <= max(1, (height - 6) // LINE_PX), text
        assert all(text_width(line, 9.5) <= width - 6 for line in lines), text
        assert not text[0].islower()
