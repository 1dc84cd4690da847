"""A built device, brought to life."""

import itertools
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from max4live.builder.container import read
from max4live.builder.objects import words
from tests.max4live.graph.clock import Clock
from tests.max4live.graph.controls import CONTROLS, Control, Remote
from tests.max4live.graph.hosted import HOSTED
from tests.max4live.graph.network import NETWORK, Network, RealNetwork, UdpReceive
from tests.max4live.graph.node import BANG, Message, Node, atoms
from tests.max4live.graph.plain_objects import PLAIN
from tests.max4live.graph.scripts import Harness, Script, Silent
from tests.max4live.graph.timed_objects import TIMED

KNOWN = {**PLAIN, **TIMED, **CONTROLS, **NETWORK, **HOSTED}
VITAL_ALONE: Mapping[str, Mapping[str, str]] = {"Vital": {}}
# They record what reaches them: sound, MIDI out, the window, Live.
RECORDERS = {
    "buffer~", "dspstate~", "freebang", "live.colors", "live.line", "live.path", "live.thisdevice",
    "loadbang", "midiin", "midiout", "node.script", "panel", "peakamp~", "plugin~", "plugout~", "record~",
    "snapshot~", "thispatcher", "*~", "+~",
}  # fmt: skip


class Inlet(Node):
    """Of a subpatcher: the outside calls it through its `p` box."""

    def receive(self, inlet: int, message: Message):
        self.out(0, message)


class Subpatch(Node):
    inside: dict[str, Node]

    def start(self):
        self.doors = sorted(
            (n for n in self.inside.values() if n.name == "inlet"), key=lambda n: n.box["index"]
        )
        for node in self.inside.values():
            if node.name == "outlet":
                node.of = self

    def receive(self, inlet: int, message: Message):
        self.doors[inlet].out(0, message)


class Outlet(Node):
    of: Subpatch

    def receive(self, inlet: int, message: Message):
        self.of.out(self.box["index"] - 1, message)


class LiveDevice:
    """An interpreted device.

    Args:
        path: The built `.amxd`.
        scripts: Names of the scripts that run for real; the others are silent.
        plugins: Plug-ins that `vst~` finds on this computer; see `Vst`.
        network: What its packets travel through; this computer's if None.
    """

    _seeds = itertools.count(1)

    def __init__(
        self,
        path: Path,
        scripts: Collection[str] = (),
        plugins: Mapping[str, Mapping[str, str]] = VITAL_ALONE,
        network: Network | None = None,
    ):
        self.plugins = plugins
        self.network = network or RealNetwork()
        self.clock = Clock()
        self.seed = next(self._seeds)  # of its scripts' chance
        self.scripts = scripts
        self.harness = Harness()
        self.nodes: list[Node] = []
        self.written: list[tuple[float, str]] = []  # when the patch wrote which stored parameter
        self.patcher = json.loads(read(path.read_bytes()).patcher)["patcher"]
        self._load(self.patcher)
        for node in self.nodes:
            node.start()
        self._receivers = [node for node in self.nodes if isinstance(node, UdpReceive)]
        self._running = [node for node in self.nodes if isinstance(node, Script)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            for node in self.nodes:
                if hasattr(node, "close"):
                    node.close()
        finally:
            self.harness.close()

    # -- finding things

    def nodes_named(self, name: str) -> list[Node]:
        return [node for node in self.nodes if node.name == name]

    def node(self, varname: str) -> Any:
        (found,) = [node for node in self.nodes if node.box.get("varname") == varname]
        return found

    def script(self, file: str) -> Any:
        (found,) = [
            node for node in self.nodes if node.box.get("filename") == file or node.arguments[:1] == [file]
        ]
        return found

    @property
    def remotes(self) -> list[Remote]:
        found = [node for node in self.nodes if isinstance(node, Remote)]
        return sorted(found, key=lambda node: int(node.box["id"].removeprefix("obj-")))

    @property
    def status(self) -> str:
        return self.node("status").text

    def undo_entries(self) -> int:
        """Return how many entries of Live's undo history the device itself has made since the last call.

        What it writes in one moment counts as one: Live names such an entry "Change in" the device. Whether
        it joins them is on the human checklist.
        """
        moments = {moment for moment, _ in self.written}
        self.written.clear()
        return len(moments)

    # -- letting it live

    def load(self):
        """Do what Live does when the device is added: parameters send, then the device is ready."""
        for node in self.nodes_named("loadbang"):
            node.out(0, BANG)
        for node in self.nodes:
            if isinstance(node, Control) and node.saved["parameter_invisible"] != 2:
                node.say()
        self.clock.settle()
        for script in self._running:
            script.ask({"device_ready": True})
        for node in self.nodes_named("live.thisdevice"):
            node.out(1, [1])
            node.out(0, BANG)
        self.clock.settle()

    def remove(self):
        """Do what Live does when the device is deleted."""
        for node in self.nodes_named("freebang"):
            node.out(0, BANG)
        self.clock.settle()

    def step(self, ms: float):
        """Receive from the network, and let time pass."""
        for receiver in self._receivers:
            receiver.poll()
        self.clock.advance(ms)
        if self._running:
            outs = self.harness.ask({"advance_all_ms": ms})["outs"]
            for script, out in zip(self._running, outs, strict=True):
                script.pass_on(out)
        self.clock.settle()

    def _load(self, patcher: dict[str, Any]) -> dict[str, Node]:
        made = {entry["box"]["id"]: self._make(entry["box"]) for entry in patcher["boxes"]}
        for entry in patcher["lines"]:
            (source, outlet), (destination, inlet) = (
                entry["patchline"][k] for k in ("source", "destination")
            )
            made[source].cords[outlet].append((made[destination], inlet))
        for node in made.values():
            for cords in node.cords:
                # Max reaches what lies further right first, and further down first.
                cords.sort(key=lambda cord: [-v for v in cord[0].box["patching_rect"][:2]])
        return made

    def _make(self, box: dict[str, Any]) -> Node:
        name, arguments = box["maxclass"], []
        if name == "newobj":
            name, arguments, _ = words(box["text"])
        kinds = {"p": Subpatch, "inlet": Inlet, "outlet": Outlet}
        if name in ("js", "jsui"):
            file = box.get("filename") or arguments[0]
            kind: type[Node] = Script if file in self.scripts or self.scripts == "all" else Silent
        elif name in RECORDERS:
            kind = Node
        else:
            kind = {**KNOWN, **kinds}[name]
        node = kind(box, name, atoms(arguments), self, [[] for _ in range(box["numoutlets"])])
        if isinstance(node, Subpatch):
            node.inside = self._load(box["patcher"])
        self.nodes.append(node)
        return node
