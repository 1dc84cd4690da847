"""Which instrument of the server a device plays, and what Live tells of its track."""

from max4live.builder.parameter import Kind, Parameter, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import menu, switch

__all__ = ["add_focus_switch", "add_home", "add_instrument", "add_menu", "add_track_sound"]


def add_home(patch: Patcher) -> Box:
    """Return what sends `home` when the device or its track is moved, as in Ableton's Connection Kit."""
    path, home = patch.obj("live.path this_device canonical_parent"), patch.obj("prepend home")
    patch.wire(path[1], patch.obj("deferlow"), home)
    return home


def add_instrument(patch: Patcher, link: Link, kind: str) -> Box:
    """Add the script that follows the server's list of instruments, and return it.

    Args:
        patch: The device's patcher.
        link: The link to the server, which has to hear `instrument`.
        kind: Kind of device for the script: `synth`, `sketch` or `cc`.
    """
    script = patch.js("fsl_instrument.js", 1, 5, kind)
    link.tell(patch, [script])
    patch.wire(link.start, script)
    patch.wire(link.heard["instrument"], script)
    patch.wire(script[0], link.server)
    patch.wire(script[2], link.script)
    patch.wire(script[4], link.status)
    return script


def add_menu(patch: Patcher, script: Box, at: Rect, info: str, first: str, page: int | None = None) -> None:
    """Add the menu of instruments."""
    listed = menu(patch, at, "Sound", info, (first,), page)
    patch.wire(script[1], listed)
    patch.wire(listed, patch.obj("prepend pick"), script)


def add_focus_switch(patch: Patcher, script: Box, at: Rect, page: int) -> None:
    """Add the switch for what selecting the track does."""
    pressed = switch(
        patch,
        at,
        "Focus on Select",
        "On: when you select this track in Live, the panel, controllers and sketches act on its sound.",
        ("Changes nothing", "Takes the focus"),
        short="Focus",
        on=True,
        page=page,
    )
    patch.wire(pressed, patch.obj("prepend focus"), script)


def add_track_sound(patch: Patcher, script: Box, at: Rect) -> None:
    """Add the choice of an instrument to a device that has none of its own, and keep it in the Set."""
    info = "The sound that is sent: that of the Flow Synth on this track, or on another track, by its name."
    add_menu(patch, script, at, info, "This track")
    kept = patch.parameter("pattr flow_link", _LINK)
    patch.wire(script[3], kept)
    patch.wire(kept, patch.obj("prepend restore"), patch.obj("deferlow"), script)


_LINK = Parameter(
    name="Flow Link",
    info="The sound that is sent, stored in the Set.",
    kind=Kind.BLOB,
    visibility=Visibility.STORED,
)
