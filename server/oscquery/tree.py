"""The tree of addresses that OSCQuery serves, built from the table of messages and the state.

References:
    OSCQuery proposal, https://github.com/Vidvox/OSCQueryProposal
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from server.osc.addresses import MACRO_BRANCH, TO_SERVER, Address, Argument
from server.osc.fitting import Sizes

__all__ = ["ATTRIBUTES", "State", "find", "host_info", "tree"]

_READ_WRITE, _WRITE, _NONE = 3, 2, 0
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "RANGE", "VALUE", "DESCRIPTION")


@dataclass(frozen=True, kw_only=True)
class State:
    """What the tree shows besides the table.

    Attributes:
        sizes: Counts of the loaded model.
        macros: Names of the macros.
        dials: Positions of their dials, `(M,)`.
        presets: Names of the presets.
    """

    sizes: Sizes
    macros: Sequence[str]
    dials: Sequence[float]
    presets: Sequence[str]


# The addresses of which more is known than the table says: their present values, and the texts they take.
_VALUES: dict[str, Callable[[State], Sequence[float]]] = {"/flow/macros": lambda state: state.dials}
_CHOICES: dict[str, Callable[[State], Sequence[str]]] = {"/flow/preset/load": lambda state: state.presets}


def tree(state: State) -> dict[str, Any]:
    """Return the whole tree, as plain data for JSON."""
    root = _branch("/", "Flow Synth Live")
    for row in TO_SERVER.values():
        _insert(root, _method(row, state))
    value = TO_SERVER[MACRO_BRANCH.removesuffix("/")].arguments[-1]
    for k, (name, dial) in enumerate(zip(state.macros, state.dials, strict=True)):
        macro = {
            "FULL_PATH": f"{MACRO_BRANCH}{k}",
            "TYPE": value.type,
            "ACCESS": _READ_WRITE,
            "RANGE": [_range(value, None, state.sizes)],
            "VALUE": [dial],
            "DESCRIPTION": name,
        }
        _insert(root, macro)
    return root


def find(root: dict[str, Any], path: str) -> dict[str, Any] | None:
    """Return the node at a path, or None."""
    node = root
    for part in path.strip("/").split("/") if path.strip("/") else ():
        found = node.get("CONTENTS", {}).get(part)
        if found is None:
            return None
        node = found
    return node


def host_info(name: str, host: str, port: int) -> dict[str, Any]:
    """Return the answer to `?HOST_INFO`."""
    served = dict.fromkeys(("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "TYPE", "LISTEN"), True)
    others = {"PATH_CHANGED": False, "TAGS": False, "CLIPMODE": False, "UNIT": False}
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


def _insert(root: dict[str, Any], node: dict[str, Any]) -> None:
    """Put a node where its path says, with the branches above it."""
    above, parts = root, node["FULL_PATH"].strip("/").split("/")
    for n, part in enumerate(parts[:-1]):
        above = above.setdefault("CONTENTS", {}).setdefault(part, _branch("/" + "/".join(parts[: n + 1])))
    contents = above.setdefault("CONTENTS", {})
    contents[parts[-1]] = contents.get(parts[-1], {}) | node  # an address may have others below it


def _method(row: Address, state: State) -> dict[str, Any]:
    choices = _CHOICES[row.address](state) if row.address in _CHOICES else None
    types, ranges = "", []
    for argument in row.arguments:
        count = state.sizes.count(argument.count)
        types += argument.type * count
        ranges += [_range(argument, choices, state.sizes)] * count
    node: dict[str, Any] = {"FULL_PATH": row.address, "ACCESS": _WRITE, "DESCRIPTION": row.text}
    if types:
        node |= {"TYPE": types, "RANGE": ranges}
    else:
        node["TYPE"] = "N"  # nil: some clients want a type even where there are no arguments
    if row.address in _VALUES:
        node |= {"ACCESS": _READ_WRITE, "VALUE": list(_VALUES[row.address](state))}
    return node


def _range(argument: Argument, choices: Sequence[str] | None, sizes: Sizes) -> dict[str, Any]:
    if argument.type == "s":
        return {} if choices is None else {"VALS": list(choices)}
    number = int if argument.type == "i" else float
    return {"MIN": number(argument.low), "MAX": number(sizes.bound(argument.high))}
