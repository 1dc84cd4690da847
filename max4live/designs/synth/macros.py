"""The eight dials: each sends to the server, follows it at rest, and can be frozen."""

from max4live.builder.parameter import Kind, Parameter, Visibility
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.addresses import to_server
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import DIAL_HEIGHT_PX, choice, dial, label, percent, switch
from max4live.designs.parts.numbers import counted
from max4live.designs.synth.layout import DIAL_COLUMN, DIAL_WIDTH, MACROS, N_MACROS, SETUP, setting

__all__ = ["add_macros", "dial_label"]

_ROW_PX, _LOCK_WIDTH = 63, 18  # from one row of dials to the next; of the lock under a dial
_LONGEST = 11  # characters that fit a dial of 56 px; as in fsl_dials.js


def dial_label(name: str) -> str:
    """Return a macro's name as its dial shows it, shortened if it does not fit."""
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "."


def add_macros(patch: Patcher, link: Link, speak: Box, *, state: Box, told: Port, home: Box) -> list[Box]:
    """Add the dials: each sends to the server, follows it at rest, shows its name and can be held.

    Args:
        patch: The device's patcher.
        link: The link to the server.
        speak: The gate to the server for what dials say.
        state: The script that stores the sound; it learns who turns the dials.
        told: Sends `follow` when the dials may move by themselves, `baseline` when they must not.
        home: Sends `home` when the device or its track is moved.
    """
    script, turned = patch.js("fsl_dials.js", 1, 3), patch.obj("r ---flow_macro")
    link.tell(patch, [script])
    patch.wire(script[2], state)
    for source in (link.start, link.heard["macroname"], link.heard["macros"], turned, told, home):
        patch.wire(source, script)
    names, positions = (patch.obj("route " + counted(N_MACROS)) for _ in range(2))
    patch.wire(script[0], names)
    patch.wire(script[1], positions)
    follows = Parameter(
        name="Dials",
        info="Follow: the dials go where a preset, a path or another device takes the sound. Stay: only you "
        "and automation turn them, and a preset is never more than one entry in Live's undo history.",
        kind=Kind.ENUM,
        choices=("Follow", "Stay"),
        visibility=Visibility.STORED,
    )
    words, control = setting(2)
    label(patch, words, "Dials after a preset", page=SETUP)
    patch.wire(choice(patch, control, follows, SETUP), patch.obj("prepend stay"), script)

    online, frozen = patch.obj("t b"), patch.obj("route " + counted(N_MACROS))
    patch.wire(link.events, patch.obj("route online"), online)
    patch.wire(link.heard["frozen"], patch.obj("route frozen"), frozen)
    label(patch, Rect(5, 2, 100, 18), "Macros")
    dials = []
    for k, name in enumerate(MACROS):
        x, y = 8 + DIAL_COLUMN * (k % 4), 20 + _ROW_PX * (k // 4)
        info = f"Macro {k + 1}: a direction in the space of sounds; its name comes from the server."
        box = dial(patch, Rect(x, y, DIAL_WIDTH, DIAL_HEIGHT_PX), percent(name, name, info, 50.0))
        value = patch.obj("* 0.01")
        patch.wire(box, value, patch.obj(f"prepend {to_server('macro')} {k}"), speak[1])
        patch.wire(value, patch.obj(f"prepend macro {k}"), patch.obj("s ---flow_macro"))
        patch.wire(positions[k], patch.obj("* 100."), patch.obj("prepend set"), box)
        patch.wire(names[k], patch.obj("prepend _parameter_shortname"), box)
        dials.append(box)

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
    return dials


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
