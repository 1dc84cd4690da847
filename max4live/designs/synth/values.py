"""The path of a frame to the synth, what is stored in the Set, and the way to a plug-in on the same track."""

from max4live.builder.parameter import Kind, Parameter, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.frames import frame, remotes
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import button, label, menu, switch
from max4live.designs.synth.layout import EXPLORE, FOOT_Y, PAGE_WIDTH, PAGE_X, SETUP, setting

__all__ = ["add_frames", "add_values"]

_RESCAN_WIDTH = 44


def add_frames(patch: Patcher, link: Link, state: Box, told: Box, finder: Box, lanes: Box) -> Box:
    """Add the path of a frame to the synth, and what is stored in the Set.

    Args:
        patch: The device's patcher.
        link: The link to the server.
        state: The script that stores the sound.
        told: What that script tells the patch, by word.
        finder: The script that finds the synth's parameters by the model's names.
        lanes: The patcher that takes the values to the synth.

    Returns:
        A box that sends each frame, in 0 to 1, from its second outlet before the lanes get it.
    """
    check = patch.sub(frame())
    link.tell(patch, (finder, state))
    patch.wire(link.events, check[1])
    patch.wire(link.raw["params"], check[0])
    both = patch.obj("t l l")
    patch.wire(check, both)
    patch.wire(both[0], lanes[0])
    patch.wire(finder[3], link.status)
    for box in (finder, state):
        patch.wire(link.start, box)
    patch.wire(link.heard["name"], finder)
    patch.wire(link.heard["latent"], state)
    stored = patch.parameter("pattr flow_state", _STATE)
    patch.wire(stored, patch.obj("prepend restore"), patch.obj("deferlow"), state)
    patch.wire(state[0], link.server)
    patch.wire(state[1], check[2])
    if link.decoded:
        patch.wire(link.decoded, check[2])
    patch.wire(state[2], stored)
    patch.wire(state[4], link.status)
    patch.wire(told[2], patch.obj("prepend kind"), link.script)
    patch.wire(told[3], patch.obj("prepend known"), finder)
    asked = patch.obj("zl.reg")
    patch.wire(both[1], asked[1])
    patch.wire(told[1], asked[0])
    patch.wire(asked, patch.obj("prepend frame"), state)
    return both


def add_values(patch: Patcher, link: Link, state: Box, told: Box, home: Box) -> None:
    """Add the way to a plug-in on the same track, with Explore, Commit, Release."""
    bind, lanes = patch.js("fsl_bind.js", 1, 4), patch.sub(remotes())
    both = add_frames(patch, link, state, told, bind, lanes)
    patch.wire(bind[0], lanes[1])
    patch.wire(link.enabled, patch.obj("prepend active"), bind)
    patch.wire(home, bind)

    explored = switch(
        patch,
        EXPLORE,
        "Explore",
        "On: the macros move the synth without entries in Live's undo history; its own knobs are grey.",
        ("Explore", "Exploring"),
        on=True,
    )
    patch.wire(explored, patch.obj("prepend explore"), bind)
    commit, release = Rect(PAGE_X, FOOT_Y, PAGE_WIDTH, 16).columns(2)
    committed = button(
        patch,
        commit,
        "Commit",
        "Writes the current sound into the synth's own parameters, one undo entry for each that changed, "
        "and releases them.",
        "Commit",
    )
    kept = patch.obj("zl.reg")
    patch.wire(both[1], kept[1])
    patch.wire(committed, patch.obj("t b"), kept[0])
    patch.wire(kept, patch.obj("prepend commit"), bind)
    released = button(
        patch, release, "Release", "Releases the synth's parameters without writing anything.", "Release"
    )
    patch.wire(released, patch.obj("t b"), patch.message("release"), bind)
    now = patch.obj("route explore bound")
    patch.wire(bind[2], now, patch.obj("prepend set"), explored)
    patch.wire(now[1], patch.obj("prepend bound"), state)

    words, control = setting(0)
    label(patch, words, "Plug-in", page=SETUP)
    plugin = menu(
        patch,
        Rect(control.x, control.y, control.width - _RESCAN_WIDTH - 4, control.height),
        "Plug-in",
        "The plug-in on this track that the macros move; Automatic takes the one that fits best.",
        page=SETUP,
    )
    patch.wire(bind[1], plugin)
    patch.wire(plugin, patch.obj("prepend choose"), bind)
    at = Rect(control.right - _RESCAN_WIDTH, control.y, _RESCAN_WIDTH, control.height)
    scan = button(patch, at, "Rescan", "Looks for plug-ins on this track again.", "Rescan", SETUP)
    patch.wire(scan, patch.obj("t b"), patch.message("rescan"), bind)


_STATE = Parameter(
    name="Flow State",
    info="The current sound, stored in the Set.",
    kind=Kind.BLOB,
    visibility=Visibility.STORED,
)
