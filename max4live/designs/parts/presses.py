"""Buttons that Live can map: switches of which each change by the player is a press."""

from dataclasses import dataclass

from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import switch

__all__ = ["Presses", "add_presses"]


@dataclass(frozen=True)
class Presses:
    """The script that tells presses from what Live restores.

    Attributes:
        script: It takes `press NAME 0|1` from each switch, and sends NAME for a press.
    """

    script: Box

    def add(
        self,
        patch: Patcher,
        rect: Rect,
        name: str,
        info: str,
        text: str,
        page: int,
        icon: str = "",
        word: str = "",
    ) -> Port:
        """Add a button with a text or an icon to the strip; return the port that bangs when it is pressed.

        The script knows it by a word; without one, by the first of its name.
        """
        icons = (icon, icon) if icon else None
        pressed = switch(patch, rect, name, info, (text, text), short=text, page=page, icons=icons, lit=False)
        word = word or name.split()[0].lower()
        patch.wire(pressed, patch.obj(f"prepend press {word}"), self.script)
        found = patch.obj(f"route {word}")
        patch.wire(self.script, found)
        return found[0]


def add_presses(patch: Patcher, link: Link, restored: Port) -> Presses:
    """Add the script for buttons that Live can map.

    Args:
        patch: The device's patcher.
        link: The link to the server, which tells when the device is ready.
        restored: Bangs when Live has restored the stored sound.
    """
    script = patch.js("fsl_presses.js", 1, 1)
    patch.wire(link.start, script)
    patch.wire(restored, patch.message("restored"), script)
    return Presses(script)
