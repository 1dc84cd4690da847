"""How the controls look: Live's own colours and sizes, one accent, labels that fit."""

from typing import Any

from max4live.builder.parameter import Kind, Parameter, Unit, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect

__all__ = [
    "DIAL_HEIGHT_PX",
    "LINE_PX",
    "ROW_PX",
    "button",
    "choice",
    "dial",
    "label",
    "lamp",
    "line",
    "menu",
    "number",
    "switch",
    "text_field",
]

ROW_PX = 16  # a menu, a button, a line of text
DIAL_HEIGHT_PX = 48
LINE_PX = 12  # of a text that is wrapped
_FONT: dict[str, Any] = {"fontname": "Ableton Sans Medium", "fontsize": 9.5}
LAMP_COLOURS = ((0.30, 0.69, 0.31), (0.93, 0.66, 0.20), (0.82, 0.27, 0.24))  # ok, degraded, broken


def _theme(**tokens: str) -> dict[str, Any]:
    """Bind colours to those of Live's theme."""
    return {
        "saved_attribute_attributes": {
            key: {"expression": f"themecolor.{token}"} for key, token in tokens.items()
        }
    }


def label(
    patch: Patcher, rect: Rect, text: str, name: str = "", page: int | None = None, right: bool = False
) -> Box:
    """Add a line of text to the strip; with a name, the patch can change it."""
    keys = {**_FONT, "text": text, "textjustification": 2 if right else 0}
    if name:
        keys["varname"] = name
    return patch.ui("comment", rect, page=page, **keys, **_theme(textcolor="live_control_fg"))


def line(patch: Patcher, rect: Rect, page: int | None = None) -> Box:
    """Add a line to the strip along the longer side of a rectangle, at its left or its top."""
    return patch.ui("live.line", rect, page=page, **_theme(linecolor="live_contrast_frame"))


def dial(patch: Patcher, rect: Rect, parameter: Parameter, page: int | None = None) -> Box:
    """Add a dial to the strip, with its name above and its value below."""
    return patch.ui("live.dial", rect, parameter, page=page)


def number(
    patch: Patcher, rect: Rect, parameter: Parameter, page: int | None = None, shown_only: bool = False
) -> Box:
    """Add a number to the strip; with `shown_only` it ignores clicks."""
    keys: dict[str, Any] = {"ignoreclick": 1} if shown_only else {}
    return patch.ui("live.numbox", rect, parameter, page=page, **keys)


def switch(
    patch: Patcher,
    rect: Rect,
    name: str,
    info: str,
    texts: tuple[str, str],
    *,
    short: str = "",
    title: str = "",
    on: bool = False,
    visibility: Visibility = Visibility.STORED,
    page: int | None = None,
    icons: tuple[str, str] | None = None,
    lit: bool = True,
) -> Box:
    """Add a switch to the strip that shows the first text, or icon, when off, and the second when on.

    Unless it is `lit`, only its text or icon shows that it is on.
    """
    parameter = Parameter(
        name=name,
        short=short or name[:8],
        title=title,
        info=info,
        kind=Kind.ENUM,
        choices=("Off", "On"),
        initial=float(on),
        visibility=visibility,
    )
    keys = _icons(*icons) if icons else {}
    if not lit:
        keys |= _theme(activebgoncolor="live_control_bg", activetextoncolor="live_control_fg")
    return patch.ui("live.text", rect, parameter, page=page, mode=1, text=texts[0], texton=texts[1], **keys)


def _icons(off: str, on: str) -> dict[str, Any]:
    """Show pictures instead of text, in the colours of the theme."""
    return {"pictures": [off, on], "usepicture": 1, "usesvgviewbox": 1, "remapsvgcolors": 1}


def button(
    patch: Patcher,
    rect: Rect,
    name: str,
    info: str,
    text: str,
    page: int | None = None,
    icon: str = "",
) -> Box:
    """Add a button to the strip, with a text or an icon, that bangs when the mouse button is released.

    Live cannot map it to MIDI or to a key: see `max4live.designs.parts.presses`.
    """
    parameter = Parameter(
        name=name,
        short=text[:8],
        info=info,
        kind=Kind.ENUM,
        choices=("Off", "On"),
        visibility=Visibility.HIDDEN,
    )
    keys = _icons(icon, icon) if icon else {}
    return patch.ui(
        "live.text", rect, parameter, page=page, mode=0, outputmode=1, text=text, texton=text, **keys
    )


def choice(
    patch: Patcher,
    rect: Rect,
    parameter: Parameter,
    page: int | None = None,
) -> Box:
    """Add an enumeration to the strip as tabs."""
    return patch.ui("live.tab", rect, parameter, page=page, num_lines_patching=1, num_lines_presentation=1)


def menu(
    patch: Patcher, rect: Rect, name: str, info: str, items: tuple[str, ...] = (), page: int | None = None
) -> Box:
    """Add a menu to the strip that the patch fills; it is not a Live parameter."""
    listed = [part for item in items for part in (item, ",")][:-1]
    keys = {**_FONT, "items": listed, **_theme(bgfillcolor="live_control_bg", textcolor="live_control_fg")}
    return patch.ui("umenu", rect, info=(name, info), page=page, **keys)


def text_field(patch: Patcher, rect: Rect, name: str, info: str, text: str, page: int | None = None) -> Box:
    """Add a field to the strip for typing a name; the Return key sends it."""
    keys = {**_FONT, "text": text, "keymode": 1, "lines": 1, "wordwrap": 0, "rounded": 0.0}
    colours = _theme(bgcolor="live_lcd_bg", textcolor="live_lcd_control_fg")
    return patch.ui("textedit", rect, info=(name, info), page=page, outputmode=1, **keys, **colours)


def lamp(patch: Patcher, rect: Rect) -> tuple[Box, Box]:
    """Add a lamp to the strip; return the `sel 0 1 2` that colours it, and the lamp."""
    box = patch.ui("panel", rect, varname="lamp", rounded=rect.height, bgcolor=[0.5, 0.5, 0.5, 1.0], border=0)
    which = patch.obj("sel 0 1 2")
    for k, colour in enumerate(LAMP_COLOURS):
        patch.wire(
            which[k], patch.message("bgfillcolor " + " ".join(f"{v:.2f}" for v in (*colour, 1.0))), box
        )
    return which, box


def percent(name: str, short: str, info: str, initial: float = 0.0) -> Parameter:
    """Return an automated parameter from 0 to 100 %."""
    return Parameter(name=name, short=short, info=info, high=100.0, unit=Unit.PERCENT, initial=initial)
