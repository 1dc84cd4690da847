"""The devices that players get: their bytes, their checks, their addresses."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from max4live.build import DEVICE_FOLDER, SCRIPT_FOLDER, main, write_frozen, write_plain
from max4live.builder.container import read
from max4live.builder.objects import _FIXED, _VARIABLE, UI_CLASSES
from max4live.builder.parameter import Visibility
from max4live.builder.scripts import shortened, with_required
from max4live.check.device import check_device, check_file
from max4live.check.tree import arguments_of, boxes_of, name_of
from max4live.designs.catalog import DEBUG, DEVICES
from server.osc.addresses import TO_CLIENTS, TO_SERVER
from tests.max4live.graph.device import KNOWN, RECORDERS

ALL = [make() for make in (*DEVICES, *DEBUG)]
IDS = [device.name for device in ALL]
SHARED_CHECKER = Path(__file__).resolve().parents[3] / "shared" / "tools" / "max" / "check_amxd.py"
LOCAL = {"/flow/loop"}  # from a device to itself: is this port mine?


@pytest.fixture(params=ALL, ids=IDS)
def device(request):
    return request.param


def patcher_of(device):
    return json.loads(device.text())["patcher"]


def test_five_devices_are_shipped():
    assert sorted(path.stem for path in DEVICE_FOLDER.glob("*.amxd")) == sorted(
        make().name for make in DEVICES
    )


@pytest.mark.parametrize("make", DEVICES, ids=lambda make: make.__name__)
def test_shipped_bytes_are_those_of_the_sources(make, tmp_path):
    fresh = write_frozen(make(), tmp_path)
    shipped = DEVICE_FOLDER / fresh.name
    assert fresh.read_bytes() == shipped.read_bytes(), "run python -m max4live.build, and commit the devices"


def test_two_builds_are_the_same(device, tmp_path):
    assert (
        write_frozen(device, tmp_path / "a").read_bytes() == write_frozen(device, tmp_path / "b").read_bytes()
    )


@pytest.mark.parametrize("make", DEVICES, ids=lambda make: make.__name__)
def test_a_new_row_on_the_server_changes_no_byte(make, built, new_row):
    """The scripts' tables do not change either: see test_scripts.py."""
    device = make()
    assert device.frozen(SCRIPT_FOLDER) == built[device.name].read_bytes()


def test_frozen_and_plain_hold_the_same(device, tmp_path):
    frozen = read(write_frozen(device, tmp_path).read_bytes())
    path = write_plain(device, tmp_path / "plain")
    plain = read(path.read_bytes())
    assert plain.patcher == frozen.patcher == device.text()
    beside = {p.name: p.read_bytes() for p in path.parent.iterdir() if p != path}
    assert beside == with_required(SCRIPT_FOLDER, device.files())
    slim = {name: shortened(b) if name.endswith(".js") else b for name, b in beside.items()}
    assert slim == dict(frozen.files)


def test_our_checks_pass(device, tmp_path):
    assert check_file(write_frozen(device, tmp_path), house=True) == []
    assert check_file(write_plain(device, tmp_path), house=True) == []


def test_an_independent_checker_passes(tmp_path):
    if not SHARED_CHECKER.is_file():
        pytest.skip("../shared/tools/max/check_amxd.py is not beside this checkout")
    paths = [str(write_frozen(device, tmp_path)) for device in ALL]
    command = [sys.executable, str(SHARED_CHECKER), "--release", "--strict", "--max", "8", *paths]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_command_names_what_it_writes(tmp_path, capsys):
    assert main(["--debug", str(tmp_path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert check_file(Path(line), house=True) == []


def test_addresses_are_those_of_the_table():
    """What the devices' wires and scripts say and hear is exactly the server's table."""
    said, heard = set(), set()
    for device in ALL:
        for _, box in boxes_of(patcher_of(device)):
            found = set(re.findall(r"/flow/[\w/]+", str(box.get("text", ""))))
            if name_of(box) == "route":
                heard |= found
            else:
                said |= found
    scripts = {path.name: path.read_text(encoding="utf-8") for path in SCRIPT_FOLDER.rglob("fsl_*.js")}
    table = scripts.pop("fsl_addresses.js")
    in_scripts = {address for source in scripts.values() for address in re.findall(r"/flow/[\w/]+", source)}
    assert said <= TO_SERVER.keys() | LOCAL
    assert heard <= TO_CLIENTS.keys() | LOCAL
    assert in_scripts <= LOCAL, "scripts take addresses from fsl_addresses.js"
    assert set(re.findall(r"/flow/[\w/]+", table)) - LOCAL <= TO_SERVER.keys() | TO_CLIENTS.keys()
    shown = (
        "welcome pong status error name macroname params macros latent place frozen preset model curve "
        "pitch sketch/state sketch/candidate"
    )
    assert heard >= {f"/flow/{word}" for word in shown.split()}, "a device no longer hears what it shows"


def test_everything_in_the_object_table_is_used():
    used = {name_of(box) for device in ALL for _, box in boxes_of(patcher_of(device))}
    assert used - {"js", "p"} == _FIXED.keys() | _VARIABLE.keys() | UI_CLASSES.keys() - {"newobj"}


def test_the_interpreter_knows_every_object_of_the_players_devices():
    used = {name_of(box) for make in DEVICES for _, box in boxes_of(patcher_of(make()))}
    assert used <= KNOWN.keys() | RECORDERS | {"js", "jsui", "p", "inlet", "outlet"}


def test_no_order_is_left_to_the_places_of_boxes(device):
    """One outlet sends right to left: a hot inlet must not wait for a cold one on the same outlet."""
    for path, level in _levels(patcher_of(device)):
        boxes = {entry["box"]["id"]: entry["box"] for entry in level["boxes"]}
        cords = {}
        for entry in level["lines"]:
            source, destination = entry["patchline"]["source"], entry["patchline"]["destination"]
            cords.setdefault(tuple(source), []).append(destination)
        for source, ends in cords.items():
            for box in {end[0] for end in ends}:
                inlets = [end[1] for end in ends if end[0] == box]
                assert len(inlets) == 1, (
                    f"{path}{source} runs into inlets {inlets} of '{boxes[box].get('text')}'"
                )


def _levels(patcher, path=""):
    yield path, patcher
    for entry in patcher["boxes"]:
        if "patcher" in entry["box"]:
            yield from _levels(entry["box"]["patcher"], f"{path}{entry['box']['id']}::")


def test_values_reach_the_synth_without_a_script(device):
    """Back from the values of the live.remote~ there is no script but the one that stores the sound."""
    if not device.name.startswith("Flow Synth"):
        return
    outer = patcher_of(device)
    (remotes,) = [b for _, b in boxes_of(outer) if b.get("text") == "p remotes"]
    (check,) = [b for _, b in boxes_of(outer) if b.get("text") == "p frame"]
    assert {name_of(b) for _, b in boxes_of(remotes["patcher"])}.isdisjoint({"js", "deferlow", "qlim"})
    texts = {b["id"]: b.get("text", "") for b in (e["box"] for e in outer["boxes"])}
    into = [
        texts[e["patchline"]["source"][0]]
        for e in outer["lines"]
        if e["patchline"]["destination"] == [remotes["id"], 0]
    ]
    assert into == ["t l l"]
    into = [
        texts[e["patchline"]["source"][0]].split()[0]
        for e in outer["lines"]
        if e["patchline"]["destination"] == [check["id"], 0]
    ]
    assert into == ["gate"]  # closed while the device decodes by itself
    gate = next(
        e["patchline"]["source"][0]
        for e in outer["lines"]
        if e["patchline"]["destination"] == [check["id"], 0]
    )
    into = [
        texts[e["patchline"]["source"][0]].split()[0]
        for e in outer["lines"]
        if e["patchline"]["destination"] == [gate, 1]
    ]
    assert into == ["route"]


def test_a_device_is_under_a_megabyte(device, tmp_path):
    assert write_frozen(device, tmp_path).stat().st_size < 1_000_000


def test_stored_blob_is_not_shown_to_the_player(device):
    for _, box in boxes_of(patcher_of(device)):
        if name_of(box) == "pattr":
            values = box["saved_attribute_attributes"]["valueof"]
            assert (values["parameter_type"], values["parameter_invisible"]) == (3, 1)


def test_midi_devices_pass_mpe(device):
    assert patcher_of(device)["is_mpe"] == (device.kind != "audio")


def test_only_nodes_script_is_written_to_disk(device, tmp_path):
    flags = read(write_frozen(device, tmp_path).read_bytes()).flags
    assert {name for name, flag in flags.items() if flag} == {"fsl_server.js"} & flags.keys()


STAGE = {  # what a pad or a foot switch should reach; Live's automation as well, unless it is only mapped
    "Flow Synth": [
        *(f"Freeze {k}" for k in range(1, 9)),
        "Path Play",
        "Vary",
        "Next Preset",
        "Previous Preset",
        "Next of Mine",
        "Previous of Mine",
    ],
    "Flow Sketch": ["Sketch", "Follow Voice", "Compare"],
}
ONLY_MAPPED = {"Vary", "Next Preset", "Previous Preset", "Next of Mine", "Previous of Mine", "Compare"}


@pytest.mark.parametrize("name", STAGE)
def test_what_one_plays_on_stage_can_be_mapped(name):
    (device,) = [device for device in ALL if device.name == name]
    visible = {parameter.name: parameter.visibility for parameter in device.parameters().values()}
    for each in STAGE[name]:
        assert visible[each] is (Visibility.STORED if each in ONLY_MAPPED else Visibility.AUTOMATED), each
    for each in {"Commit", "Release", "Teach Live", "Server"} & visible.keys():
        assert visible[each] is Visibility.HIDDEN, each


LONG_NAMES = {  # of the devices that were shipped on 2026-11-28: a Set's automation knows them by these
    "Flow Synth": "Commit,Release,Explore,Rescan,Page,Server Port,Map Across,Map Up,Curves Of,Curves Show,"
    "Curves Count,Load Preset,Save Preset,Export Preset,Vary,Vary Amount,Add Point,Clear Path,Path Play,"
    "Path Loop,Path Space,Path Beats,Path Position,Path Shown,Flow State",
    "Flow Sketch": "Compare,Follow Voice,Sketch,Sketch From,Server Port",
    "Flow CC": "Channel,Resolution,Send,Server Port,Teach Live,Teach Progress",
    "Flow Server": "Server",
}


@pytest.mark.parametrize("name", LONG_NAMES)
def test_long_names_stay(name):
    (device,) = [device for device in ALL if device.name == name]
    names = {parameter.name for parameter in device.parameters().values()}
    numbered = {f"{word} {k}" for word in ("Macro", "Freeze") for k in range(1, 9)}
    assert names >= set(LONG_NAMES[name].split(",")) | (numbered if name == "Flow Synth" else set())


def test_node_is_started_by_nobody_but_the_button():
    (device,) = [device for device in ALL if device.name == "Flow Server"]
    nodes = [box for _, box in boxes_of(patcher_of(device)) if name_of(box) == "node.script"]
    assert (
        len(nodes) == 1 and "@autostart 0" in nodes[0]["text"] and arguments_of(nodes[0]) == ["fsl_server.js"]
    )
    names = {name_of(box) for _, box in boxes_of(patcher_of(device))}
    assert names.isdisjoint({"loadbang", "live.thisdevice", "udpreceive", "pattr", "loadmess"})
    (switch,) = [box for _, box in boxes_of(patcher_of(device)) if name_of(box) == "live.text"]
    assert switch["saved_attribute_attributes"]["valueof"]["parameter_invisible"] == 2


def test_checks_need_no_design(tmp_path):
    """The checker reads files only, so that a clone without sources could be checked."""
    assert importlib.util.find_spec("max4live.check.device")
    contents = read((DEVICE_FOLDER / "Flow CC.amxd").read_bytes())
    assert check_device(contents, tmp_path, house=True) == []
