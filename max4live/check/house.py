"""Our own rules, for our own devices: what Max accepts, and a player, a reviewer or Live 11 would not."""

from collections.abc import Callable, Mapping
from typing import Any

from max4live.builder.container import KINDS, Contents
from max4live.builder.errors import DesignError
from max4live.builder.objects import UI_CLASSES, Ports, ports_of
from max4live.builder.rect import HEIGHT_PX
from max4live.check.findings import Finding, advice
from max4live.check.graph import ports_of_box
from max4live.check.keys import check_keys
from max4live.check.names import check_names
from max4live.check.parameters import check_parameters
from max4live.check.scripts import check_own_scripts
from max4live.check.strip import check_strip
from max4live.check.tree import (
    Json,
    boxes_of,
    cords_in,
    dictionary,
    entries,
    label_of,
    levels_of,
    name_of,
)  # fmt: skip

__all__ = ["check_house"]

_OLDEST_MAX = (8, 5)
_METAS = {"plain": 1, "frozen": 7}
_NEEDS = {
    "audio": ("plugin~", "plugout~"),
    "midi": ("midiin", "midiout"),
    "instrument": ("plugout~",),
    "transformation": ("live.miditool.in", "live.miditool.out"),
    "generator": ("live.miditool.in", "live.miditool.out"),
}
# Their ports depend on a script, which check_own_scripts compares, or on the patcher inside.
_PORTS_OF_THEIR_OWN = {"js", "jsui", "p"}
_PASS_SOUND = {"p", "patcher", "outlet"}


def check_house(patcher: Json, contents: Contents, files: Mapping[str, bytes]) -> list[Finding]:
    """Return advice on a device of ours.

    Args:
        patcher: The device's patcher.
        contents: The parts of its file.
        files: Content of its scripts, by name.
    """
    checks: dict[str, Callable[[], list[str]]] = {
        "header": lambda: _check_header(patcher, contents),
        "objects": lambda: _check_objects(patcher),
        "strip": lambda: check_strip(patcher),
        "parameters": lambda: check_parameters(patcher),
        "names": lambda: check_names(patcher),
        "keys": lambda: check_keys(patcher, contents.kind),
        "scripts": lambda: check_own_scripts(patcher, files),
    }
    findings = []
    for kind, check in checks.items():
        try:
            findings += advice(kind, check())
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            text = (
                f"a value is of another kind than Max writes, so its {kind} could not be checked: {error!r}"
            )
            findings += advice(kind, [text])
    return findings


def _check_header(patcher: Json, contents: Contents) -> list[str]:
    faults = []
    kind, version = contents.kind, dictionary(patcher, "appversion")
    if (version.get("major"), version.get("minor")) != _OLDEST_MAX:
        faults.append(f"it declares Max {version}, but Live 11 has {_OLDEST_MAX}")
    if not kind:
        return [*faults, "it is a patcher, and no device"]
    if contents.meta != _METAS[contents.form]:
        faults.append(f"meta is {contents.meta}, but Max 8.5 writes {_METAS[contents.form]}")
    if dictionary(patcher, "project").get("amxdtype") != int.from_bytes(KINDS[kind], "big"):
        faults.append("the project names another kind of device than the container, or none")
    if patcher.get("openinpresentation") != 1:
        faults.append("it opens in the patching view")
    rect: Any = patcher.get("openrect") or [0, 0, 0, 0]
    if rect[3] != HEIGHT_PX or rect[2] != patcher.get("devicewidth"):
        faults.append(f"openrect {rect} is not the width of the device by {HEIGHT_PX}")
    if patcher.get("dependency_cache"):
        faults.append("the dependency cache names folders of the machine that it was built on")
    names = {name_of(box) for _, box in boxes_of(patcher)}
    for needed in _NEEDS[kind]:
        if needed not in names:
            faults.append(f"a device of kind {kind} passes nothing through without {needed}")
    return faults


def _check_objects(patcher: Json) -> list[str]:
    faults = []
    for path, box in boxes_of(patcher):
        try:
            ports = _ports(box)
        except DesignError as error:
            faults.append(f"{path}: {error}")
            continue
        declared = (box.get("numinlets"), box.get("numoutlets"))
        made = (ports.n_inlets, len(ports.outlets))
        types = box.get("outlettype", [])
        if declared != made:
            faults.append(
                f"{path}: '{label_of(box)}' declares {declared} inlets and outlets, Max makes {made}"
            )
        elif len(types) != len(ports.outlets):
            faults.append(f"{path}: '{label_of(box)}' has {len(types)} outlet types for {made[1]} outlets")
    for path, level in levels_of(patcher):
        cords, _ = cords_in(level)
        faults += [f"{path}{cord}: the cord exists twice" for cord in set(cords) if cords.count(cord) > 1]
        boxes = {str(box.get("id")): box for box in entries(level, "boxes", "box")}
        faults += [
            f"{path}{cord}: sound runs into '{label_of(boxes[cord.destination])}', which takes messages"
            for cord in cords
            if _is_sound(boxes.get(cord.source, {}), cord.outlet)
            and _takes_messages_only(boxes.get(cord.destination, {}))
        ]
    return faults


def _is_sound(box: Json, outlet: int) -> bool:
    types = box.get("outlettype", [])
    return 0 <= outlet < len(types) and types[outlet] == "signal"


def _takes_messages_only(box: Json) -> bool:
    name = name_of(box)
    return not name.endswith("~") and name not in _PASS_SOUND and ports_of_box(box) is not None


def _ports(box: Json) -> Ports:
    maxclass, name = box.get("maxclass"), name_of(box)
    if name in _PORTS_OF_THEIR_OWN:
        if name == "p":
            inside = [b.get("box", {}).get("maxclass") for b in dictionary(box, "patcher").get("boxes", [])]
            return Ports(inside.count("inlet"), ("",) * inside.count("outlet"))
        return Ports(box.get("numinlets", 1), ("",) * box.get("numoutlets", 1))
    if maxclass != "newobj":
        if maxclass not in UI_CLASSES:
            raise DesignError(f"'{maxclass}' is not a known drawn object")
        return UI_CLASSES[str(maxclass)]
    return ports_of(str(box.get("text") or ""))
