"""Where boxes lie in the patching view: below what feeds them, so that a reviewer can follow the cords."""

from collections import defaultdict
from collections.abc import Sequence

__all__ = ["arrange"]

_COLUMN_PX, _ROW_PX, _MARGIN_PX = 150, 34, 20


def arrange(boxes: Sequence[str], wires: Sequence[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Give every box a place: one row below the lowest of what feeds it, in order of making.

    Max sends from one outlet to several boxes right to left by these places, so a design never relies on that
    order: it uses `t`.

    Args:
        boxes: Ids in the order in which they were made.
        wires: Source and destination ids. A cord back to a box made earlier is a loop and lifts nothing.
    """
    order = {box: k for k, box in enumerate(boxes)}
    feeds: dict[str, list[str]] = defaultdict(list)
    for source, destination in wires:
        if order[source] < order[destination]:
            feeds[destination].append(source)
    rows: dict[str, int] = {}
    in_row: dict[int, int] = defaultdict(int)
    corners = {}
    for box in boxes:
        row = rows[box] = max((rows[source] + 1 for source in feeds[box]), default=0)
        corners[box] = (float(_MARGIN_PX + _COLUMN_PX * in_row[row]), float(_MARGIN_PX + _ROW_PX * row))
        in_row[row] += 1
    return corners
