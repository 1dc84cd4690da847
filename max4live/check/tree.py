"""Iterate over the boxes and cords of a patcher's JSON, whoever wrote it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from max4live.builder.objects import UI_CLASSES, words
from max4live.check.patcher_json import Json

__all__ = [
    "Cord", "Json", "arguments_of", "boxes_of", "cords_in", "dictionary", "entries", "label_of", "levels_of",
    "name_of", "script_of",
]  # fmt: skip

# What is inside these is another language: its objects are not Max's.
_OTHER_LANGUAGES = re.compile(r"(?:mcs?\.)?(?:gen~?|jit\.gen|jit\.pix|jit\.gl\.pix|rnbo~)(?:\s|$)")


@dataclass(frozen=True)
class Cord:
    """A cord between two boxes of one level."""

    source: str
    outlet: int
    destination: str
    inlet: int

    def __str__(self) -> str:
        return f"{self.source}.{self.outlet} to {self.destination}.{self.inlet}"


def entries(level: Json, key: str, inner: str) -> list[dict[str, Any]]:
    """Return the dictionaries in a list such as `boxes`, each out of its wrapper; others are left out."""
    found = level.get(key)
    wrapped = (
        [entry.get(inner) for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    )
    return [entry for entry in wrapped if isinstance(entry, dict)]


def dictionary(parent: Json, *keys: str) -> dict[str, Any]:
    """Return the dictionary behind keys, empty if there is none."""
    value: Any = parent
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def levels_of(patcher: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Iterate over a patcher and those inside it, each with its path, such as `obj-9::`.

    Patchers of Gen and RNBO are left out.
    """
    if patcher.get("classnamespace", "box") != "box":
        return
    yield path, patcher
    for box in entries(patcher, "boxes", "box"):
        text = str(box.get("text") if box.get("maxclass") == "newobj" else box.get("maxclass"))
        if isinstance(box.get("patcher"), dict) and not _OTHER_LANGUAGES.match(text):
            yield from levels_of(box["patcher"], f"{path}{box.get('id')}::")


def boxes_of(patcher: Json) -> Iterator[tuple[str, dict[str, Any]]]:
    """Iterate over the boxes of every level, each with its path."""
    for path, level in levels_of(patcher):
        for box in entries(level, "boxes", "box"):
            yield f"{path}{box.get('id')}", box


def cords_in(level: Json) -> tuple[list[Cord], int]:
    """Return the cords of a level, and how many entries are no cords."""
    cords, n_wrong = [], 0
    for line in entries(level, "lines", "patchline"):
        match line.get("source"), line.get("destination"):
            case [str(source), int(outlet), *_], [str(destination), int(inlet), *_]:
                cords.append(Cord(source, outlet, destination, inlet))
            case _:
                n_wrong += 1
    return cords, n_wrong


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
