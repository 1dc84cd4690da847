"""What the check says about a folder of files that somebody else wrote: a test of the check itself."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from max4live.builder.container import read
from max4live.builder.errors import DesignError, EncryptedError
from max4live.check.device import check_device, is_decided_elsewhere, patchers_in
from max4live.check.findings import Level
from max4live.check.graph import is_judged, ports_of_box
from max4live.check.tree import Json, boxes_of, name_of

__all__ = ["Survey", "survey"]

_SUFFIXES = {".amxd", ".maxpat", ".maxhelp"}


@dataclass
class Survey:
    """Counts over the files of a folder.

    Attributes:
        files: Files by what they are: `patcher`, `plain`, `frozen`, `encrypted`, `unreadable`.
        kinds: Devices by kind.
        clean: How many readable files have no fault.
        faults: Files with a fault, by its kind.
        boxes: Boxes by what is known of their ports.
        names: Distinct objects, likewise.
        disagreeing: Boxes whose ports differ from the table's, by object.
    """

    files: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    clean: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    boxes: Counter[str] = field(default_factory=Counter)
    names: dict[str, set[str]] = field(default_factory=dict)
    disagreeing: Counter[str] = field(default_factory=Counter)

    def add(self, path: Path, data: bytes) -> None:
        """Count one file."""
        try:
            contents = read(data)
        except EncryptedError:
            self.files["encrypted"] += 1
            return
        except DesignError:
            self.files["unreadable"] += 1
            return
        self.files[contents.form] += 1
        if contents.kind:
            self.kinds[contents.kind] += 1
        findings = check_device(contents, path.parent)
        faults = {finding.kind for finding in findings if finding.level is Level.FAULT}
        self.faults.update(faults)
        self.clean += not faults
        for patcher in patchers_in(contents, []).values():
            self._add_boxes(patcher)

    def _add_boxes(self, patcher: Json) -> None:
        judged = is_judged(patcher)
        for _, box in boxes_of(patcher):
            name, ports = name_of(box), ports_of_box(box)
            n_inlets, n_outlets = box.get("numinlets"), box.get("numoutlets")
            if ports is None:
                what = "decided elsewhere" if is_decided_elsewhere(name) else "not in the table"
            elif not judged:
                what = "of Max 5 or unknown age"
            elif not isinstance(n_inlets, int) or not isinstance(n_outlets, int):
                what = "without stored ports"
            elif ports.agrees(n_inlets, n_outlets):
                what = "agree"
            else:
                what = "differ"
                self.disagreeing[name] += 1
            self.boxes[what] += 1
            self.names.setdefault("not in the table" if what == "not in the table" else "known", set()).add(
                name
            )

    def lines(self) -> Iterator[str]:
        """Iterate over the lines of a table."""
        n_read = sum(self.files[form] for form in ("patcher", "plain", "frozen"))
        yield _row("files, without duplicates", self.files.total())
        yield _row("read", n_read, _listed(self.files))
        yield _row("devices among them", self.kinds.total(), _listed(self.kinds))
        yield _row("without a fault", self.clean)
        yield _row("with faults", n_read - self.clean, _listed(self.faults))
        yield _row("boxes", self.boxes.total(), _listed(self.boxes))
        judged = self.boxes["agree"] + self.boxes["differ"]
        share = f"{self.boxes['agree'] / judged:.4%} of {judged:,}" if judged else "none"
        yield _row("ports as in the table", self.boxes["agree"], share)
        yield _row("ports that differ", self.boxes["differ"], _listed(self.disagreeing))
        for what in ("known", "not in the table"):
            yield _row(f"objects {what}", len(self.names.get(what, ())))


def survey(folder: Path) -> Survey:
    """Return the counts over all devices, patchers and help patchers in a folder, each content once."""
    counts, seen = Survey(), set()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in _SUFFIXES or not path.is_file():
            continue
        data = path.read_bytes()
        digest = hashlib.sha256(data).digest()
        if digest not in seen:
            seen.add(digest)
            counts.add(path, data)
    return counts


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.most_common(12))


def _row(what: str, n: int, more: str = "") -> str:
    return f"{what:27}{n:>9,}  {more}".rstrip()
