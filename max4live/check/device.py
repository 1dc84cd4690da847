"""All checks of one device file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from max4live.builder.container import KINDS, Contents, read
from max4live.builder.errors import DesignError
from max4live.builder.rect import HEIGHT_PX
from max4live.builder.scripts import with_required
from max4live.check.graph import check_graph
from max4live.check.keys import check_flags, check_keys
from max4live.check.names import check_names
from max4live.check.parameters import check_parameters
from max4live.check.scripts import check_scripts
from max4live.check.strip import check_strip
from max4live.check.tree import boxes_of, name_of, script_of

__all__ = ["check_device", "check_file"]

_OLDEST_MAX = (8, 5)
_NEEDS = {"audio": ("plugin~", "plugout~"), "midi": ("midiin", "midiout"), "instrument": ("plugout~",)}


def check_file(path: Path) -> list[str]:
    """Return the faults of a device file, a sentence each.

    The scripts of an unfrozen device are read from its folder.
    """
    try:
        contents = read(path.read_bytes())
    except OSError as error:
        return [f"cannot be read: {error.strerror}"]
    except (DesignError, UnicodeDecodeError) as error:
        return [f"container: {error}"]
    return check_device(contents, path.parent)


def check_device(contents: Contents, folder: Path) -> list[str]:
    """Return the faults of a device.

    Args:
        contents: The parts of the device file.
        folder: Where the scripts of an unfrozen device are.
    """
    try:
        patcher = json.loads(contents.patcher)["patcher"]
    except (ValueError, KeyError, TypeError) as error:
        return [f"the patcher is not JSON as Max writes it: {error}"]
    if not isinstance(patcher, dict):
        return ["the patcher is not JSON as Max writes it"]
    try:
        files = _files(contents, patcher, folder)
    except DesignError as error:
        return [str(error)]
    faults = _check_header(patcher, contents.kind)
    faults += check_graph(patcher)
    faults += check_strip(patcher)
    faults += check_parameters(patcher)
    faults += check_names(patcher)
    faults += check_keys(patcher, contents.kind)
    faults += check_flags(patcher, contents)
    faults += check_scripts(patcher, files)
    return faults


def _files(contents: Contents, patcher: Mapping[str, Any], folder: Path) -> Mapping[str, bytes]:
    if contents.frozen:
        return contents.files
    named = {script_of(box) for _, box in boxes_of(patcher)} - {""}
    return with_required(folder, sorted(named))


def _check_header(patcher: Mapping[str, Any], kind: str) -> list[str]:
    faults = []
    version = patcher.get("appversion") or {}
    if (version.get("major"), version.get("minor")) != _OLDEST_MAX:
        faults.append(f"it declares Max {version}, but Live 11 has {_OLDEST_MAX}")
    if (patcher.get("project") or {}).get("amxdtype") != int.from_bytes(KINDS[kind], "big"):
        faults.append(
            "the project names another kind of device than the container, or none, and Max complains"
        )
    if patcher.get("openinpresentation") != 1:
        faults.append("it opens in the patching view")
    rect = patcher.get("openrect") or [0, 0, 0, 0]
    if rect[3] != HEIGHT_PX or rect[2] != patcher.get("devicewidth"):
        faults.append(f"openrect {rect} is not the width of the device by {HEIGHT_PX}")
    if patcher.get("dependency_cache"):
        faults.append("the dependency cache names folders of the machine that it was built on")
    names = {name_of(box) for _, box in boxes_of(patcher)}
    for needed in _NEEDS[kind]:
        if needed not in names:
            faults.append(f"a device of kind {kind} passes nothing through without {needed}")
    return faults
