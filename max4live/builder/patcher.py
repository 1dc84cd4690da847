"""Boxes and wires: the language that the devices are written in.

    patch = Patcher("frame")
    first = patch.obj("zl.slice 1")
    patch.wire(first[0], patch.obj("deferlow"), patch.obj("prepend sequence"))

`wire` connects a chain from left to right through first outlets and first inlets; `box[n]` is another one.
"""

from dataclasses import dataclass, field
from typing import Any

from max4live.builder.arrange import arrange
from max4live.builder.errors import DesignError
from max4live.builder.objects import UI_CLASSES, Ports, ports_of, words
from max4live.builder.parameter import Parameter
from max4live.builder.rect import Rect

__all__ = ["PAGES_OF_TABS", "Box", "Patcher", "Port", "scripting_name"]

PAGES_OF_TABS = 10  # a set of tabs has at most as many pages

# Drawn, but with nothing to press, so nothing to explain.
_SILENT = {"comment", "live.comment", "live.line", "panel", "inlet", "outlet", "message", "live.meter~"}


@dataclass(eq=False)
class Box:
    """An object of a patcher.

    Attributes:
        id: As in the file, from `obj-1` on.
        maxclass: `newobj`, or the name of a drawn object.
        text: What is written in it.
        ports: Its inlets and outlets.
        keys: Further entries of its JSON.
        rect: Its rectangle on the strip, None if it is not shown.
        page: The page of the strip that it is on, None for all pages. Each set of tabs counts its own, one
            from 0, the next from 10; the device opens on the first of each.
        not_on: A page that a box on all pages is not on.
        parameter: The Live parameter that it is, if it is one.
        patcher: The patcher inside a `p` box.
        owner: The patcher that it is in.
        prefix: The `prepend flow` in front of a script; cords to the script's first inlet run into it.
    """

    id: str
    maxclass: str
    text: str
    ports: Ports
    keys: dict[str, Any] = field(default_factory=dict)
    rect: Rect | None = None
    page: int | None = None
    not_on: int | None = None
    parameter: Parameter | None = None
    patcher: "Patcher | None" = None
    owner: "Patcher | None" = None
    prefix: "Box | None" = None

    def shares_page(self, other: "Box") -> bool:
        """Whether there is a page on which both are shown."""
        if self.page is None:
            return other.page is None or other.page != self.not_on
        return self.page == other.page if other.page is not None else self.page != other.not_on

    def __getitem__(self, index: int) -> "Port":
        """Return its inlet or outlet with that number, from 0."""
        return Port(self, index)

    @property
    def label(self) -> str:
        """What error messages call this box."""
        return self.text or (self.parameter.name if self.parameter else self.maxclass)


@dataclass(frozen=True)
class Port:
    """An inlet or an outlet of a box, by number."""

    box: Box
    index: int


@dataclass(frozen=True)
class Wire:
    """A cord from an outlet to an inlet."""

    source: Port
    destination: Port


class Patcher:
    """A patcher: the device's own, or one inside a `p` box.

    Args:
        name: Name of its `p` box.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []
        self._wired: set[Wire] = set()

    def obj(self, text: str, **keys: Any) -> Box:
        """Add an object by its text, such as `route /flow/params`.

        Raises:
            DesignError: The builder does not know the object.
        """
        return self._add("newobj", text, ports_of(text), keys)

    def message(self, text: str) -> Box:
        """Add a message box."""
        return self._add("message", text, UI_CLASSES["message"], {})

    def parameter(self, text: str, parameter: Parameter) -> Box:
        """Add a Live parameter that is not drawn: a `pattr` that stores the state."""
        name = words(text)[1][0]
        saved = {"parameter_enable": 1, "parameter_mappable": 0}
        return self._add(
            "newobj", text, ports_of(text), {"varname": name, "saved_object_attributes": saved}, parameter
        )

    def js(self, file: str, n_inlets: int, n_outlets: int, *arguments: str) -> Box:
        """Add a script; its ports are those that the script declares, and a test compares them."""
        saved = {"filename": file, "parameter_enable": 0}
        text = " ".join(["js", file, *arguments])
        ports = Ports(n_inlets, ("",) * n_outlets)
        return self._behind_prefix(self._add("newobj", text, ports, {"saved_object_attributes": saved}))

    def node(self, file: str) -> Box:
        """Add a script that runs in Node, in a process of its own; nothing starts it but a message."""
        saved = {"autostart": 0, "defer": 0, "watch": 0}
        read = {"filename": file, "flags": 0, "embed": 0, "autowatch": 1}
        return self.obj(
            f"node.script {file} @autostart 0 @watch 0", saved_object_attributes=saved, textfile=read
        )

    def ui(
        self,
        maxclass: str,
        rect: Rect | None = None,
        parameter: Parameter | None = None,
        info: tuple[str, str] | None = None,
        ports: Ports | None = None,
        page: int | None = None,
        **keys: Any,
    ) -> Box:
        """Add a drawn object.

        Args:
            maxclass: Its name.
            rect: Its rectangle on the strip; None shows it in the patching view only.
            parameter: The Live parameter that it is.
            info: Title and sentence for Live's Info View, for what is not a parameter.
            ports: Only for a jsui whose script declares more than one inlet and one outlet.
            page: The page of the strip that it is on; None for all pages.
            **keys: Further entries of its JSON.

        Raises:
            DesignError: It is unknown, or a control that lacks information.
        """
        if maxclass not in UI_CLASSES:
            raise DesignError(f"'{maxclass}' is not drawn, or unknown: see UI_CLASSES in builder/objects.py")
        if parameter is not None:
            info = (parameter.title or parameter.name, parameter.info)
            keys = {"varname": scripting_name(parameter.name), "parameter_enable": 1, **keys}
        elif maxclass.startswith("live.") and maxclass not in _SILENT:
            raise DesignError(f"'{maxclass}' is a Live parameter: pass that parameter")
        if info:
            keys |= {"annotation_name": info[0], "annotation": info[1]}  # a hint would show it a second time
        elif maxclass not in _SILENT:
            raise DesignError(f"a {maxclass} needs information: a title, and what it does")
        box = self._add(maxclass, "", ports or UI_CLASSES[maxclass], keys, parameter)
        box.rect, box.page = rect, page
        if page is not None:
            box.keys.setdefault("varname", f"page{page}_{box.id}")
        if page is not None and page % PAGES_OF_TABS:
            box.keys["hidden"] = 1
        if maxclass == "jsui":
            box.keys.setdefault("border", 0)
        if maxclass == "live.tab":
            box.keys["livemode"] = 1  # drawn as Live draws its own tabs
        return self._behind_prefix(box) if maxclass == "jsui" else box

    def sub(self, patcher: "Patcher") -> Box:
        """Put another patcher into a `p` box; its inlets and outlets are the box's."""
        inside = [box.maxclass for box in patcher.boxes]
        ports = Ports(inside.count("inlet"), ("",) * inside.count("outlet"))
        box = self._add("newobj", f"p {patcher.name}", ports, {})
        box.patcher = patcher
        return box

    def inlet(self, comment: str) -> Box:
        """Add the next inlet of this patcher's `p` box."""
        return self._numbered("inlet", comment)

    def outlet(self, comment: str) -> Box:
        """Add the next outlet of this patcher's `p` box."""
        return self._numbered("outlet", comment)

    def wire(self, first: Box | Port, *others: Box | Port) -> Box:
        """Connect a chain, each outlet to the next inlet, and return the last box.

        A port in the middle of a chain is an inlet; the chain goes on from that box's first outlet.

        Raises:
            DesignError: An inlet or outlet does not exist, the cord already exists, or audio would run into
                an object that takes messages.
        """
        source = _port(first)
        for other in others:
            destination = _port(other)
            prefix = destination.box.prefix
            self._connect(source, Port(prefix, 0) if prefix and destination.index == 0 else destination)
            source = Port(destination.box, 0)
        return source.box

    def json(self, **keys: Any) -> dict[str, Any]:
        """Return the patcher as Max writes it; `keys` come first."""
        corners = arrange(
            [b.id for b in self.boxes], [(w.source.box.id, w.destination.box.id) for w in self.wires]
        )
        return {
            "fileversion": 1,
            "appversion": {"major": 8, "minor": 5, "revision": 5, "architecture": "x64", "modernui": 1},
            "classnamespace": "box",
            "rect": [60.0, 100.0, 1100.0, 700.0],
            **{"description": "", "digest": "", "tags": "", **keys},
            "default_fontsize": 10.0,
            "default_fontname": "Arial Bold",
            "gridsize": [8.0, 8.0],
            "boxes": [{"box": _box_json(box, corners[box.id])} for box in self.boxes],
            "lines": [{"patchline": _wire_json(wire)} for wire in self.wires],
        }

    def _add(
        self, maxclass: str, text: str, ports: Ports, keys: dict[str, Any], parameter: Parameter | None = None
    ) -> Box:
        number = len(self.boxes) + 1
        box = Box(f"obj-{number}", maxclass, text, ports, keys, parameter=parameter, owner=self)
        self.boxes.append(box)
        return box

    def _behind_prefix(self, script: Box) -> Box:
        # Max's own object handles words such as `save` or `color` itself, and the script would not get them.
        prefix = self.obj("prepend flow")
        self._connect(Port(prefix, 0), Port(script, 0))
        script.prefix = prefix
        return script

    def _numbered(self, maxclass: str, comment: str) -> Box:
        index = 1 + sum(box.maxclass == maxclass for box in self.boxes)
        return self._add(maxclass, "", UI_CLASSES[maxclass], {"index": index, "comment": comment})

    def _connect(self, source: Port, destination: Port) -> None:
        for port in (source, destination):
            if port.box.owner is not self:
                raise DesignError(f"'{port.box.label}' is not in patcher '{self.name}'")
        outlets = source.box.ports.outlets
        if not 0 <= source.index < len(outlets):
            raise DesignError(
                f"'{source.box.label}' has {len(outlets)} outlets, so none with number {source.index}"
            )
        if not 0 <= destination.index < destination.box.ports.n_inlets:
            n = destination.box.ports.n_inlets
            raise DesignError(
                f"'{destination.box.label}' has {n} inlets, so none with number {destination.index}"
            )
        if outlets[source.index] == "signal" and not _takes_signal(destination.box):
            raise DesignError(f"sound runs from '{source.box.label}' into '{destination.box.label}'")
        wire = Wire(source, destination)
        if wire in self._wired:
            raise DesignError(f"'{source.box.label}' is wired to '{destination.box.label}' twice")
        self._wired.add(wire)
        self.wires.append(wire)


def scripting_name(parameter: str) -> str:
    """Return the scripting name of a parameter's box: its long name as one word."""
    return parameter.lower().replace(" ", "_")


def _port(end: Box | Port) -> Port:
    return end if isinstance(end, Port) else Port(end, 0)


def _takes_signal(box: Box) -> bool:
    name = words(box.text)[0] if box.maxclass == "newobj" else box.maxclass
    return name.endswith("~") or name in ("p", "outlet")


def _wire_json(wire: Wire) -> dict[str, Any]:
    return {
        "source": [wire.source.box.id, wire.source.index],
        "destination": [wire.destination.box.id, wire.destination.index],
    }


def _box_json(box: Box, corner: tuple[float, float]) -> dict[str, Any]:
    size = (float(box.rect.width), float(box.rect.height)) if box.rect else (_text_width(box.text), 22.0)
    values: dict[str, Any] = {
        "id": box.id,
        "maxclass": box.maxclass,
        "numinlets": box.ports.n_inlets,
        "numoutlets": len(box.ports.outlets),
        "patching_rect": [*corner, *size],
    }
    if box.ports.outlets:
        values["outlettype"] = list(box.ports.outlets)
    if box.text:
        values["text"] = box.text
    values |= {key: value for key, value in box.keys.items() if key != "saved_attribute_attributes"}
    if box.rect:
        values |= {"presentation": 1, "presentation_rect": box.rect.json()}
    attributes = dict(box.keys.get("saved_attribute_attributes", {}))
    if box.parameter:
        attributes["valueof"] = box.parameter.json()
    if attributes:
        values["saved_attribute_attributes"] = attributes
    if box.patcher:
        values["patcher"] = box.patcher.json()
    return values


def _text_width(text: str) -> float:
    return float(max(30, 7 * len(text) + 16))
