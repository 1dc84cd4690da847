"""The check on files that nobody here wrote: what Max wrote is no fault, and nothing crashes it."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from max4live.build import SCRIPT_FOLDER
from max4live.builder import objects
from max4live.builder.container import Contents, write_plain
from max4live.check.device import check_device, check_file
from max4live.check.findings import Level
from max4live.check.patcher_json import parse_patcher
from max4live.check.port_counts import DRAWN, ports_of_text
from max4live.check.survey import survey
from max4live.designs.flow_synth import flow_synth
from tests.max4live.test_check import first


def box(name, text, n_inlets=1, n_outlets=1, **more):
    keys = {"id": name, "maxclass": "newobj", "text": text, "numinlets": n_inlets, "numoutlets": n_outlets}
    return {"box": keys | more}


def cord(source, outlet, destination, inlet):
    return {"patchline": {"source": [source, outlet], "destination": [destination, inlet]}}


def findings_of(boxes, cords=(), major=8, **more):
    patcher = {"appversion": {"major": major, "minor": 5}, "boxes": list(boxes), "lines": list(cords), **more}
    return check_device(Contents("audio", json.dumps({"patcher": patcher}), {}, False), SCRIPT_FOLDER)


def faults_of(*args, **more):
    return [f.kind for f in findings_of(*args, **more) if f.level is Level.FAULT]


# Counted in boxes that Max 6 to 9 saved.
PORTS = {
    "route": (2, 2), "route a": (2, 2), "route a b c": (4, 4), "routepass a b": (3, 3),
    "route @n @objs": (3, 3), "plugout~ 1 2 @chans 2": (2, 2),
    "sel": (2, 2), "select 1 2": (3, 3), "t": (1, 2), "t b i l": (1, 3), "gate": (2, 1), "gate 0": (2, 1),
    "gate 4 1": (2, 4), "pack": (2, 1), "pack 0": (1, 1), "pak 1. 2. 3.": (3, 1), "unpack": (1, 2),
    "unpack 0": (1, 1), "plugin~": (2, 2), "plugin~ 1 2 3 4": (4, 4), "plugout~ @chans 8": (8, 8),
    "switch 1 1": (3, 1), "switch 5": (6, 1), "selector~ 4 1": (5, 1), "join 3": (3, 1), "unjoin": (1, 3),
    "unjoin 4": (1, 5), "b 3": (1, 3), "matrix~ 4 2 1.": (4, 3), "makenote": (3, 2),
    "makenote 64 200 1": (4, 3),
    "pipe 0 0 200": (3, 2), "expr $f1*$f3": (3, 1), "sprintf a%ld%% %s": (2, 1), "r": (1, 1), "r a": (0, 1),
    "dac~": (2, 0), "adc~ 1 2 3": (1, 3), "record~ x 2": (4, 1), "play~ x 2": (1, 3), "groove~ x": (3, 2),
    "sfplay~ 2": (2, 3), "tapout~ 10 20": (2, 2), "bondo 1 1": (2, 2), "zl.reg": (2, 2), "coll": (1, 4),
}  # fmt: skip


@pytest.mark.parametrize("text", PORTS)
def test_ports_are_those_that_max_makes(text):
    ports = ports_of_text(text)
    assert (ports.inlets, ports.outlets) == tuple((n, n) for n in PORTS[text])


@pytest.mark.parametrize("text", ["odot.route a", "gate #1", "join i f", "matrix~", "pack #1 0"])
def test_what_is_not_known_is_not_judged(text):
    assert ports_of_text(text) is None
    assert faults_of([box("obj-1", text, 40, 40), box("obj-2", "t b")], [cord("obj-1", 39, "obj-2", 0)]) == []


def test_the_builders_table_says_the_same():
    texts = [*objects._FIXED, *objects.UI_CLASSES]
    texts += [text for text in PORTS if text.split()[0] in objects._VARIABLE and "@" not in text]
    for text in texts:
        builders = objects.UI_CLASSES.get(text) or objects.ports_of(text)
        ports = ports_of_text(text)
        assert not ports or ports.agrees(builders.n_inlets, len(builders.outlets)), text


def test_unknown_objects_are_named_with_how_often():
    (note,) = findings_of([box("obj-1", "odot.route"), box("obj-2", "odot.route a"), box("obj-3", "t b")])
    assert note.level is Level.NOTE and "odot.route (2)" in note.text and "not judged" in note.text


def test_a_fault_says_where_and_what_to_do():
    inner = {
        "boxes": [box("obj-7", "route a", 2, 2), box("obj-8", "print")],
        "lines": [cord("obj-7", 2, "obj-8", 0)],
    }
    (fault,) = findings_of([box("obj-3", "p inner", 0, 0, patcher=inner)])
    assert str(fault) == "fault: obj-3::obj-7.2 to obj-8.0: 'route a' has 2 outlets: Max drops the cord"


def test_cords_that_max_drops_are_found():
    boxes = [box("obj-1", "route a", 9, 9), box("obj-2", "odot.x", 1, 1)]
    assert faults_of(boxes, [cord("obj-1", 2, "obj-2", 0)]) == ["cord"]
    assert faults_of(boxes, [cord("obj-1", 1, "obj-2", 1)]) == ["cord"]
    assert faults_of(boxes, [cord("obj-1", 1, "obj-4", 0)]) == ["cord"]
    assert faults_of(boxes, [cord("obj-1", "x", "obj-2", 0)]) == ["cord"]
    assert faults_of([*boxes, box("obj-1", "t b")]) == ["id"]
    assert faults_of([{"box": {"id": "obj-1", "maxclass": "loadbang"}}]) == ["drawn box"]


@pytest.mark.parametrize(
    ("boxes", "cords"),
    [
        # An abstraction, a bpatcher or a subpatcher may take sound; its file decides.
        ([box("obj-1", "sig~", 1, 1, outlettype=["signal"]), box("obj-2", "my.voice", 2)], [("obj-2", 1)]),
        (
            [
                box("obj-1", "cycle~", 2, 1, outlettype=["signal"]),
                {"box": {"id": "obj-2", "maxclass": "bpatcher", "name": "x.maxpat", "numinlets": 3}},
            ],
            [("obj-2", 2)],
        ),
        # Max leaves cords to nothing behind, and reads over them.
        ([box("obj-1", "t b")], [("", 0)]),
        # Gen's objects are not Max's.
        (
            [
                box(
                    "obj-1", "gen~", 1, 1,
                    patcher={"classnamespace": "dsp.gen", "boxes": [box("a", "+ 1", 1, 1)],
                             "lines": [cord("a", 5, "a", 5)]},
                )
            ],
            [],
        ),
    ],
)  # fmt: skip
def test_what_max_accepts_is_no_fault(boxes, cords):
    assert faults_of(boxes, [cord("obj-1", 0, *end) for end in cords]) == []


def test_before_max_6_objects_had_fewer_inlets():
    boxes, lines = [box("obj-1", "sel 1 2", 5, 9), box("obj-2", "t b")], [cord("obj-1", 8, "obj-2", 0)]
    assert faults_of(boxes, lines, major=8) == ["cord"] and faults_of(boxes, lines, major=5) == []


def test_numbers_as_max_5_wrote_them_are_read():
    text = '\n{ "patcher" : { "rect" : [ 289., -4., 1.5 ], "title" : "1.] \t" } }\n\0rest of an older file'
    assert parse_patcher(text) == {"rect": [289.0, -4.0, 1.5], "title": "1.] \t"}


def parameter(kind, name):
    values = {"valueof": {"parameter_longname": name, "parameter_type": kind}}
    return {"maxclass": "live.dial", "parameter_enable": 1, "saved_attribute_attributes": values}


def test_parameters_as_live_cannot_keep_them():
    dials = [{"box": {"id": f"obj-{k}", **parameter(k % 2, "Cutoff")}} for k in range(2)]
    assert faults_of(dials) == ["parameter name"]
    assert faults_of([{"box": {"id": f"obj-{k}", **parameter(0, "#1 Menu")}} for k in range(2)]) == []
    assert faults_of([{"box": {"id": "obj-1", **parameter(9, "Cutoff")}}]) == ["parameter type"]
    assert faults_of([{"box": {"id": "obj-1", **parameter(4, "File")}}]) == []


def frozen(text, source, name="a.js", flag=0):
    whole = {"patcher": {"boxes": [box("obj-1", text)], "lines": []}}
    contents = Contents("audio", json.dumps(whole), {name: source}, True, {name: flag}, 7)
    return [(f.level.value, f.kind) for f in check_device(contents, SCRIPT_FOLDER)]


def test_scripts_that_max_cannot_run_are_found():
    assert frozen("js a.js", b"var x = 1;") == [] and frozen("js a", b"const x = 1;") == []
    assert frozen("js a.js", b"f = () => 1;") == [("fault", "syntax")]
    assert frozen("v8 a.js", b"f = () => 1;") == []
    assert frozen("js b.js", b"") == [("note", "script")]  # Max ships scripts too, and freezes none of them
    assert frozen("node.script a.js", b"") == [("fault", "node flag")]
    assert frozen("node.script a.js", b"", flag=8) == []


def test_a_script_that_asks_for_chains_where_there_may_be_none_is_found():
    """Live answers such a question with a red line in the console."""
    asks = b'api.get("chains");'
    whole = {"patcher": {"boxes": [box("obj-1", "js a.js")], "lines": []}}

    def advice(source):
        contents = Contents("audio", json.dumps(whole), {"a.js": source}, True, {"a.js": 0}, 7)
        return [str(f) for f in check_device(contents, SCRIPT_FOLDER, house=True) if "chains" in f.text]

    assert len(advice(asks)) == 1
    assert advice(b'if (Number(api.get("can_have_chains")[0])) ' + asks) == []


def test_a_ramp_shorter_than_a_frame_is_found():
    design = json.loads(flow_synth().text())
    first(design["patcher"], text="live.remote~")["saved_object_attributes"]["smoothing"] = 1.0
    contents = Contents("audio", json.dumps(design), {}, False, meta=1)
    found = [f.text for f in check_device(contents, SCRIPT_FOLDER, house=True) if f.kind == "keys"]
    assert len(found) == 1 and "ramps for 1.0 ms" in found[0]


KEYS = st.sampled_from(["box", "patcher", "boxes", "id", "text", "valueof"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.floats()
    | st.sampled_from(["", "obj-1", "js a.js", "t"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["box", "patcher", "boxes", "id", "text", "valueof"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(values, st.data())
def test_no_shape_of_a_patcher_crashes_the_check(spoiled, data):
    """Any value of a real patcher may be replaced by any other, our own rules included."""
    part = whole = json.loads(SMALL)
    while isinstance(part, dict | list) and part:
        keys = sorted(part) if isinstance(part, dict) else range(len(part))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(part[key], dict | list) or not part[key] or data.draw(st.booleans()):
            part[key] = spoiled
            break
        part = part[key]
    check_device(Contents("audio", json.dumps(whole), {}, False, meta=1), SCRIPT_FOLDER, house=True)


def _small():
    patcher = json.loads(flow_synth().text())["patcher"]
    kept = [e for e in patcher["boxes"] if e["box"]["maxclass"] in ("live.dial", "live.tab", "jsui")][:4]
    kept += [box("obj-901", "js a.js"), box("obj-902", "s ---x"), box("obj-903", "p", patcher={"boxes": []})]
    return json.dumps({"patcher": patcher | {"boxes": kept, "lines": patcher["lines"][:3]}})


SMALL = _small()


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_nesting_without_end_is_refused(depth, tmp_path):
    path = tmp_path / "deep.maxpat"
    path.write_text('{"patcher": ' + "[" * depth, encoding="utf-8")
    assert [f.level for f in check_file(path)] == [Level.FAULT]


def test_a_patcher_named_like_a_device_is_found(tmp_path):
    for name, n in (("a.maxpat", 0), ("a.amxd", 1)):
        (tmp_path / name).write_text('{"patcher": {}}', encoding="utf-8")
        assert len(check_file(tmp_path / name)) == n


def run(*arguments):
    command = [sys.executable, "-m", "max4live.check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=SCRIPT_FOLDER.parents[1])


def test_only_faults_decide_the_exit_status(tmp_path):
    """A device of somebody else may break our rules; ours may not."""
    good, bad = tmp_path / "good.amxd", tmp_path / "bad.amxd"
    good.write_bytes(write_plain("audio", json.dumps({"patcher": {"boxes": [box("obj-1", "odot.x")]}})))
    bad.write_bytes(b"ampf")
    assert run(good).returncode == 0 and "note: " in run(good).stdout
    assert run("--house", good).returncode == 1 and run(good, bad).returncode == 1
    assert run().returncode == 2


def test_a_survey_counts_each_content_once(tmp_path):
    whole = {"patcher": {"appversion": {"major": 8}, "boxes": [box("obj-1", "t b"), box("obj-2", "t b", 7)]}}
    for name in ("a.amxd", "b.amxd"):
        (tmp_path / name).write_bytes(write_plain("generator", json.dumps(whole)))
    (tmp_path / "c.maxpat").write_text("no", encoding="utf-8")
    counts = survey(tmp_path)
    assert counts.files == {"plain": 1, "unreadable": 1} and counts.kinds == {"generator": 1}
    assert counts.boxes == {"agree": 1, "differ": 1} and counts.disagreeing == {"t": 1} and counts.clean == 1
    assert any("50.0000% of 2" in line for line in counts.lines())


def test_drawn_objects_have_known_ports():
    assert all(ports_of_text(name) for name in DRAWN)
