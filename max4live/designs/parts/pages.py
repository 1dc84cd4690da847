"""Pages of a strip, and the tabs that choose which one is shown."""

from collections.abc import Sequence

from max4live.builder.parameter import Kind, Parameter, Visibility
from max4live.builder.patcher import Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.looks import choice

__all__ = ["add_pages"]


def add_pages(patch: Patcher, tabs: Rect, names: Sequence[str]) -> None:
    """Add the tabs that show page 0, 1, ... of the boxes that are already on pages."""
    parameter = Parameter(
        name="Page",
        info="What the right side of the device shows.",
        kind=Kind.ENUM,
        choices=tuple(names),
        visibility=Visibility.STORED,
    )
    which = patch.obj("sel " + " ".join(str(k) for k in range(len(names))))
    patch.wire(choice(patch, tabs, parameter), which)
    this = patch.obj("thispatcher")
    paged = [(box.page, box.keys["varname"]) for box in patch.boxes if box.page is not None]
    for k in range(len(names)):
        # Hide first, so that two pages are never shown at once. Real devices use `sendbox`, not `hide`.
        lines = [f"script sendbox {name} hidden 1" for page, name in paged if page != k]
        lines += [f"script sendbox {name} hidden 0" for page, name in paged if page == k]
        patch.wire(which[k], patch.message(", ".join(lines)), this)
