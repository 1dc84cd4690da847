"""The page of the plug-in, the port and the model."""

from max4live.builder.patcher import Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.addresses import to_server
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import label, menu, text_field
from max4live.designs.synth.place import PAGE_WIDTH, PAGE_X, SETUP, row
from server.addresses import VERSION

__all__ = ["add_setup"]

MODELS = ("vital-32",)  # those that come with the project; the field beside the menu takes any other


def add_setup(patch: Patcher, link: Link) -> None:
    """Add the choice of a model, and what version this is."""
    listed = menu(patch, row(3, 0, 2), "Model", "Models that come with the project.", MODELS, page=SETUP)
    typed = text_field(
        patch,
        row(3, 1, 2),
        "Model Name",
        "Another model of the server, by its name; Return loads it.",
        MODELS[0],
        SETUP,
    )
    ask = patch.obj(f"prepend {to_server('model')}")
    patch.wire(listed[1], ask, link.server)
    patch.wire(typed, patch.obj("route text"), ask)
    online, name = patch.obj("route online"), patch.obj("zl.nth 5")  # RUN M D P MODEL SYNTH
    patch.wire(link.events, online, name)
    patch.wire(name, patch.obj("prepend setsymbol"), listed)
    patch.wire(name, patch.obj("prepend set"), typed)
    label(patch, Rect(PAGE_X - 3, 27, PAGE_WIDTH, 18), "Plug-in that the macros move", page=SETUP)
    label(patch, Rect(PAGE_X - 3, 65, 78, 18), "Server's port", page=SETUP)
    label(patch, Rect(PAGE_X - 3, 122, PAGE_WIDTH, 18), f"Flow Synth Live {VERSION}", page=SETUP)
