"""The page for the plug-in, the port and the model. Rows 4 to 6 are free."""

from max4live.builder.patcher import Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import label, menu
from max4live.designs.synth.layout import SETUP, setting
from server.osc.addresses import VERSION

__all__ = ["add_setup", "port_setting"]

PORT_WIDTH = 50


def add_setup(patch: Patcher, link: Link) -> None:
    """Add the choice of a model, and the version."""
    script = patch.js("fsl_models.js", 1, 3)
    link.tell(patch, [script])
    patch.wire(link.heard["model"], script)
    patch.wire(script[0], link.server)
    patch.wire(script[2], link.status)
    words, control = setting(1)
    label(patch, words, "Model", page=SETUP)
    listed = menu(patch, control, "Model", "Models of the server; pick one to load it.", page=SETUP)
    patch.wire(script[1], listed)
    patch.wire(listed, patch.obj("prepend pick"), script)
    words, control = setting(3)
    label(patch, words, "Server's port", page=SETUP)
    beside = Rect(control.x + PORT_WIDTH, words.y, control.width - PORT_WIDTH, words.height)
    label(patch, beside, f"Version {VERSION}", page=SETUP, right=True)


def port_setting() -> Rect:
    """Return where the field for the server's port is."""
    _, control = setting(3)
    return Rect(control.x, control.y, PORT_WIDTH, control.height)
