"""Boxes that are hidden until there is something to show in them."""

from collections.abc import Iterable

from max4live.builder.patcher import Box, Patcher, Port
from max4live.designs.parts.pages import shown

__all__ = ["reveal"]


def reveal(patch: Patcher, on: Port, boxes: Iterable[Box], *, at_first: bool = False) -> None:
    """Show boxes when 1 comes from a port, and hide them when 0 comes.

    Args:
        patch: The device's patcher.
        on: Sends 1 or 0.
        boxes: Boxes with a scripting name.
        at_first: Whether they are shown before anything has come.
    """
    chosen = list(boxes)
    for box in chosen:
        box.keys["hidden"] = int(not at_first)
    which, window = patch.obj("sel 0 1"), patch.obj("thispatcher")
    patch.wire(on, which)
    for k in (0, 1):
        patch.wire(which[k], patch.message(shown(chosen, bool(k))), window)
