"""A whole device: its strip, its Push banks, its scripts and icons, and the file made from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from max4live.builder.container import EPOCH_1904_S, KINDS, freeze, write_plain
from max4live.builder.errors import DesignError
from max4live.builder.json_text import write_json
from max4live.builder.objects import words
from max4live.builder.parameter import Parameter, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import HEIGHT_PX
from max4live.builder.scripts import shortened, with_required

__all__ = ["Bank", "Device"]

_BANK_SIZE = 8
_MAY_LIE_UNDER = ("panel", "comment", "live.comment", "live.line")


@dataclass(frozen=True)
class Bank:
    """Eight encoders of Push: a name, and long names of parameters; `-` leaves one empty."""

    name: str
    parameters: tuple[str, ...]


@dataclass(kw_only=True)
class Device:
    """A device before it is written.

    Attributes:
        name: As in Live's browser.
        kind: `audio`, `midi` or `instrument`.
        width: Of the strip, in pixels.
        folded_width: Of the strip while its pages are folded away; None if it has no fold.
        patcher: Its boxes and wires.
        banks: Pages of Push.
        digest: What it does, for Max's file browser.
    """

    name: str
    kind: str
    width: int
    patcher: Patcher
    folded_width: int | None = None
    banks: tuple[Bank, ...] = ()
    digest: str = ""

    @property
    def file_name(self) -> str:
        """Name of the built file."""
        return f"{self.name}.amxd"

    def parameters(self) -> dict[str, Parameter]:
        """Return all Live parameters by their path in the patcher, such as `obj-9::obj-2`."""
        found = {path: box.parameter for path, box in _walk(self.patcher) if box.parameter}
        return dict(found)

    def files(self) -> tuple[str, ...]:
        """Return the names of the scripts and icons that its boxes name, each once."""
        scripts = {name for _, box in _walk(self.patcher) if (name := _script(box))}
        icons = {name for _, box in _walk(self.patcher) for name in box.keys.get("pictures", ())}
        return tuple(sorted(scripts | icons))

    def json(self) -> dict[str, Any]:
        """Check the patcher, and return it as Max writes it.

        Raises:
            DesignError: A box lies off the strip or over another, or a name is used twice.
        """
        self._check()
        registry: dict[str, Any] = {path: [p.name, p.short_name, 0] for path, p in self.parameters().items()}
        registry["parameterbanks"] = {
            str(k): {"index": k, "name": bank.name, "parameters": list(bank.parameters)}
            for k, bank in enumerate(self.banks)
        }
        registry["inherited_shortname"] = 1
        width = float(self.width)
        body = self.patcher.json(
            openrect=[0.0, 0.0, width, float(HEIGHT_PX)],
            devicewidth=width,
            openinpresentation=1,
            digest=self.digest,
        )
        return {"patcher": {**body, "parameters": registry, "dependency_cache": [], **_trailer(self.kind)}}

    def text(self) -> str:
        """Return the JSON text, the same for the same design."""
        return write_json(self.json()) + "\n"

    def plain(self) -> bytes:
        """Return the bytes of the unfrozen device."""
        return write_plain(self.kind, self.text())

    def frozen(self, folder: Path) -> bytes:
        """Return the bytes of the frozen device, its scripts without comments.

        Args:
            folder: Where the scripts and icons are.
        """
        in_node = {
            _script(box) for _, box in _walk(self.patcher) if words(box.text or "-")[0] == "node.script"
        }
        files = {
            name: shortened(content) if name.endswith(".js") else content
            for name, content in with_required(folder, self.files()).items()
        }
        return freeze(self.kind, self.file_name, self.text(), files, on_disk=in_node)

    def _check(self) -> None:
        names = [p.name for p in self.parameters().values()]
        if twice := {name for name in names if names.count(name) > 1}:
            raise DesignError(f"{self.name}: two parameters are called {', '.join(sorted(twice))}")
        automated = {p.name for p in self.parameters().values() if p.visibility is Visibility.AUTOMATED}
        for bank in self.banks:
            if len(bank.parameters) != _BANK_SIZE:
                raise DesignError(
                    f"{self.name}: bank '{bank.name}' needs {_BANK_SIZE} entries; fill it with '-'"
                )
            if unknown := set(bank.parameters) - automated - {"-"}:
                raise DesignError(
                    f"{self.name}: bank '{bank.name}' names {sorted(unknown)}, which cannot be automated"
                )
        shown = [box for box in self.patcher.boxes if box.rect]
        for box in shown:
            if box.rect and not box.rect.inside(self.width):
                raise DesignError(f"{self.name}: '{box.label}' at {box.rect} reaches off the strip")
        solid = [
            box for box in shown if box.maxclass not in _MAY_LIE_UNDER and not box.keys.get("background")
        ]
        for a, b in combinations(solid, 2):
            if a.shares_page(b) and a.rect and b.rect and a.rect.overlaps(b.rect):
                raise DesignError(f"{self.name}: '{a.label}' at {a.rect} lies over '{b.label}' at {b.rect}")
        for path, box in _walk(self.patcher):
            _check_scope(f"{self.name}, {path}", box)


def _walk(patcher: Patcher, path: str = "") -> Iterator[tuple[str, Box]]:
    for box in patcher.boxes:
        yield path + box.id, box
        if box.patcher:
            yield from _walk(box.patcher, f"{path}{box.id}::")


def _script(box: Box) -> str:
    if box.maxclass == "jsui":
        return str(box.keys["filename"])
    name, arguments, _ = words(box.text) if box.maxclass == "newobj" else ("", [], [])
    return arguments[0] if name in ("js", "node.script") else ""


def _check_scope(where: str, box: Box) -> None:
    if box.maxclass != "newobj":
        return
    name, arguments, _ = words(box.text)
    if name in ("s", "r", "buffer~", "record~") and not arguments[0].startswith("---"):
        raise DesignError(f"{where}: '{box.text}' would be shared by all devices; start its name with ---")


def _trailer(kind: str) -> dict[str, Any]:
    project = {
        "version": 1,
        "creationdate": EPOCH_1904_S,
        "modificationdate": EPOCH_1904_S,
        "viewrect": [0.0, 0.0, 300.0, 500.0],
        "autoorganize": 1,
        "hideprojectwindow": 1,
        "showdependencies": 1,
        "autolocalize": 0,
        "contents": {"patchers": {}},
        "layout": {},
        "searchpath": {},
        "detailsvisible": 0,
        "amxdtype": int.from_bytes(KINDS[kind], "big"),
        "readonly": 0,
        "devpathtype": 0,
        "devpath": ".",
        "sortmode": 0,
        "viewmode": 0,
        "includepackages": 0,
    }
    return {
        "latency": 0,
        "is_mpe": int(kind != "audio"),  # otherwise Live takes bends and pressure of single notes away
        "external_mpe_tuning_enabled": 0,
        "minimum_live_version": "",
        "minimum_max_version": "",
        "platform_compatibility": 0,
        "autosave": 0,
        "project": project,
    }
