"""The page for the plug-in, the port and the model."""

from max4live.builder.patcher import Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import label, menu, text_field
from max4live.designs.synth.layout import PAGE_WIDTH, PAGE_X, SETUP, row
from server.osc.addresses import VERSION

__all__ = ["add_setup"]


def add_setup(patch: Patcher, link: Link) -> None:
    """Add the choice of a model, and the version."""
    script = patch.js("fsl_models.js", 1, 3)
    link.tell(patch, [script])
    patch.wire(link.heard["model"], script)
    patch.wire(script[0], link.server)
    patch.wire(script[2], link.status)
    listed = menu(patch, row(3, 0, 2), "Model", "Models of the server; pick one to load it.", page=SETUP)
    patch.wire(script[1], listed)
    patch.wire(listed, patch.obj("prepend pick"), script)
    typed = text_field(
        patch,
        row(3, 1, 2),
        "Model Name",
        "Name of another model of the server; press Return to load it.",
        "vital-32",
        SETUP,
    )
    patch.wire(typed, patch.obj("route text"), patch.obj("prepend load"), script)
    online, name = patch.obj("route online"), patch.obj("zl.nth 5")  # RUN M D P MODEL SYNTH
    patch.wire(link.events, online, name)
    patch.wire(name, patch.obj("prepend set"), typed)
    label(patch, Rect(PAGE_X - 3, 27, PAGE_WIDTH, 18), "Plug-in that the macros move", page=SETUP)
    label(patch, Rect(PAGE_X - 3, 65, 78, 18), "Server's port", page=SETUP)
    label(patch, Rect(PAGE_X - 3, 122, PAGE_WIDTH, 18), f"Flow Synth Live {VERSION}", page=SETUP)
