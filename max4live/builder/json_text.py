"""JSON with one box or cord per line, so that a change to a device reads as a diff; compact within a line."""

import json
from typing import Any

__all__ = ["write_json"]


def write_json(value: Any) -> str:
    """Return the text of a patcher, without indents: they would be 9 kB of Flow Instrument.

    >>> print(write_json({"patcher": {"fileversion": 1, "boxes": [{"box": {"id": "obj-1"}}]}}))
    {
    "patcher": {
    "fileversion": 1,
    "boxes": [
    {"box":{"id":"obj-1"}}
    ]
    }
    }
    """
    if isinstance(value, dict) and (
        "boxes" in value or "patcher" in value or "box" in value and _deep(value)
    ):
        lines = [f"{json.dumps(k)}: {write_json(v)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + "\n}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(map(write_json, value)) + "\n]"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _deep(entry: dict[str, Any]) -> bool:
    return "patcher" in entry["box"]
