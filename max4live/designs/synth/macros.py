"""The eight dials: each turns the sound, shows where that is, and can be frozen."""

from max4live.builder.parameter import Visibility
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.addresses import to_server
from max4live.designs.parts.colours import add_colours
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import DIAL_HEIGHT_PX, dial, percent, switch
from max4live.designs.parts.numbers import counted
from max4live.designs.synth.layout import DIAL_COLUMN, DIAL_ROW, DIAL_WIDTH, DIALS, MACROS, N_MACROS

__all__ = ["add_macros", "dial_label"]

_LOCK_WIDTH = 18  # of the lock under a dial
_LONGEST = 11  # characters that fit a dial of 56 px; as in fsl_dials.js


def dial_label(name: str) -> str:
    """Return a macro's name as its dial shows it, shortened if it does not fit."""
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "."


def add_macros(patch: Patcher, link: Link, speak: Box, *, state: Box, home: Box) -> None:
    """Add the dials: each turns the sound, shows its name and where the sound is, and can be held.

    A dial sends to the server by itself while it is where the sound is, and while automation plays it;
    otherwise its script tells the server where it takes the sound.

    Args:
        patch: The device's patcher.
        link: The link to the server.
        speak: The gate to the server for what dials say.
        state: The script that stores the sound; it learns who turns the dials.
        home: Sends `home` when the device or its track is moved.
    """
    script = patch.js("fsl_dials.js", 1, 5)
    link.tell(patch, [script])
    patch.wire(script[2], state)
    for source in (link.start, link.heard["macroname"], link.heard["macros"], home):
        patch.wire(source, script)
    names, sounds, direct = (patch.obj("route " + counted(N_MACROS)) for _ in range(3))
    for outlet, each in ((0, names), (1, sounds), (3, direct)):
        patch.wire(script[outlet], each)
    _add_marks(patch, link, script[4])
    online, frozen = patch.obj("t b"), patch.obj("route " + counted(N_MACROS))
    patch.wire(link.events, patch.obj("route online"), online)
    patch.wire(link.heard["frozen"], patch.obj("route frozen"), frozen)
    for k, name in enumerate(MACROS):
        x, y = DIALS.x + DIAL_COLUMN * (k % 4), DIALS.y + DIAL_ROW * (k // 4)
        info = f"Macro {k + 1}: a direction in the space of sounds; its name comes from the server."
        box = dial(patch, Rect(x, y, DIAL_WIDTH, DIAL_HEIGHT_PX), percent(name, name, info, 50.0))
        value, by_itself, sound = patch.obj("* 0.01"), patch.obj("gate 1 1"), patch.obj("t f f")
        patch.wire(box, value, patch.obj(f"prepend dial {k}"), script)
        patch.wire(value, by_itself[1], sound)
        patch.wire(direct[k], by_itself[0])
        patch.wire(sounds[k], sound)
        patch.wire(sound[0], patch.obj(f"prepend macro {k}"), patch.obj("s ---flow_macro"))
        patch.wire(sound[1], patch.obj(f"prepend {to_server('macro')} {k}"), speak[1])
        patch.wire(names[k], patch.obj("prepend _parameter_shortname"), box)

        # Its long name is older than its text, and never changes.
        freeze = switch(
            patch,
            Rect(x + (DIAL_WIDTH - _LOCK_WIDTH) // 2, y + DIAL_HEIGHT_PX, _LOCK_WIDTH, 13),
            f"Freeze {k + 1}",
            f"Holds macro {k + 1} where it is while presets, paths, sketches and variations move the others.",
            ("Hold", "Held"),
            short=f"Hold {k + 1}",
            title=f"Hold {k + 1}",
            icons=("fsl_hold.svg", "fsl_held.svg"),
            visibility=Visibility.AUTOMATED,
        )
        _wire_freeze(patch, link, speak, freeze, k, online, frozen[k])


def _add_marks(patch: Patcher, link: Link, marks: Port) -> None:
    """Add the picture behind the dials that shows where the sound is."""
    picture = patch.ui(
        "jsui",
        DIALS,
        info=("Sound", "The dot is where the sound is; turn the dial to take it from there."),
        varname="marks",
        filename="fsl_marks.js",
        parameter_enable=0,
        background=1,
        ignoreclick=1,
    )
    patch.wire(marks, picture)
    add_colours(patch, link, [picture])


def _wire_freeze(
    patch: Patcher, link: Link, speak: Box, freeze: Box, k: int, online: Box, frozen: Port
) -> None:
    """Wire the switch that freezes macro k, and that shows when another client has done so."""
    address = f"{to_server('freeze')} {k}"
    patch.wire(freeze, patch.obj(f"prepend {address}"), speak[1])
    held = patch.obj("i")
    patch.wire(freeze, held[1])
    # A server that has restarted, or has changed its model, has no frozen macros.
    patch.wire(online, held[0])
    patch.wire(held, patch.obj("sel 1"), patch.message(f"{address} 1"), link.server)
    # Its own echo must not write the switch again: each write may be an entry in Live's undo history.
    news, both = patch.obj("change 0"), patch.obj("t i i")
    patch.wire(freeze, patch.obj("prepend set"), news)
    patch.wire(frozen, patch.obj("unpack 0"), news, both)
    patch.wire(both[1], held[1])
    patch.wire(both[0], patch.obj("prepend set"), freeze)
