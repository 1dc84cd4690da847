"""The pictures of the devices: nothing cut, one accent, and painted by the scripts themselves."""

import json
import re
import shutil
import subprocess

import pytest

from max4live.builder.rect import HEIGHT_PX
from max4live.designs.synth.macros import dial_label
from max4live.picture.scenes import scenes
from max4live.picture.strip import draw
from max4live.picture.svg import THEMES, text_width
from tests.max4live.test_devices import DEVICES

SCENES = {scene.name: scene for scene in scenes()}
PICTURES = "docs/images/devices"


def test_every_device_has_a_picture():
    assert {scene.device for scene in SCENES.values()} == set(DEVICES)


@pytest.mark.parametrize("name", SCENES)
def test_every_text_fits_and_nothing_is_cut(name):
    scene = SCENES[name]
    drawing, overflows = draw(scene, scripts=False)
    assert overflows == []
    width, height = (int(n) for n in re.search(r'viewBox="0 0 (\d+) (\d+)"', drawing).groups())
    assert (width, height) == (scene.width(), HEIGHT_PX + 20)
    for x, y, w, h in re.findall(
        r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', drawing
    ):
        assert float(x) + float(w) <= width and float(y) + float(h) <= height


@pytest.mark.parametrize("name", SCENES)
def test_there_is_one_accent(name):
    """Every colour is a grey, the accent, or the lamp's."""
    drawing, _ = draw(SCENES[name], scripts=False)
    colours = set(re.findall(r"#[0-9a-f]{6}", drawing)) - {SCENES[name].lamp}
    coloured = {c for c in colours if len({c[1:3], c[3:5], c[5:7]}) > 1 and not nearly_grey(c)}
    assert coloured <= {THEMES["light"].accent}


def nearly_grey(colour):
    parts = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return max(parts) - min(parts) < 8


@pytest.mark.parametrize("name", ["flow-synth-presets", "flow-synth-curves", "flow-sketch-recording"])
def test_scripts_paint_their_part(name):
    if shutil.which("node") is None:
        pytest.skip("node is not installed: sudo apt-get install nodejs")
    with_scripts, _ = draw(SCENES[name])
    without, _ = draw(SCENES[name], scripts=False)
    assert len(with_scripts) > len(without) + 500
    assert draw(SCENES[name])[0] == with_scripts


@pytest.mark.parametrize(
    "name", ["Bright", "Slow Attack", "Wide Spectrum", "Ten chars  then", "Élan vital, très long", "x" * 64]
)
def test_a_name_is_cut_as_the_devices_script_cuts_it(name):
    if shutil.which("node") is None:
        pytest.skip("node is not installed: sudo apt-get install nodejs")
    harness = "tests/max4live/scripts/harness.mjs"
    question = json.dumps({"in": 0, "message": ["flow", "macroname", 3, name]}) + "\n"
    done = subprocess.run(
        ["node", harness, "fsl_dials.js"], input=question, capture_output=True, encoding="utf-8"
    )
    assert json.loads(done.stdout)["out"] == [[0, [3, dial_label(name)]]]
    assert len(dial_label(name)) <= 11


def test_wider_texts_are_wider():
    assert text_width("", 10) == 0.0
    assert text_width("iiii", 10) < text_width("oooo", 10) < text_width("MMMM", 10)
