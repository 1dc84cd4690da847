"""Seeded faults: every one that we know from real devices is found."""

import copy
import json

import pytest

from max4live.build import SCRIPT_FOLDER
from max4live.builder.container import Contents, freeze, read
from max4live.builder.scripts import with_required
from max4live.check.device import check_device, check_file
from max4live.check.tree import boxes_of
from max4live.designs.flow_cc import flow_cc
from max4live.designs.flow_server import flow_server
from max4live.designs.flow_synth import flow_synth


@pytest.fixture(scope="module")
def sound():
    """A device without faults, as JSON, with its scripts."""
    design = flow_synth()
    return json.loads(design.text()), with_required(SCRIPT_FOLDER, design.files())


def first(patcher, maxclass=None, text=None):
    for _, box in boxes_of(patcher):
        if box.get("maxclass") == maxclass or (text and str(box.get("text", "")).startswith(text)):
            return box
    raise AssertionError((maxclass, text))


def values(patcher, maxclass):
    return first(patcher, maxclass)["saved_attribute_attributes"]["valueof"]


def cord(patcher, **change):
    patcher["lines"][0]["patchline"].update(change)


MUTATIONS = {
    "missing box": lambda p: p["boxes"].pop(5),
    "duplicate id": lambda p: p["boxes"][1]["box"].update(id=p["boxes"][0]["box"]["id"]),
    "unknown object": lambda p: first(p, text="route").update(text="rout a b"),
    "external": lambda p: first(p, text="deferlow").update(text="odot.route"),
    "text object as maxclass": lambda p: first(p, text="deferlow").update(maxclass="deferlow"),
    "Max 9 object": lambda p: first(p, text="js ").update(text="v8 fsl_link.js"),
    "outlet that is not there": lambda p: cord(p, source=[p["lines"][0]["patchline"]["source"][0], 9]),
    "inlet that is not there": lambda p: cord(
        p, destination=[p["lines"][0]["patchline"]["destination"][0], 9]
    ),
    "cord to nowhere": lambda p: cord(p, destination=["obj-99999", 0]),
    "cord twice": lambda p: p["lines"].append(copy.deepcopy(p["lines"][0])),
    "declared ports": lambda p: first(p, text="deferlow").update(numoutlets=2),
    "outlet types": lambda p: first(p, text="deferlow").update(outlettype=[]),
    "below the strip": lambda p: first(p, "live.dial").update(presentation_rect=[8.0, 140.0, 52.0, 48.0]),
    "right of the strip": lambda p: first(p, "live.dial").update(presentation_rect=[620.0, 6.0, 52.0, 48.0]),
    "half a pixel": lambda p: first(p, "live.dial").update(presentation_rect=[8.5, 6.0, 52.0, 48.0]),
    "over another": lambda p: first(p, "live.dial").update(presentation_rect=[70.0, 6.0, 52.0, 48.0]),
    "no information": lambda p: first(p, "live.dial").update(annotation=""),
    "no parameter": lambda p: first(p, "live.dial").update(parameter_enable=0),
    "range": lambda p: values(p, "live.dial").update(parameter_mmin=200.0),
    "initial": lambda p: values(p, "live.dial").update(parameter_initial=[101.0]),
    "initial not enabled": lambda p: values(p, "live.dial").update(parameter_initial_enable=0),
    "no unit": lambda p: values(p, "live.dial").pop("parameter_unitstyle"),
    "name twice": lambda p: values(p, "live.dial").update(parameter_longname="Macro 2"),
    "no short name": lambda p: values(p, "live.dial").update(parameter_shortname=""),
    "choices": lambda p: values(p, "live.tab").update(parameter_mmax=9.0),
    "integer too large": lambda p: values(p, "live.dial").update(parameter_type=1, parameter_mmax=9130.0),
    "bank": lambda p: p["parameters"]["parameterbanks"]["0"]["parameters"].__setitem__(0, "Nobody"),
    "short bank": lambda p: p["parameters"]["parameterbanks"]["0"]["parameters"].pop(),
    "bank of a hidden one": lambda p: p["parameters"]["parameterbanks"]["0"]["parameters"].__setitem__(
        0, "Commit"
    ),
    "registry": lambda p: p["parameters"].update({"obj-99999": ["Ghost", "Ghost", 0]}),
    "no registry": lambda p: p.update(parameters={}),
    "absolute path, macOS": lambda p: first(p, "live.dial").update(annotation="/Users/ana/x.wav"),
    "absolute path, Windows": lambda p: first(p, "live.dial").update(annotation="C:\\x.wav"),
    "dependency cache": lambda p: p.update(dependency_cache=[{"name": "x", "bootpath": "~/x"}]),
    "global send": lambda p: first(p, text="s ---").update(text="s macro"),
    "print": lambda p: first(p, text="deferlow").update(text="print"),
    "#0": lambda p: first(p, text="s ---").update(text="s ---#0"),
    "missing script": lambda p: first(p, text="js fsl_link").update(text="js fsl_lost.js synth"),
    "ports of a script": lambda p: first(p, text="js fsl_link").update(numoutlets=2, outlettype=["", ""]),
    "no plugout~": lambda p: first(p, text="plugout~").update(text="plugin~"),
    "no project": lambda p: p.pop("project"),
    "kind": lambda p: p["project"].update(amxdtype=1),
    "height": lambda p: p.update(openrect=[0.0, 0.0, 650.0, 200.0]),
    "patching view": lambda p: p.update(openinpresentation=0),
    "newer Max": lambda p: p["appversion"].update(major=9),
    "a button that is automated": lambda p: next(b for _, b in boxes_of(p) if b.get("varname") == "commit")[
        "saved_attribute_attributes"
    ]["valueof"].update(parameter_invisible=0),
    "no digest": lambda p: p.pop("digest"),
    "no description of a patcher inside": lambda p: first(p, text="p frame")["patcher"].pop("description"),
    "border": lambda p: first(p, "jsui").pop("border"),
    "tabs of Max": lambda p: first(p, "live.tab").pop("livemode"),
    "hint": lambda p: first(p, "live.dial").update(hint="What it does."),
    "links not stated": lambda p: values(p, "live.dial").pop("parameter_linknames"),
    "renamed by Max": lambda p: values(p, "live.dial").update(parameter_linknames=1),
    "inlets of route": lambda p: first(p, text="route 0 1").update(numinlets=1),
    "nothing to see": lambda p: [b.pop("presentation", 0) for _, b in boxes_of(p)],
}


def faults_of(whole, files, kind="audio"):
    return check_device(Contents(kind, json.dumps(whole), files, True, meta=7), SCRIPT_FOLDER, house=True)


def test_the_device_itself_is_well(sound):
    assert faults_of(*sound) == []


@pytest.mark.parametrize("name", MUTATIONS)
def test_seeded_faults_are_found(sound, name):
    whole, files = copy.deepcopy(sound[0]), sound[1]
    MUTATIONS[name](whole["patcher"])
    assert whole != sound[0]
    assert faults_of(whole, files) != []


@pytest.mark.parametrize(
    "line",
    [
        "let x = 1;", "const x = 1;", "var f = () => 1;", "var s = `x`;", "class A {}", "post('x');",
        "setTimeout(f, 1);", "outlet.apply(this, a);", "var api = new LiveAPI('live_set');",
        "for (var x of y) f(x);", "var path = '/Users/ana/x.wav';",
    ],
)  # fmt: skip
def test_seeded_faults_of_scripts_are_found(sound, line):
    whole, files = sound
    spoiled = {**files, "fsl_link.js": files["fsl_link.js"] + f"\n{line}\n".encode()}
    assert faults_of(whole, spoiled) != []


def test_words_in_comments_and_texts_are_no_faults(sound):
    whole, files = sound
    text = b"\n// let x of y => `post(` \nvar hint = \"const x = () => 1; post('x')\";\n"
    assert faults_of(whole, {**files, "fsl_link.js": files["fsl_link.js"] + text}) == []


def test_a_midi_device_that_strips_mpe_is_found():
    design = flow_cc()
    whole, files = json.loads(design.text()), with_required(SCRIPT_FOLDER, design.files())
    assert faults_of(whole, files, "midi") == []
    whole["patcher"]["is_mpe"] = 0
    assert faults_of(whole, files, "midi") != []


def test_a_node_script_that_max_would_leave_in_the_device_is_found():
    design = flow_server()
    files = with_required(SCRIPT_FOLDER, design.files())
    text = design.text()
    good = read(freeze("audio", "A.amxd", text, files, on_disk={"fsl_server.js"}))
    assert check_device(good, SCRIPT_FOLDER, house=True) == []
    inside = read(freeze("audio", "A.amxd", text, files))
    assert [f.kind for f in check_device(inside, SCRIPT_FOLDER)] == ["node flag"]
    spoiled = copy.deepcopy(json.loads(text))
    first(spoiled["patcher"], text="node.script").pop("textfile")
    assert faults_of(spoiled, files) != []


@pytest.mark.parametrize("content", [b"", b"{}", b'{"patcher": {}}', b"\0" * 64, b"ampf\x04\0\0\0aaaa"])
def test_what_is_no_device(tmp_path, content):
    path = tmp_path / "some.amxd"
    path.write_bytes(content)
    assert check_file(path) != []
    assert check_file(tmp_path / "none.amxd") != []


@pytest.mark.parametrize("text", ["[]", "{}", '{"patcher": 1}', "no"])
def test_what_is_no_patcher(text):
    assert check_device(Contents("audio", text, {}, True), SCRIPT_FOLDER) != []
