"""Vital's preset files: writes our patches, reads anybody's presets, lists what a space cannot hold.

`python -m synths.vital_preset FILE --space vital-32` prints what was read and what was lost.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic_file import write_atomically
from core.errors import BridgeError, ConfigError, PatchError
from core.plain_file import read_json
from core.playing.gestures import Gestures
from core.space import ParameterSpace
from synths.base_patch import BASE_PATCH, gesture_settings
from synths.space_files import load_space, space_names
from synths.vital_file import MAX_BYTES, MAX_MODULATIONS
from synths.vital_import import interpret

__all__ = ["ImportedPreset", "read_checked", "read_preset", "write_preset"]

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
)  # by which the plug-in's browser sorts


@dataclass(frozen=True, kw_only=True)
class ImportedPreset:
    """A preset as one of our spaces holds it.

    Attributes:
        name, author, style: As in the file, or empty.
        vector: Normalized values `(P,)`, float32.
        unexpressed: Each audible thing that is lost, in plain words.
    """

    name: str
    vector: np.ndarray
    author: str
    style: str
    unexpressed: tuple[str, ...]


def write_preset(
    path: Path,
    space: ParameterSpace,
    vector: np.ndarray,
    name: str,
    style: str = "",
    gestures: Gestures | None = None,
) -> None:
    """Write a patch as a preset that the plug-in opens, whole or not at all.

    The file is the space's base patch with its controls moved, so its modules stay switched on and its
    modulations wired, and automation can go on from it. Of somebody's own preset it keeps all else.

    Args:
        path: File, normally `.vital`; its folder exists.
        space: Space of the patch.
        vector: Normalized values `(P,)`.
        name: Shown by the plug-in.
        style: One of the plug-in's own styles, or empty.
        gestures: Drawn into LFOs that no space moves; none over somebody's own preset.

    Raises:
        PatchError: The vector does not fit the space, the space is another synth's, there is no such
            style, or the file cannot be written.
    """
    _check_synth(space)
    if style and style not in _STYLES:
        raise PatchError(f"'{style}' is not a style of Vital's; pick one of {', '.join(_STYLES)}.")
    patch = space.decode(vector)
    raw = {parameter.name: parameter.raw(patch[parameter.name]) for parameter in space}
    if space.base is None:
        base = _base_file(BASE_PATCH)
        words = {"author": _AUTHOR, "comments": f"A patch of the space {space.name}.", "preset_style": style}
    else:  # somebody's own: their words stay
        base, words = _base_file(space.base), {"preset_style": style} if style else {}
    content = {
        **base,
        **words,
        "preset_name": name,
        "settings": {**gesture_settings(base["settings"], gestures), **raw},
    }
    try:
        write_atomically(path, json.dumps(content, allow_nan=False) + "\n")
    except OSError as error:
        raise PatchError(f"{path} cannot be written: {error.strerror}; choose another folder.") from error


@lru_cache(maxsize=2)
def _base_file(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = read_json(path, MAX_BYTES)
    return content


def read_preset(path: Path, space: ParameterSpace) -> ImportedPreset:
    """Read anybody's preset, and list what the space cannot hold of it.

    Args:
        path: A `.vital` file of any version.
        space: Space to read it into.

    Raises:
        PatchError: The file is missing, too large, damaged or not a preset, or the space is another synth's.
    """
    _check_synth(space)
    content = read_checked(path)
    read = interpret(content, space)
    if read is None:
        raise PatchError(f"Vital's engine refuses {path.name}; open it in Vital and save it again.")
    vector, unexpressed = read
    words = {key: content.get(key, "") for key in ("preset_name", "author", "preset_style")}
    name, author, style = (word if isinstance(word, str) else "" for word in words.values())
    return ImportedPreset(
        name=name or path.stem, vector=vector, author=author, style=style, unexpressed=unexpressed
    )


def _check_synth(space: ParameterSpace) -> None:
    if space.synth != "vital":
        raise PatchError(f"{space.name} is a space of {space.synth}; a .vital file needs one of Vital.")


def read_checked(path: Path) -> dict[str, Any]:
    """Read anybody's preset, and check that no number in it can crash the engine.

    Raises:
        PatchError: The file is missing, too large, damaged or not a preset.
    """
    try:
        content: dict[str, Any] = read_json(path, MAX_BYTES)
    except OSError as error:
        raise PatchError(f"{path} cannot be read: {error.strerror}; check the path.") from error
    except ConfigError as error:
        raise PatchError(f"{error} So it is not a Vital preset; pick a .vital file.") from error
    settings = content.get("settings") if isinstance(content, dict) else None
    if not isinstance(settings, dict) or not isinstance(content.get("synth_version"), str):
        raise PatchError(
            f"{path.name} lacks settings or a version, so it is not a Vital preset; pick another."
        )
    damaged = f"is damaged: %s. Open {path.name} in Vital and save it again."
    if "osc_1_level" not in settings:
        raise PatchError(f"{path.name} {damaged % 'it lacks osc_1_level'}")
    for name, value in settings.items():
        if isinstance(value, dict | list):
            continue  # shapes and tables; `interpret` takes any
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PatchError(f"{path.name} {damaged % f'{name} is not a number'}")
        if not math.isfinite(_as_float(value)):
            raise PatchError(f"{path.name} {damaged % f'{name} is not finite'}")
    rows = settings.get("modulations")
    if not isinstance(rows, list) or len(rows) > MAX_MODULATIONS or not all(map(_is_routing, rows)):
        raise PatchError(f"{path.name} {damaged % 'its modulations are malformed'}")
    return content


def _as_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _is_routing(row: Any) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(end), str) for end in ("source", "destination"))


def _main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Show what a Vital preset is in one of our spaces.")
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--space", default="vital-32", help=f"one of {', '.join(space_names('vital'))} (%(default)s)"
    )
    given = parser.parse_args(arguments)
    try:
        space = load_space(given.space)
        preset = read_preset(given.file, space)
    except BridgeError as error:
        print(f"vital_preset: {error}", file=sys.stderr)
        return 2
    lines = [f"{preset.name}, by {preset.author or 'an unnamed author'}, {preset.style or 'no style'}"]
    for parameter, value in zip(space, preset.vector.tolist(), strict=True):
        lines.append(f"  {parameter.caption:30} {parameter.plain(value):10.4g} {parameter.unit}")
    lines += ["Not expressed:", *(f"  {words}" for words in preset.unexpressed or ("nothing is lost",))]
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
