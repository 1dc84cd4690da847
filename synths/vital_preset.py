"""Vital's own preset files: write one of ours, read anybody's and say what a space cannot hold of it.

`python -m synths.vital_preset FILE --space vital-32` prints what was read and what was left behind.
"""

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import PatchError
from core.space import ParameterSpace
from synths.base_patch import BASE_PATCH

__all__ = ["write_preset"]

_AUTHOR = "Flow Synth Live"
_STYLES = (
    "Bass",
    "Lead",
    "Keys",
    "Pad",
    "Percussion",
    "Sequence",
    "Experiment",
    "SFX",
    "Template",
)  # what the plug-in's browser sorts by


def write_preset(path: Path, space: ParameterSpace, vector: np.ndarray, name: str, style: str = "") -> None:
    """Write a patch as a preset that the plug-in opens, whole or not at all.

    The file is the base patch with the space's controls moved, so its modules stay switched on and its
    modulations wired: what the plug-in loads can be played on by automation.

    Args:
        path: File, by custom `.vital`; its folder exists.
        space: Space of the patch.
        vector: Normalized values `(P,)`.
        name: Shown in the plug-in.
        style: One of the plug-in's own styles, or nothing.

    Raises:
        PatchError: The vector does not fit the space, the style is none, or the file cannot be written.
    """
    if style and style not in _STYLES:
        raise PatchError(f"'{style}' is no style of Vital's; pick one of {', '.join(_STYLES)}.")
    patch = space.decode(vector)
    base = _base_file()
    raw = {parameter.name: parameter.raw(patch[parameter.name]) for parameter in space}
    content = {
        **base,
        "author": _AUTHOR,
        "comments": f"A patch of the space {space.name}.",
        "preset_name": name,
        "preset_style": style,
        "settings": {**base["settings"], **raw},
    }
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise PatchError(f"{path} cannot be written: {error.strerror}; choose another folder.") from error


@lru_cache(maxsize=1)
def _base_file() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(BASE_PATCH.read_text(encoding="utf-8"))
    return content
