"""Scripts: present, with the ports that their boxes show, and nothing that Max's old JavaScript cannot run.

The parser in tests/max4live/scripts decides what is ES5; this also reads devices from elsewhere.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from max4live.builder.container import ON_DISK_FLAG, Contents
from max4live.builder.scripts import ports_in
from max4live.check.findings import Finding, Level
from max4live.check.names import ABSOLUTE_PATH
from max4live.check.tree import Json, boxes_of, name_of, script_of

__all__ = ["check_frozen_scripts", "check_own_scripts"]

_COMMENT_OR_TEXT = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
# Max's old engine stops at these, and the whole script does nothing.
_SYNTAX = {
    "an arrow function": r"=>",
    "a template": r"`",
    "a class": r"(?<![\w$.])class\s+[A-Za-z_$]",
    "a spread": r"\.\.\.[\w$\[(]",
    "for ... of": r"\bfor\s*\(\s*(?:var\s+)?[\w$]+\s+of\b",
}
_HOUSE = {
    "let or const": r"(?<![\w$.])(?:let|const)\s+[\w$\[{]",
    "setTimeout": r"\bset(?:Timeout|Interval)\s*\(",
    "outlet.apply, which crashes Live": r"\b(?:outlet|messnamed|post)\s*\.\s*apply\s*\(",
    "post, which writes to the player's console": r"(?<![\w$.])c?post\s*\(",
    "LiveAPI made before Live is ready": r"^(?:var\s+)?[\w$]+\s*=\s*new\s+LiveAPI",
}
_ASKS_FOR_CHAINS = re.compile(r"""\(\s*["']chains["']""")
_NODE = "node.script"


def check_frozen_scripts(patcher: Json, contents: Contents) -> list[Finding]:
    """Return what Max makes of the scripts in a frozen device: absent, left inside, or not understood."""
    findings = []
    for path, box in boxes_of(patcher):
        file = script_of(box)
        if not file or "#" in file:
            continue
        name = _frozen_name(file, contents.files)
        if name is None:
            text = f"the script '{file}' is not in the device: unless Max ships it, freeze again with it"
            findings.append(Finding(Level.NOTE, "script", path, text))
        elif name_of(box) == _NODE:
            if contents.flags.get(name) != ON_DISK_FLAG:
                text = (
                    f"'{name}' has flag {contents.flags.get(name)}, so Max does not write it to disk, and "
                    f"node.script finds no file: freeze it with flag {ON_DISK_FLAG}"
                )
                findings.append(Finding(Level.FAULT, "node flag", path, text))
        else:
            code = _code(contents.files[name])
            findings += [
                Finding(Level.FAULT, "syntax", name, f"{what}, which Max's js does not know: write it in ES5")
                for what, how in _SYNTAX.items()
                if re.search(how, code)
            ]
    return list(dict.fromkeys(findings))


def check_own_scripts(patcher: Json, files: Mapping[str, bytes]) -> list[str]:
    """Return what our own rules say about the scripts of a device.

    Args:
        patcher: The device's patcher.
        files: Content of its files, by name.
    """
    faults, in_node = [], set()
    for path, box in boxes_of(patcher):
        file = script_of(box)
        if not file:
            continue
        if file not in files:
            faults.append(f"{path}: the script '{file}' is neither in the device nor beside it")
            continue
        if name_of(box) == _NODE:
            in_node.add(file)
            if "@autostart 0" not in str(box.get("text")):
                faults.append(f"{path}: it would start a program when the Set is opened; add @autostart 0")
            continue
        ports, shown = (
            ports_in(files[file].decode(errors="replace")),
            (box.get("numinlets"), box.get("numoutlets")),
        )
        if ports != shown:
            faults.append(f"{path}: {file} has {ports} inlets and outlets, its box {shown}")
    for file, content in files.items():
        if file.endswith(".js"):
            faults += [f"{file}: {fault}" for fault in _check_source(content, file in in_node)]
    return faults


def _check_source(content: bytes, in_node: bool) -> list[str]:
    source = content.decode(errors="replace")
    faults = ["a path of one machine"] if ABSOLUTE_PATH.search(source) else []
    if in_node:
        return faults
    code = _code(content)
    faults += [what for what, how in (_SYNTAX | _HOUSE).items() if re.search(how, code, re.M)]
    if _ASKS_FOR_CHAINS.search(source) and "can_have_chains" not in source:
        faults.append(
            "asks devices for their chains, and Live complains where there are none: "
            "ask can_have_chains first"
        )
    return faults


def _code(content: bytes) -> str:
    return _COMMENT_OR_TEXT.sub('""', content.decode(errors="replace"))


def _frozen_name(file: str, files: Mapping[str, bytes]) -> str | None:
    """Return the name under which a script is frozen: the box may name it with a path or without `.js`."""
    bare = PurePosixPath(file.strip('"')).name
    return next((name for name in (bare, f"{bare}.js") if name in files), None)
