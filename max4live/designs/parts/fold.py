"""The fold: a button that shows or hides the right side of a device."""

from max4live.builder.patcher import Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import switch

__all__ = ["add_fold"]


def add_fold(patch: Patcher, link: Link, at: Rect, narrow: int, wide: int) -> None:
    """Add the button; the Set stores whether the device is unfolded.

    Args:
        patch: The device's patcher.
        link: The link to the server, which has the device's `live.thisdevice`.
        at: Where the button is.
        narrow: Width of the strip without its right side, in pixels.
        wide: Width of all of it.
    """
    button = switch(
        patch,
        at,
        "Pages",
        "Shows or hides the right side of the device: its pages and its setup.",
        ("More", "Less"),
        icons=("fsl_unfold.svg", "fsl_fold.svg"),
        lit=False,
    )
    # The width is set again when the device is ready: before that, Live may not take it.
    unfolded, which = patch.obj("i"), patch.obj("sel 0 1")
    patch.wire(button, unfolded, which)
    patch.wire(link.device, unfolded)
    for k, width in enumerate((narrow, wide)):
        patch.wire(which[k], patch.message(f"setwidth {width}"), link.device)
