"""The list of people's own presets, in the place of the map: by name, style and ear, played by a click."""

from max4live.builder.objects import Ports
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.colours import add_colours
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import button, menu, text_field
from max4live.designs.parts.presses import Presses
from max4live.designs.synth.layout import MAP, MAP_ROW, MINE_VIEW, STEP_WIDTH

__all__ = ["HEARD", "add_library"]

HEARD = ("library/state", "library/preset", "library/style", "library/like", "own/progress")
_STYLES_WIDTH, _GAP = 70, 2


def add_library(patch: Patcher, link: Link, presses: Presses) -> Box:
    """Add the list; it wants `view` from the tabs.

    Args:
        patch: The device's patcher.
        link: The link to the server, which hears `HEARD`.
        presses: Tells which mapped button was pressed.
    """
    field_at = Rect(MAP.x, MAP.y, MAP.width - _STYLES_WIDTH - _GAP, 16)
    list_y = field_at.bottom + _GAP
    listed = patch.ui(
        "jsui",
        Rect(MAP.x, list_y, MAP.width, MAP.bottom - list_y),
        info=(
            "Presets of Yours",
            "Vital presets of your own, which the server finds. Click one to play it, and open it in Vital "
            "as well: the device turns its controls, and Vital has its wiring and its wavetables.",
        ),
        ports=Ports(1, ("", "", "", "")),
        page=MINE_VIEW,
        varname="library",
        filename="fsl_library.js",
        parameter_enable=0,
    )
    link.tell(patch, [listed])
    for word in (*HEARD, "error"):
        patch.wire(link.heard[word], listed)
    patch.wire(listed[0], link.server)
    patch.wire(listed[1], link.status)
    add_colours(patch, link, [listed])
    typed = text_field(
        patch,
        field_at,
        "Find a Preset",
        "Type parts of a name, an author or a style, and press Return; nothing for all.",
        "Find",
        MINE_VIEW,
    )
    patch.wire(typed, patch.obj("route text"), patch.obj("prepend find"), listed)
    patch.wire(listed[3], typed)
    styles = menu(
        patch,
        Rect(MAP.right - _STYLES_WIDTH, MAP.y, _STYLES_WIDTH, 16),
        "Style",
        "Lists presets of this style alone; Previous and Next go through them.",
        ("All styles",),
        page=MINE_VIEW,
    )
    patch.wire(listed[2], styles)
    patch.wire(styles, patch.obj("prepend pick"), listed)
    _buttons(patch, listed, presses)
    return listed


def _buttons(patch: Patcher, listed: Box, presses: Presses) -> None:
    """Add previous and next, and what lists the presets that sound alike between them."""
    for name, step, x in (("Previous", -1, MAP_ROW.x), ("Next", 1, MAP_ROW.right - STEP_WIDTH)):
        pressed = presses.add(
            patch,
            Rect(x, MAP_ROW.y, STEP_WIDTH, MAP_ROW.height),
            f"{name} of Mine",
            f"Plays the {name.lower()} preset of the list; map a pad or a foot switch to it.",
            name[:4],
            MINE_VIEW,
            icon=f"fsl_{name.lower()}.svg",
            word=f"{name.lower()}_mine",
        )
        patch.wire(pressed, patch.message(f"step {step}"), listed)
    between = Rect(MAP_ROW.x + STEP_WIDTH + _GAP, MAP_ROW.y, MAP_ROW.width - 2 * (STEP_WIDTH + _GAP), 16)
    info = "Lists the presets that sound most like the one that plays, nearest first; the cross leads back."
    alike = button(patch, between, "More Like This", info, "More Like This", MINE_VIEW)
    patch.wire(alike, patch.obj("t b"), patch.message("alike"), listed)
