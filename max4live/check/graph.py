"""Boxes that Max makes as they are, and cords between inlets and outlets that exist."""

from collections import Counter
from collections.abc import Mapping

from max4live.check.findings import Finding, Level
from max4live.check.port_counts import DRAWN, PortCounts, ports_of_text
from max4live.check.tree import (
    Cord,
    Json,
    boxes_of,
    cords_in,
    dictionary,
    entries,
    label_of,
    levels_of,
    name_of,
)

__all__ = ["check_graph", "is_judged", "ports_of_box"]

# The version of Max from which on our table of ports holds; earlier ones made fewer inlets.
_OLDEST_JUDGED = 6
_HOLDS_A_PATCHER = ("p", "patcher")


def is_judged(patcher: Json) -> bool:
    """Whether a version of Max wrote the patcher for which the table of ports holds."""
    version = dictionary(patcher, "appversion").get("major")
    return isinstance(version, int) and version >= _OLDEST_JUDGED


def ports_of_box(box: Json) -> PortCounts | None:
    """Return the ports that Max gives a box, or None if they are not known."""
    name = name_of(box)
    if name in _HOLDS_A_PATCHER:
        if not isinstance(box.get("patcher"), dict):
            return None
        inside = Counter(b.get("maxclass") for b in entries(box["patcher"], "boxes", "box"))
        sides = [(inside[side], inside[side]) for side in ("inlet", "outlet")]
        return PortCounts(sides[0], sides[1])
    if box.get("maxclass") == "newobj":
        return ports_of_text(str(box.get("text"))) if name and name not in DRAWN else None
    return ports_of_text(name) if name in DRAWN else None


def check_graph(patcher: Json) -> list[Finding]:
    """Return the faults of boxes and cords at every level."""
    judged = is_judged(patcher)
    findings = [finding for path, box in boxes_of(patcher) for finding in _check_box(path, box)]
    for path, level in levels_of(patcher):
        findings += _check_level(path, level, judged)
    return findings


def _check_box(path: str, box: Json) -> list[Finding]:
    maxclass = str(box.get("maxclass"))
    if maxclass == "newobj" or maxclass in DRAWN or not ports_of_text(maxclass):
        return []
    text = f"'{maxclass}' is not drawn: make it the text of a box of class newobj, or Max drops it"
    return [Finding(Level.FAULT, "drawn box", path, text)]


def _check_level(path: str, level: Json, judged: bool) -> list[Finding]:
    findings: list[Finding] = []
    boxes = {str(box.get("id") or ""): box for box in entries(level, "boxes", "box")}
    for box in entries(level, "boxes", "box"):
        name = str(box.get("id") or "")
        # Max itself wrote a drawn object that it did not find several times, each time the same.
        if not name or box != boxes[name]:
            text = f"'{label_of(box)}' shares the id '{name}' or has none: cords reach the wrong box"
            findings.append(Finding(Level.FAULT, "id", f"{path}{name}", text))
    cords, n_wrong = cords_in(level)
    if n_wrong:
        text = f"{n_wrong} cords do not name a box and a number at both ends: Max drops them"
        findings.append(Finding(Level.FAULT, "cord", path, text))
    for cord in cords:
        findings += _check_cord(path, cord, boxes, judged)
    return findings


def _check_cord(path: str, cord: Cord, boxes: Mapping[str, Json], judged: bool) -> list[Finding]:
    where = f"{path}{cord}"
    if not (cord.source and cord.destination):
        return []  # Max itself leaves such an entry behind, and reads over it
    if cord.source not in boxes or cord.destination not in boxes:
        lost = cord.destination if cord.source in boxes else cord.source
        text = f"there is no box {lost}: remove the cord, or draw it to another box"
        return [Finding(Level.FAULT, "cord", where, text)]
    source, destination = boxes[cord.source], boxes[cord.destination]
    findings = []
    for box, index, side in ((source, cord.outlet, "outlets"), (destination, cord.inlet, "inlets")):
        n = _highest(box, side, judged)
        if n is not None and not 0 <= index < n:
            text = f"'{label_of(box)}' has {n} {side}: Max drops the cord"
            findings.append(Finding(Level.FAULT, "cord", where, text))
    return findings


def _highest(box: Json, side: str, judged: bool) -> int | None:
    """Return how many ports a box has at most, None if neither the file nor the table tells."""
    declared = box.get(f"num{side}")
    counts = [declared] if isinstance(declared, int) else []
    ports = ports_of_box(box) if judged else None
    if ports:
        counts.append((ports.inlets if side == "inlets" else ports.outlets)[1])
    return min(counts, default=None)
