"""Boxes that Max knows, and cords between inlets and outlets that exist."""

from collections.abc import Mapping
from typing import Any

from max4live.builder.errors import DesignError
from max4live.builder.objects import UI_CLASSES, Ports, ports_of
from max4live.check.tree import Json, boxes_of, label_of, levels_of, name_of

__all__ = ["check_graph"]

# Their ports depend on a script, which check_scripts compares, or on the patcher inside.
_PORTS_OF_THEIR_OWN = {"js", "jsui", "p"}


def check_graph(patcher: Json) -> list[str]:
    """Return the faults of boxes and cords at every level."""
    faults = [fault for path, box in boxes_of(patcher) for fault in _check_box(path, box)]
    for path, level in levels_of(patcher):
        faults += _check_level(path, level)
    return faults


def _check_box(path: str, box: Json) -> list[str]:
    try:
        ports = _ports(box)
    except DesignError as error:
        return [f"{path}: {error}"]
    declared = (box.get("numinlets"), box.get("numoutlets"))
    if declared != (ports.n_inlets, len(ports.outlets)):
        return [
            f"{path}: '{label_of(box)}' declares {declared} inlets and outlets, Max makes "
            f"({ports.n_inlets}, {len(ports.outlets)})"
        ]
    types = box.get("outlettype", [])
    if len(types) != len(ports.outlets):
        return [f"{path}: '{label_of(box)}' has {len(types)} outlet types for {len(ports.outlets)} outlets"]
    return []


def _ports(box: Json) -> Ports:
    maxclass, name = box.get("maxclass"), name_of(box)
    if name in _PORTS_OF_THEIR_OWN:
        if name == "p":
            inside = [b.get("box", {}).get("maxclass") for b in (box.get("patcher") or {}).get("boxes", [])]
            return Ports(inside.count("inlet"), ("",) * inside.count("outlet"))
        return Ports(box.get("numinlets", 1), ("",) * box.get("numoutlets", 1))
    if maxclass != "newobj":
        if maxclass not in UI_CLASSES:
            raise DesignError(f"'{maxclass}' is not a known drawn object")
        return UI_CLASSES[str(maxclass)]
    return ports_of(str(box.get("text") or ""))


def _check_level(path: str, level: Json) -> list[str]:
    faults: list[str] = []
    boxes: dict[str, Mapping[str, Any]] = {}
    for entry in level.get("boxes", []):
        box = entry.get("box", {})
        if box.get("id") in boxes or not box.get("id"):
            faults.append(f"{path}{box.get('id')}: two boxes have this id, or one has none")
        boxes[str(box.get("id"))] = box
    seen = set()
    for entry in level.get("lines", []):
        cord = entry.get("patchline", {})
        (source, outlet), (destination, inlet) = cord["source"][:2], cord["destination"][:2]
        where = f"{path}{source}.{outlet} to {destination}.{inlet}"
        if source not in boxes or destination not in boxes:
            faults.append(f"{where}: a cord to a box that does not exist")
            continue
        if (source, outlet, destination, inlet) in seen:
            faults.append(f"{where}: the cord exists twice")
        seen.add((source, outlet, destination, inlet))
        for box, index, key in (
            (boxes[source], outlet, "numoutlets"),
            (boxes[destination], inlet, "numinlets"),
        ):
            if not 0 <= index < box.get(key, 0):
                faults.append(f"{where}: '{label_of(box)}' has {box.get(key)} {key[3:]}")
        types = boxes[source].get("outlettype", [])
        if 0 <= outlet < len(types) and types[outlet] == "signal":
            name = name_of(boxes[destination])
            if not name.endswith("~") and name not in ("p", "outlet"):
                faults.append(
                    f"{where}: sound runs into '{label_of(boxes[destination])}', which takes messages"
                )
    return faults
