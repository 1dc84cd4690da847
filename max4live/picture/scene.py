"""The state of a device that a picture shows: page, values, texts, and messages to its scripts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from max4live.builder.device import Device
from max4live.builder.patcher import PAGES_OF_TABS
from max4live.designs.parts.looks import LAMP_COLOURS

__all__ = ["LAMPS", "Scene"]

Message = Sequence[str | int | float]
LAMPS = {
    name: "#" + "".join(f"{round(255 * v):02x}" for v in colour)
    for name, colour in zip(("ok", "degraded", "broken"), LAMP_COLOURS, strict=True)
} | {"dark": "#808080"}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A state of a device.

    Attributes:
        name: File name of the picture, without its suffix.
        device: Returns the device.
        page: The page that is shown.
        view: The page of the tabs above the map.
        folded: Whether the pages are folded away.
        revealed: For boxes that appear and disappear, whether they are shown, by scripting name; all others
            are as in a new device.
        values: Values by scripting name; all others are initial values.
        texts: Texts by scripting name or by the title in the Info View.
        told: Messages that scripts receive before they paint, by scripting name.
        mouse: Mouse events that follow, by scripting name.
        lamp: Colour of the lamp.
        theme: Name of the theme.
    """

    name: str
    device: Callable[[], Device]
    page: int = 0
    view: int = PAGES_OF_TABS
    folded: bool = False
    revealed: Mapping[str, bool] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    mouse: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    lamp: str = LAMPS["ok"]
    theme: str = "light"

    def width(self) -> int:
        """Return the width of the strip in pixels."""
        device = self.device()
        return device.folded_width if self.folded and device.folded_width else device.width

    def text_of(self, box: Mapping[str, Any], otherwise: str) -> str:
        """Return the text of a box in this state."""
        for key in (box.get("varname"), box.get("annotation_name")):
            if key in self.texts:
                return self.texts[str(key)]
        return otherwise
