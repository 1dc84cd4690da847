"""Run a script that paints its picture, under Node."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import BridgeError
from max4live.picture.scene import Message

__all__ = ["paint"]

_HARNESS = Path(__file__).resolve().parents[2] / "tests" / "max4live" / "scripts" / "harness.mjs"


def paint(file: str, size: tuple[int, int], told: Sequence[Message], mouse: Sequence[Message]) -> str:
    """Return the SVG that a jsui paints.

    Args:
        file: Name of the script.
        size: Width and height in pixels.
        told: Messages that it receives first.
        mouse: Mouse events that follow, such as `("idle", 40, 60)`.

    Raises:
        BridgeError: Node is missing, or the script failed.
    """
    node = shutil.which("node")
    if node is None:
        raise BridgeError("Node is needed to paint the maps: install it from nodejs.org.")
    questions: list[dict[str, Any]] = [{"size": list(size)}]
    questions += [{"in": 0, "message": ["flow", *message]} for message in told]
    # More than the interval between two paintings, so that what is pending is drawn.
    questions += [
        {"advance_ms": 200},
        *({"mouse": list(event)} for event in mouse),
        {"advance_ms": 200},
        {"paint": "svg"},
    ]
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        [node, str(_HARNESS), file], input=lines, capture_output=True, text=True, encoding="utf-8"
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    for answer in answers:
        if "fault" in answer:
            raise BridgeError(f"{file} cannot be painted: {answer['fault'].splitlines()[0]}")
    if not answers or "svg" not in answers[-1]:
        raise BridgeError(f"{file} cannot be painted: {done.stderr.strip()[:200]}")
    return str(answers[-1]["svg"])
