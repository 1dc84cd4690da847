"""The tree of addresses that OSCQuery serves, from the table and the state.

References:
    OSCQuery proposal, https://github.com/Vidvox/OSCQueryProposal
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.osc.addresses import MACRO_BRANCH, TO_SERVER, Address, Argument
from server.osc.fitting import Sizes

__all__ = ["ATTRIBUTES", "State", "find", "host_info", "tree"]

_READ_WRITE, _WRITE, _NONE = 3, 2, 0
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "RANGE", "VALUE", "DESCRIPTION")


@dataclass(frozen=True, kw_only=True)
class State:
    """What is told of the server.

    Attributes:
        sizes: Counts of the model.
        macros: Names of the macros.
        dials: Where they stand, `(M,)`.
        presets: Names of the presets.
    """

    sizes: Sizes
    macros: Sequence[str]
    dials: Sequence[float]
    presets: Sequence[str]


def tree(state: State) -> dict[str, Any]:
    """Give the whole tree, as JSON has it."""
    root = _branch("/", "Flow Synth Live")
    for row in TO_SERVER.values():
        _hang(root, row.address, _method(row, state))
    for k, (name, dial) in enumerate(zip(state.macros, state.dials, strict=True)):
        macro = {
            "FULL_PATH": f"{MACRO_BRANCH}{k}",
            "TYPE": "f",
            "ACCESS": _READ_WRITE,
            "RANGE": [{"MIN": 0.0, "MAX": 1.0}],
            "VALUE": [dial],
            "DESCRIPTION": name,
        }
        _hang(root, f"{MACRO_BRANCH}{k}", macro)
    return root


def find(root: dict[str, Any], path: str) -> dict[str, Any] | None:
    """Give the node of a path, None where there is none."""
    node = root
    for part in path.strip("/").split("/") if path.strip("/") else ():
        found = node.get("CONTENTS", {}).get(part)
        if found is None:
            return None
        node = found
    return node


def host_info(name: str, host: str, port: int) -> dict[str, Any]:
    """Give what is said to `?HOST_INFO`."""
    served = {"ACCESS": True, "VALUE": True, "RANGE": True, "DESCRIPTION": True, "TYPE": True}
    others = {"LISTEN": False, "PATH_CHANGED": False, "TAGS": False, "CLIPMODE": False, "UNIT": False}
    return {
        "NAME": name,
        "OSC_IP": host,
        "OSC_PORT": port,
        "OSC_TRANSPORT": "UDP",
        "EXTENSIONS": served | others,
    }


def _branch(path: str, description: str = "") -> dict[str, Any]:
    node: dict[str, Any] = {"FULL_PATH": path, "ACCESS": _NONE, "CONTENTS": {}}
    return node | ({"DESCRIPTION": description} if description else {})


def _hang(root: dict[str, Any], address: str, node: dict[str, Any]) -> None:
    above, parts = root, address.strip("/").split("/")
    for n, part in enumerate(parts[:-1]):
        above = above.setdefault("CONTENTS", {}).setdefault(part, _branch("/" + "/".join(parts[: n + 1])))
    contents = above.setdefault("CONTENTS", {})
    contents[parts[-1]] = contents.get(parts[-1], {}) | node  # an address may have others below it


def _method(row: Address, state: State) -> dict[str, Any]:
    types, ranges = "", []
    for argument in row.arguments:
        count = state.sizes.count(argument.count)
        types += argument.type * count
        ranges += [_range(row.address, argument, state)] * count
    node: dict[str, Any] = {"FULL_PATH": row.address, "ACCESS": _WRITE, "DESCRIPTION": row.text}
    if types:
        node |= {"TYPE": types, "RANGE": ranges}
    else:
        node["TYPE"] = "N"  # a message without arguments: nil, for who wants a type
    if row.address == "/flow/macros":
        node |= {"ACCESS": _READ_WRITE, "VALUE": list(state.dials)}
    return node


def _range(address: str, argument: Argument, state: State) -> dict[str, Any]:
    if argument.type == "s":
        return {"VALS": list(state.presets)} if address == "/flow/preset/load" else {}
    number = int if argument.type == "i" else float
    return {"MIN": number(argument.low), "MAX": number(state.sizes.bound(argument.high))}
