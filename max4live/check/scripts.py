"""Scripts: present, with the ports that their boxes show, and nothing that Max's old JavaScript cannot run.

The parser in tests/max4live/scripts decides what is ES5; this also reads devices from elsewhere.
"""

import re
from collections.abc import Mapping

from max4live.builder.scripts import ports_in
from max4live.check.names import ABSOLUTE_PATH
from max4live.check.tree import Json, boxes_of, name_of, script_of

__all__ = ["check_scripts"]

_COMMENT_OR_TEXT = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
_NOT_ES5 = {
    "an arrow function": r"=>",
    "let or const": r"(?<![\w$.])(?:let|const)\s+[\w$\[{]",
    "a template": r"`",
    "a class": r"(?<![\w$.])class\s+[A-Za-z_$]",
    "a spread": r"\.\.\.[\w$\[(]",
    "for ... of": r"\bfor\s*\(\s*(?:var\s+)?[\w$]+\s+of\b",
    "setTimeout": r"\bset(?:Timeout|Interval)\s*\(",
    "outlet.apply, which crashes Live": r"\b(?:outlet|messnamed|post)\s*\.\s*apply\s*\(",
    "post, which writes to the player's console": r"(?<![\w$.])c?post\s*\(",
    "LiveAPI made before Live is ready": r"^(?:var\s+)?[\w$]+\s*=\s*new\s+LiveAPI",
}
_NODE = "node.script"


def check_scripts(patcher: Json, files: Mapping[str, bytes]) -> list[str]:
    """Return the faults of the scripts of a device.

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
        ports, shown = ports_in(files[file].decode()), (box.get("numinlets"), box.get("numoutlets"))
        if ports != shown:
            faults.append(f"{path}: {file} has {ports} inlets and outlets, its box {shown}")
    for file, content in files.items():
        if not file.endswith(".js"):
            continue
        source = content.decode("utf-8", "replace")
        if ABSOLUTE_PATH.search(source):
            faults.append(f"{file}: a path of one machine")
        if file not in in_node:
            code = _COMMENT_OR_TEXT.sub('""', source)
            faults += [f"{file}: {what}" for what, how in _NOT_ES5.items() if re.search(how, code, re.M)]
    return faults
