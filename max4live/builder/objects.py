"""Max's own objects that our devices use, and the inlets and outlets of each.

Max silently drops an object that it does not know, and a cord to an outlet that does not exist. So a device
can use only the objects in this table, which were checked; all of them are in Max 8.5, as Live 11 has it.

References:
    Boxes in devices that Max itself saved, and Cycling '74's reference pages.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from max4live.builder.errors import DesignError

__all__ = ["UI_CLASSES", "Ports", "ports_of", "words"]


@dataclass(frozen=True)
class Ports:
    """The inlets and outlets that Max gives an object.

    Attributes:
        n_inlets: How many inlets it has.
        outlets: Type of each outlet: "" (anything), "bang", "int", "float", "list" or "signal".
    """

    n_inlets: int
    outlets: tuple[str, ...]


def _ports(n_inlets: int, *outlets: str) -> Ports:
    return Ports(n_inlets, outlets)


# Drawn objects: the name is the box's maxclass. Everything else is text in a `newobj` box.
UI_CLASSES: dict[str, Ports] = {
    "comment": _ports(1),
    "inlet": _ports(0, ""),
    "jsui": _ports(1, ""),
    "live.dial": _ports(1, "", "float"),
    "live.line": _ports(1),
    "live.menu": _ports(1, "", "", "float"),
    "live.numbox": _ports(1, "", "float"),
    "live.tab": _ports(1, "", "", "float"),
    "live.text": _ports(1, "", ""),
    "message": _ports(2, ""),
    "outlet": _ports(1),
    "panel": _ports(1),
    "textedit": _ports(1, "", "int", "", ""),
    "umenu": _ports(1, "int", "", ""),
}

_FIXED: dict[str, Ports] = {
    "buffer~": _ports(1, "float", "bang"),
    "change": _ports(1, "", "int", "int"),
    "clip": _ports(3, ""),
    "deferlow": _ports(1, ""),
    "freebang": _ports(1, "bang"),
    "dspstate~": _ports(1, "int", "float", "int", "int"),
    "iter": _ports(1, ""),
    "line": _ports(3, "", "bang"),
    "live.colors": _ports(1, "", "bang"),
    "live.path": _ports(1, "", "", ""),
    # As in Max 8.5. Max 8.6 adds an outlet, which nothing is connected to.
    "live.remote~": _ports(2),
    "live.thisdevice": _ports(1, "bang", "int", "int"),
    "loadbang": _ports(1, "bang"),
    "metro": _ports(2, "bang"),
    "midiin": _ports(1, "int"),
    "midiout": _ports(1),
    "midiparse": _ports(1, "", "", "", "int", "int", "", "int", ""),
    "pattr": _ports(1, "", "", ""),
    "peakamp~": _ports(2, "float"),
    "prepend": _ports(1, ""),
    "qlim": _ports(2, ""),
    "record~": _ports(3, "signal"),
    "s": _ports(1),
    "snapshot~": _ports(2, "float"),
    "thispatcher": _ports(1, "", ""),
    "udpreceive": _ports(1, ""),
    "udpsend": _ports(1),
    "zl.len": _ports(2, "", ""),
    "zl.reg": _ports(2, "", ""),
    "zl.slice": _ports(2, "", ""),
    "*~": _ports(2, "signal"),
    "+~": _ports(2, "signal"),
}
_BINARY = ("+", "*", "==", ">", "&", ">>")
_FIXED |= {name: _ports(2, "int") for name in _BINARY}

Arguments = list[str]
_WORD = re.compile(r'(?:"(?:\\.|[^"\\])*"|\\.|[^\s\\])+|\\')


def _trigger(arguments: Arguments) -> Ports:
    kinds = {"b": "bang", "i": "int", "f": "float"}
    return _ports(1, *(kinds.get(a, "") for a in arguments or ["i", "i"]))


def _select(arguments: Arguments) -> Ports:
    # Each argument has an inlet that changes it; without one there is the argument 0.
    n = len(arguments) or 1
    return Ports(n + 1, ("bang",) * n + ("",))


def _route(arguments: Arguments) -> Ports:
    n = len(arguments) or 1
    return Ports(n + 1, ("",) * (n + 1))


def _unpack(arguments: Arguments) -> Ports:
    words = arguments or ["0", "0"]
    kinds = ("float" if "." in a or a == "f" else "" if a == "s" else "int" for a in words)
    return Ports(1, tuple(kinds))


def _gate(arguments: Arguments) -> Ports:
    return Ports(2, ("",) * max(1, int(arguments[0] if arguments else 1)))


def _make_note(arguments: Arguments) -> Ports:
    # A third argument is a channel, with an inlet and an outlet of its own.
    n = 3 if len(arguments) > 2 else 2
    return _ports(n + 1, *("float",) * n)


def _track(arguments: Arguments) -> Ports:
    """Return an inlet and an outlet for each channel that is named; a track has two."""
    n = len(arguments) or 2
    return _ports(n, *("signal",) * n)


def _vst(arguments: Arguments) -> Ports:
    # Behind the sound: names and values of parameters, MIDI, programs, names in a shell, presets.
    numbers = [int(a) for a in arguments if a.isdigit()] or [2, 2]
    n_inlets, n_signals = numbers[0] if len(numbers) > 1 else 2, numbers[-1]
    return Ports(n_inlets, ("signal",) * n_signals + ("", "list", "int", "", "", ""))


def _number(arguments: Arguments) -> Ports:
    return _ports(2, "float" if arguments and "." in arguments[0] else "int")


def _expression(arguments: Arguments) -> Ports:
    return _ports(max(int(n) for n in re.findall(r"\$[ifs](\d)", " ".join(arguments))), "")


_VARIABLE: dict[str, Callable[[Arguments], Ports]] = {
    "expr": _expression,
    "f": lambda a: _ports(2, "float"),
    "gate": _gate,
    "i": lambda a: _ports(2, "int"),
    "makenote": _make_note,
    "node.script": lambda a: _ports(1, "", ""),
    "pack": lambda a: _ports(len(a or "ab"), ""),
    "plugin~": _track,
    "plugout~": _track,
    "r": lambda a: _ports(0 if a else 1, ""),
    "route": _route,
    "sel": _select,
    "t": _trigger,
    "unpack": _unpack,
    "vexpr": _expression,
    "vst~": _vst,
}


def words(text: str) -> tuple[str, Arguments, Arguments]:
    """Split an object's text into its name, its arguments and its `@attributes`."""
    parts = _WORD.findall(text)
    if not parts:
        raise DesignError("an object has no text")
    at = next((k for k, part in enumerate(parts) if k and part.startswith("@")), len(parts))
    return parts[0], parts[1:at], parts[at:]


def ports_of(text: str) -> Ports:
    """Return the ports of the object with this text.

    Raises:
        DesignError: The object is not in the table, or lacks the arguments that determine its ports.
    """
    name, arguments, _ = words(text)
    if name in UI_CLASSES:
        raise DesignError(f"'{name}' is drawn: add it with ui(), not as the text of a box")
    if name in _FIXED:
        return _FIXED[name]
    if name not in _VARIABLE:
        raise DesignError(
            f"'{text}': no object '{name}' in max4live/builder/objects.py; check it in Max first"
        )
    try:
        return _VARIABLE[name](arguments)
    except (ValueError, IndexError):
        raise DesignError(f"'{text}': '{name}' needs arguments that determine its ports") from None
