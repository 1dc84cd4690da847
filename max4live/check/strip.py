"""What a player sees: all of it on the strip, nothing over anything else, every control explained."""

from itertools import combinations

from max4live.builder.rect import HEIGHT_PX, Rect
from max4live.check.tree import Json, label_of

__all__ = ["check_strip"]

_MAY_LIE_UNDER = {"panel", "comment", "live.comment", "live.line"}
_NEEDS_NO_INFO = {"panel", "comment", "live.comment", "live.line", "live.meter~"}


def check_strip(patcher: Json) -> list[str]:
    """Return the faults of the presentation view."""
    faults: list[str] = []
    width = int(patcher.get("devicewidth") or 0)
    shown: list[tuple[Json, Rect]] = []
    for entry in patcher.get("boxes", []):
        box = entry.get("box", {})
        if box.get("presentation") != 1:
            continue
        values = box.get("presentation_rect") or []
        if len(values) != 4 or any(v != round(v) for v in values):
            faults.append(f"'{label_of(box)}' is not on whole pixels: {values}")
            continue
        rect = Rect(*(int(v) for v in values))
        if not rect.inside(width):
            faults.append(f"'{label_of(box)}' at {values} reaches off the strip of {width} x {HEIGHT_PX}")
        if box.get("maxclass") not in _NEEDS_NO_INFO and not (
            box.get("annotation") and box.get("annotation_name")
        ):
            faults.append(f"'{label_of(box)}' has no text for the Info View")
        shown.append((box, rect))
    if not shown:
        faults.append("nothing is shown")
    solid = [
        (b, r)
        for b, r in shown
        if b.get("maxclass") not in _MAY_LIE_UNDER and not b.get("hidden") and not b.get("background")
    ]
    for (a, first), (b, second) in combinations(solid, 2):
        if first.overlaps(second):
            faults.append(f"'{label_of(a)}' lies over '{label_of(b)}'")
    return faults
