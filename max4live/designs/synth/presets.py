"""The page for presets."""

from max4live.builder.parameter import Parameter, Unit
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.addresses import to_server
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import button, dial, label, menu, text_field
from max4live.designs.synth.layout import DIAL_WIDTH, PAGE_WIDTH, PAGE_X, PRESETS, row

__all__ = ["add_presets"]

_STEP_WIDTH = 40  # of Previous and Next


def add_presets(patch: Patcher, link: Link, speak: Box, acted: Box, loaded: Port) -> None:
    """Add the menu of presets with previous and next, the field for a name with its buttons, and Vary.

    Args:
        patch: The device's patcher.
        link: The link to the server.
        speak: The gate to the server, closed while a Set opens: a mapped button may bang then.
        acted: Hears of everything that moves the sound here.
        loaded: Sends the name of a preset that the map has loaded.
    """
    script = patch.js("fsl_presets.js", 1, 3)
    link.tell(patch, [script])
    patch.wire(link.heard["preset"], script)
    patch.wire(script[0], link.server)
    patch.wire(script[0], acted)
    patch.wire(script[2], link.status)
    listed = menu(
        patch,
        Rect(PAGE_X, 28, PAGE_WIDTH - 2 * _STEP_WIDTH - 8, 16),
        "Preset",
        "Presets of the model and your own; pick one to load it.",
        page=PRESETS,
    )
    patch.wire(script[1], listed)
    patch.wire(listed, patch.obj("prepend pick"), script)
    patch.wire(loaded, patch.obj("prepend loaded"), script)
    for k, (name, step) in enumerate((("Previous", -1), ("Next", 1))):
        at = Rect(PAGE_X + PAGE_WIDTH - (2 - k) * _STEP_WIDTH - (1 - k) * 4, 28, _STEP_WIDTH, 16)
        info = f"Loads the {name.lower()} preset of the menu; map a pad or a foot switch to it."
        pressed = button(patch, at, f"{name} Preset", info, name[:4], PRESETS, mapped=True)
        patch.wire(pressed, patch.obj("t b"), patch.message(f"step {step}"), script)

    typed = text_field(
        patch,
        row(1),
        "Preset Name",
        "Name of the preset to load, to save or to export.",
        "My Sound",
        PRESETS,
    )
    ways = patch.obj("gate 3")
    patch.wire(typed, patch.obj("route text"), ways[1])
    actions = (
        ("Load", "Loads the preset with the name above."),
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

    amount = Parameter(
        name="Vary Amount",
        short="Amount",
        info="How far a variation may be from the current sound, in standard deviations.",
        high=2.0,
        initial=0.3,
        unit=Unit.CUSTOM,
        unit_text="%.2f sd",
    )
    far = dial(patch, Rect(PAGE_X, 90, DIAL_WIDTH, 48), amount, PRESETS)
    vary = button(
        patch,
        Rect(PAGE_X + 60, 104, 70, 20),
        "Vary",
        "Goes to a random sound nearby; held macros stay.",
        "Vary",
        PRESETS,
        mapped=True,
    )
    drawn = patch.obj("f 0.3")
    patch.wire(far, drawn[1])
    patch.wire(vary, patch.obj("t b"), drawn[0])
    patch.wire(drawn, patch.obj(f"prepend {to_server('vary')}"), speak[1])
    patch.wire(drawn, acted)
    label(patch, Rect(PAGE_X + 134, 105, 92, 18), "a sound close by", page=PRESETS)
