"""Nothing that belongs to one machine, nothing that two devices would share, nothing in the console."""

import re
from collections.abc import Iterator
from typing import Any

from max4live.check.tree import Json, arguments_of, boxes_of, label_of, name_of

__all__ = ["ABSOLUTE_PATH", "check_names"]

ABSOLUTE_PATH = re.compile(
    r"""(?:^|[\s"'=(])(?:/(?:Users|home|root|work|tmp|private|Volumes|Applications|opt|var)/"""
    r"""|~/|Macintosh HD:|[A-Za-z]:[\\/](?![\\/]))"""
)
_SHARED = {
    "s",
    "send",
    "r",
    "receive",
    "send~",
    "receive~",
    "buffer~",
    "record~",
    "coll",
    "dict",
    "value",
    "v",
    "table",
}
_NEVER = {"print", "dac~", "adc~", "ezdac~", "ezadc~"}


def check_names(patcher: Json) -> list[str]:
    """Return the faults of names that reach beyond the device."""
    faults = []
    for path, box in boxes_of(patcher):
        name, arguments = name_of(box), arguments_of(box)
        if name in _NEVER:
            faults.append(f"{path}: [{name}] does not belong in a device")
        if name in _SHARED and arguments and not arguments[0].startswith("---"):
            faults.append(
                f"{path}: '{label_of(box)}' is shared by all devices in Live; start its name with ---"
            )
        if "#0" in str(box.get("text") or ""):
            faults.append(f"{path}: #0 means nothing in a device")
    faults += [
        f"'{text[:60]}' is a path of one machine" for text in _strings(patcher) if ABSOLUTE_PATH.search(text)
    ]
    return faults


def _strings(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, str):
            yield part
