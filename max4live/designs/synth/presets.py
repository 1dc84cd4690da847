"""Presets: previous, menu and next under the map; names, kinds and Vary on a page."""

from max4live.builder.parameter import Parameter, Unit
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.addresses import to_server
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import DIAL_HEIGHT_PX, button, dial, label, line, menu, text_field
from max4live.designs.parts.presses import Presses
from max4live.designs.synth.layout import (
    DIAL_WIDTH,
    MAP_ROW,
    MAP_VIEW,
    PAGE_WIDTH,
    PAGE_X,
    PRESETS,
    STEP_WIDTH,
    row,
)

__all__ = ["add_presets"]

_GAP = 2


def add_presets(
    patch: Patcher, link: Link, speak: Box, acted: Box, loaded: Port, picture: Box, presses: Presses
) -> None:
    """Add the menu of presets between previous and next, the page for names and kinds, and Vary.

    Args:
        patch: The device's patcher.
        link: The link to the server.
        speak: The gate to the server, closed while a Set opens.
        acted: Hears of everything that moves the sound here.
        loaded: Sends the name of the preset that plays, as the map knows it.
        picture: The map, which shows the kind that was chosen.
        presses: Tells which mapped button was pressed.
    """
    script = patch.js("fsl_presets.js", 1, 5)
    link.tell(patch, [script])
    for word in ("preset", "kind"):
        patch.wire(link.heard[word], script)
    patch.wire(script[0], link.server)
    patch.wire(script[0], acted)
    patch.wire(script[2], link.status)
    patch.wire(script[4], picture)
    patch.wire(loaded, patch.obj("prepend loaded"), script)

    wide = MAP_ROW.width - 2 * (STEP_WIDTH + _GAP)
    listed = menu(
        patch,
        Rect(MAP_ROW.x + STEP_WIDTH + _GAP, MAP_ROW.y, wide, MAP_ROW.height),
        "Preset",
        "Presets of the model and your own; pick one to load it.",
        page=MAP_VIEW,
    )
    patch.wire(script[1], listed)
    patch.wire(listed, patch.obj("prepend pick"), script)
    for name, step, x in (("Previous", -1, MAP_ROW.x), ("Next", 1, MAP_ROW.right - STEP_WIDTH)):
        pressed = presses.add(
            patch,
            Rect(x, MAP_ROW.y, STEP_WIDTH, MAP_ROW.height),
            f"{name} Preset",
            f"Loads the {name.lower()} preset of the menu; map a pad or a foot switch to it.",
            name[:4],
            MAP_VIEW,
            icon=f"fsl_{name.lower()}.svg",
        )
        patch.wire(pressed, patch.message(f"step {step}"), script)

    label(patch, Rect(PAGE_X - 3, 27, 100, 18), "Kind of sound", page=PRESETS)
    kinds = menu(
        patch,
        row(0, 1, 2),
        "Kind",
        "The menu of presets, Previous and Next go through this kind; the map shows the others faintly.",
        ("All kinds",),
        page=PRESETS,
    )
    patch.wire(script[3], kinds)
    patch.wire(kinds, patch.obj("prepend only"), script)
    _names(patch, script)
    line(patch, Rect(PAGE_X, 88, PAGE_WIDTH, 5), PRESETS)
    _vary(patch, speak, acted, presses)


def _names(patch: Patcher, script: Box) -> None:
    """Add the field for a name, and what is done under it."""
    typed = text_field(
        patch, row(1), "Preset Name", "Name of the preset to save or to export.", "My Sound", PRESETS
    )
    ways = patch.obj("gate 2")
    patch.wire(typed, patch.obj("route text"), ways[1])
    actions = (
        ("Save", "Saves the current sound under the name above, on the server."),
        ("Export", "Writes the current sound to a preset file of the synth, under the name above."),
    )
    for k, (action, info) in enumerate(actions):
        pressed = button(patch, row(2, k, 3), f"{action} Preset", info, action, PRESETS)
        order = patch.obj("t b b b")
        patch.wire(pressed, order)
        # Right to left: open this gate, make the field send its text, close the gate again.
        patch.wire(order[2], patch.message(str(k + 1)), ways[0])
        patch.wire(order[1], patch.message("bang"), typed)
        patch.wire(order[0], patch.message("0"), ways[0])
        patch.wire(ways[k], patch.obj(f"prepend {action.lower()}"), script)
    again = "Loads the preset of the menu again, as it was before you turned dials."
    pressed = button(patch, row(2, 2, 3), "Load Preset", again, "Load Again", PRESETS)
    patch.wire(pressed, patch.obj("t b"), patch.message("again"), script)


def _vary(patch: Patcher, speak: Box, acted: Box, presses: Presses) -> None:
    """Add the button that goes to a random sound nearby, and how far that may be."""
    amount = Parameter(
        name="Vary Amount",
        short="Amount",
        info="How different a variation is: 0 is the same sound, 2 is often another kind of sound.",
        high=2.0,
        initial=0.3,
        unit=Unit.FLOAT,
    )
    far = dial(patch, Rect(PAGE_X, 94, DIAL_WIDTH, DIAL_HEIGHT_PX), amount, PRESETS)
    at = Rect(PAGE_X + 60, 106, 70, 20)
    vary = presses.add(patch, at, "Vary", "Goes to a random sound nearby; held macros stay.", "Vary", PRESETS)
    drawn = patch.obj("f 0.3")
    patch.wire(far, drawn[1])
    patch.wire(vary, drawn[0])
    patch.wire(drawn, patch.obj(f"prepend {to_server('vary')}"), speak[1])
    patch.wire(drawn, acted)
    label(patch, Rect(PAGE_X + 133, 107, 93, 18), "Held macros stay.", page=PRESETS)
