"""All checks of one file: a device of any kind, or a patcher."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from max4live.builder.container import Contents, read
from max4live.builder.errors import DesignError, EncryptedError
from max4live.builder.scripts import with_required
from max4live.check.findings import Finding, Level
from max4live.check.graph import check_graph, ports_of_box
from max4live.check.house import check_house
from max4live.check.limits import check_limits
from max4live.check.patcher_json import parse_patcher
from max4live.check.scripts import check_frozen_scripts
from max4live.check.tree import Json, boxes_of, name_of, script_of

__all__ = ["check_device", "check_file", "is_decided_elsewhere", "patchers_in"]

_DECIDED_ELSEWHERE = {
    "js", "jsui", "v8", "v8ui", "v8.codebox", "node.script", "p", "patcher", "bpatcher", "poly~", "pfft~",
    "gen", "gen~", "mc.gen~", "rnbo~", "jit.gen", "jit.pix", "jit.gl.pix", "jit.gl.slab", "if", "live.gain~",
    "mc.live.gain~", "combine", "gswitch", "gswitch2", "vst~", "amxd~", "mxj", "newobj", "",
}  # fmt: skip


def check_file(path: Path, *, house: bool = False) -> list[Finding]:
    """Return what there is to say about a file.

    Args:
        path: The file. The scripts of an unfrozen device are read from its folder.
        house: Whether it is one of ours, for which our own rules hold as well.
    """
    try:
        contents = read(path.read_bytes())
    except OSError as error:
        return [Finding(Level.FAULT, "file", "", f"cannot be read: {error.strerror}")]
    except EncryptedError as error:
        return [Finding(Level.NOTE, "encrypted", "", str(error))]
    except DesignError as error:
        return [Finding(Level.FAULT, "container", "", str(error))]
    findings = check_device(contents, path.parent, house=house)
    if path.suffix.lower() == ".amxd" and not contents.kind:
        text = "it is a patcher named like a device, and Live does not load it: save it as a device in Max"
        findings.append(Finding(Level.FAULT, "container", "", text))
    return findings


def check_device(contents: Contents, folder: Path, *, house: bool = False) -> list[Finding]:
    """Return what there is to say about the contents of a file.

    Args:
        contents: The parts of the file.
        folder: Where the scripts of an unfrozen device are.
        house: Whether our own rules hold as well.
    """
    findings: list[Finding] = []
    patchers = patchers_in(contents, findings)
    if "" not in patchers:
        return findings
    for name, patcher in patchers.items():
        inside = check_graph(patcher) + check_limits(patcher)
        if contents.frozen:
            inside += check_frozen_scripts(patcher, contents)
        findings += [_within(name, finding) for finding in inside]
    findings += _unknown(patchers)
    if house:
        findings += _check_house(patchers[""], contents, folder)
    return list(dict.fromkeys(findings))


def patchers_in(contents: Contents, findings: list[Finding]) -> dict[str, dict[str, Any]]:
    """Return the patcher of a file, under the name "", and those frozen into it, by file name.

    One that cannot be read is added to the findings instead.
    """
    texts = {"": contents.patcher}
    texts |= {
        name: content.rstrip(b"\0").decode(errors="replace")
        for name, content in contents.files.items()
        if name.endswith((".maxpat", ".maxhelp"))
    }
    found = {}
    for name, text in texts.items():
        try:
            found[name] = parse_patcher(text)
        except DesignError as error:
            findings.append(Finding(Level.FAULT, "patcher", name, str(error)))
    return found


def is_decided_elsewhere(name: str) -> bool:
    """Whether no table can tell the ports of an object: a file, an argument or a patcher decides."""
    return name in _DECIDED_ELSEWHERE


def _within(name: str, finding: Finding) -> Finding:
    return Finding(finding.level, finding.kind, f"{name} {finding.where}".strip(), finding.text)


def _unknown(patchers: Mapping[str, Json]) -> list[Finding]:
    """Return a note of the objects that are not judged: externals, abstractions, rare ones."""
    names = Counter(
        name_of(box)
        for patcher in patchers.values()
        for _, box in boxes_of(patcher)
        if not is_decided_elsewhere(name_of(box)) and ports_of_box(box) is None
    )
    if not names:
        return []
    listed = ", ".join(f"{name} ({n})" if n > 1 else name for name, n in names.most_common())
    text = f"{names.total()} boxes are of objects not in the table, so their ports are not judged: {listed}"
    return [Finding(Level.NOTE, "unknown objects", "", text)]


def _check_house(patcher: Json, contents: Contents, folder: Path) -> list[Finding]:
    if contents.frozen:
        return check_house(patcher, contents, contents.files)
    named = {script_of(box) for _, box in boxes_of(patcher)} - {""}
    try:
        return check_house(patcher, contents, with_required(folder, sorted(named)))
    except DesignError as error:
        return [Finding(Level.HOUSE, "scripts", "", str(error))]
