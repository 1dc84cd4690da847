"""The page for the plug-in, the port, the model and the sound that is shared."""

from max4live.builder.parameter import Kind, Parameter, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.instrument import add_focus_switch, add_menu
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import choice, label, menu
from max4live.designs.synth.layout import SETUP, setting
from server.osc.addresses import VERSION

__all__ = ["add_setup", "port_setting"]

PORT_WIDTH = 50


def add_setup(patch: Patcher, link: Link, instrument: Box, decoder: Box | None) -> None:
    """Add the choice of a model, of a sound to share and of who decodes, the focus, and the version."""
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
    words, control = setting(2)
    label(patch, words, "Server's port", page=SETUP)
    beside = Rect(control.x + PORT_WIDTH, words.y, control.width - PORT_WIDTH, words.height)
    label(patch, beside, f"Version {VERSION}", page=SETUP, right=True)
    words, control = setting(4)
    label(patch, words, "Sound", page=SETUP)
    shared = "Its own sound, or that of the Flow Synth on another track: both then play and turn one sound."
    add_menu(patch, instrument, control, shared, "Own sound", SETUP)
    words, control = setting(5)
    label(patch, words, "Selecting the track", page=SETUP)
    add_focus_switch(patch, instrument, control, SETUP)
    if decoder:
        _add_switch(patch, decoder)


def _add_switch(patch: Patcher, decoder: Box) -> None:
    """Add the choice of who decodes."""
    decode = Parameter(
        name="Decode",
        info="What turns macros into the synth's parameters. Auto: the server, and this device while no "
        "server answers. Device: always this device, which an export needs. Server: the server alone.",
        kind=Kind.ENUM,
        choices=("Auto", "Server", "Device"),
        visibility=Visibility.STORED,
    )
    words, control = setting(3)
    label(patch, words, "Decode", page=SETUP)
    patch.wire(choice(patch, control, decode, SETUP), patch.obj("prepend decode"), decoder)


def port_setting() -> Rect:
    """Return where the field for the server's port is."""
    _, control = setting(2)
    return Rect(control.x, control.y, PORT_WIDTH, control.height)
