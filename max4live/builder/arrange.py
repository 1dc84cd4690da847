"""Arrange boxes in the patching view: each below what feeds it, so that a reviewer can follow the cords."""

from collections import defaultdict
from collections.abc import Sequence

__all__ = ["arrange"]

_COLUMN_PX, _ROW_PX, _MARGIN_PX = 150, 34, 20


def arrange(boxes: Sequence[str], wires: Sequence[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Return the top left corner of every box: one row below the lowest box that feeds it.

    From one outlet to several boxes Max sends right to left by these corners. A design never relies on that
    order; it uses `t`.

    Args:
        boxes: Ids in the order in which they were created.
        wires: Source and destination ids. A cord back to an earlier box is a loop and moves nothing.
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
