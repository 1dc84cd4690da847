"""Colours of Live's theme for the pictures that scripts draw."""

from collections.abc import Iterable

from max4live.builder.patcher import Box, Patcher
from max4live.designs.parts.link import Link

__all__ = ["TOKENS", "add_colours"]

TOKENS = ("lcd_bg", "lcd_frame", "lcd_control_fg", "lcd_control_fg_zombie", "lcd_title")


def add_colours(patch: Patcher, link: Link, pictures: Iterable[Box]) -> None:
    """Send pictures the colours of Live's theme, at the start and whenever they change."""
    colours, named = patch.obj("live.colors"), patch.obj("prepend color")
    again = patch.message(", ".join(TOKENS))
    patch.wire(link.start, again, colours, named)
    patch.wire(colours[1], again)
    for picture in pictures:
        patch.wire(named, picture)
