"""Pages of a strip, and the tabs that choose which one is shown."""

from collections.abc import Iterable, Sequence

from max4live.builder.parameter import Kind, Parameter, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.looks import choice

__all__ = ["add_pages", "shown"]


def add_pages(
    patch: Patcher,
    tabs: Rect,
    names: Sequence[str],
    *,
    first: int = 0,
    name: str = "Page",
    info: str = "What the right side of the device shows.",
) -> Box:
    """Add the tabs that show page `first`, `first + 1`, ... of the boxes that are already on pages.

    Returns:
        The tabs.
    """
    parameter = Parameter(
        name=name, info=info, kind=Kind.ENUM, choices=tuple(names), visibility=Visibility.STORED
    )
    chosen, before, window = choice(patch, tabs, parameter), patch.obj("i"), patch.obj("thispatcher")
    order = patch.obj("t i i b")
    patch.wire(chosen, order)
    # Right to left: hide what was shown, so that two pages are never shown at once; remember; show.
    hide, show = (patch.obj("sel " + " ".join(str(k) for k in range(len(names)))) for _ in range(2))
    patch.wire(order[2], before[0])
    patch.wire(before, hide)
    patch.wire(order[1], before[1])
    patch.wire(order[0], show)
    for k in range(len(names)):
        paged = [box for box in patch.boxes if box.page == first + k]
        away = [box for box in patch.boxes if box.not_on == first + k]
        for which, on in ((hide, False), (show, True)):
            orders = [shown(boxes, is_shown) for boxes, is_shown in ((paged, on), (away, not on)) if boxes]
            if orders:
                patch.wire(which[k], patch.message(", ".join(orders)), window)
    return chosen


def shown(boxes: Iterable[Box], on: bool) -> str:
    """Return the orders to `thispatcher` that show boxes, or hide them.

    Real devices use `sendbox`, not `hide`.
    """
    return ", ".join(f"script sendbox {box.keys['varname']} hidden {int(not on)}" for box in boxes)
