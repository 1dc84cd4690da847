"""Iterate over the boxes of a patcher's JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from max4live.builder.objects import UI_CLASSES, words

__all__ = ["arguments_of", "boxes_of", "label_of", "levels_of", "name_of", "script_of"]

Json = Mapping[str, Any]


def levels_of(patcher: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Iterate over a patcher and those inside it, each with its path, such as `obj-9::`."""
    yield path, patcher
    for entry in patcher.get("boxes", []):
        box = entry.get("box", {})
        if isinstance(box.get("patcher"), dict):
            yield from levels_of(box["patcher"], f"{path}{box.get('id')}::")


def boxes_of(patcher: Json) -> Iterator[tuple[str, Json]]:
    """Iterate over the boxes of every level, each with its path."""
    for path, level in levels_of(patcher):
        for entry in level.get("boxes", []):
            box = entry.get("box", {})
            yield f"{path}{box.get('id')}", box


def name_of(box: Json) -> str:
    """Return the name of the object in a box."""
    text = str(box.get("text") or "")
    if box.get("maxclass") == "newobj":
        return words(text)[0] if text.strip() else ""
    return str(box.get("maxclass"))


def arguments_of(box: Json) -> list[str]:
    """Return the arguments of the object in a box."""
    text = str(box.get("text") or "")
    return words(text)[1] if box.get("maxclass") == "newobj" and text.strip() else []


def label_of(box: Json) -> str:
    """Return what error messages call a box."""
    text = box.get("text") if name_of(box) not in UI_CLASSES else None
    return str(text or box.get("varname") or box.get("maxclass"))[:60]


def script_of(box: Json) -> str:
    """Return the file of the script that a box runs, empty if it runs none."""
    name, arguments = name_of(box), arguments_of(box)
    if name not in ("js", "jsui", "node.script"):
        return ""
    return str(box.get("filename") or (arguments[0] if arguments else ""))
