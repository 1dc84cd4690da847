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
    pages = range(first, first + len(names))
    which = patch.obj("sel " + " ".join(str(k) for k in range(len(names))))
    chosen = choice(patch, tabs, parameter)
    patch.wire(chosen, which)
    window = patch.obj("thispatcher")
    paged = [box for box in patch.boxes if box.page in pages]
    for k, page in enumerate(pages):
        # Hide first, so that two pages are never shown at once.
        orders = [shown([box for box in paged if box.page != page], False)]
        orders += [shown([box for box in paged if box.page == page], True)]
        patch.wire(which[k], patch.message(", ".join(filter(None, orders))), window)
    return chosen


def shown(boxes: Iterable[Box], on: bool) -> str:
    """Return the orders to `thispatcher` that show boxes, or hide them.

    Real devices use `sendbox`, not `hide`.
    """
    return ", ".join(f"script sendbox {box.keys['varname']} hidden {int(not on)}" for box in boxes)
