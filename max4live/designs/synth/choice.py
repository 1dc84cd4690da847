"""The page of macros: which is on each dial, what it is called, and macros of the player's own."""

from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import button, label, line, menu, text_field
from max4live.designs.synth.layout import CHOICE, PAGE_WIDTH, PAGE_X, row

__all__ = ["add_choice"]

_RENAME_WIDTH, _GAP = 70, 3


def add_choice(patch: Patcher, link: Link) -> None:
    """Add the page."""
    script = patch.js("fsl_choice.js", 1, 6)
    link.tell(patch, [script])
    for word in ("macroname", "macro/known", "own"):
        patch.wire(link.heard[word], script)
    patch.wire(script[0], link.server)
    patch.wire(script[5], link.status)
    _menus(patch, script)
    typed = text_field(
        patch,
        Rect(PAGE_X, row(1).y, PAGE_WIDTH - _RENAME_WIDTH - _GAP, row(1).height),
        "Macro Name",
        "A name for the macro of the dial above, or for a new one of your own.",
        "Name",
        CHOICE,
    )
    patch.wire(script[3], typed)
    line(patch, Rect(PAGE_X, 68, PAGE_WIDTH, 5), CHOICE)
    label(patch, Rect(PAGE_X - 3, 72, PAGE_WIDTH + 6, 18), "Your own macro leads from A to B", page=CHOICE)
    gathered = label(
        patch, Rect(PAGE_X - 3, 108, PAGE_WIDTH + 6, 18), "A: no sounds, B: no sounds", "gathered", CHOICE
    )
    patch.wire(script[4], gathered)
    _actions(patch, script, typed)


def _menus(patch: Patcher, script: Box) -> None:
    dials = menu(
        patch,
        row(0, 0, 2),
        "Dial",
        "The dial that this page is about.",
        tuple(f"Dial {k + 1}" for k in range(8)),
        CHOICE,
    )
    patch.wire(script[1], dials)
    patch.wire(dials, patch.obj("prepend dial"), script)
    macros = menu(
        patch,
        row(0, 1, 2),
        "Macro on the Dial",
        "What the dial turns; pick another one. If that is on another dial, the two change places.",
        page=CHOICE,
    )
    patch.wire(script[2], macros)
    patch.wire(macros, patch.obj("prepend choose"), script)


def _actions(patch: Patcher, script: Box, typed: Box) -> None:
    """Add the buttons: two of them want what is in the field, which is sent once they are pressed."""
    patch.wire(typed, patch.obj("route text"), patch.obj("prepend name"), script)
    make_at, delete_at = Rect(PAGE_X, 127, PAGE_WIDTH, 16).columns(2)
    rename_at = Rect(PAGE_X + PAGE_WIDTH - _RENAME_WIDTH, row(1).y, _RENAME_WIDTH, row(1).height)
    for name, text, at, info in (
        ("Rename Macro", "Rename", rename_at, "Calls the macro of the dial by the name in the field."),
        (
            "Make Macro",
            "Make Macro",
            make_at,
            "Makes a macro that leads from the sounds of A to those of B, and puts it on the dial.",
        ),
    ):
        order = patch.obj("t b b")
        patch.wire(button(patch, at, name, info, text, CHOICE), order)
        patch.wire(order[1], patch.message(name.split()[0].lower()), script)
        patch.wire(order[0], typed)
    a, b, clear = Rect(PAGE_X, 90, PAGE_WIDTH, 16).columns(3)
    for name, at, word, info in (
        ("Add to A", a, "add 0", "Adds the present sound to those that your macro leads from."),
        ("Add to B", b, "add 1", "Adds the present sound to those that your macro leads to."),
        ("Clear A and B", clear, "forget", "Forgets the sounds of A and B."),
        ("Delete Macro", delete_at, "remove", "Deletes the macro of the dial, if you made it."),
    ):
        text = name.removesuffix(" A and B")
        patch.wire(button(patch, at, name, info, text, CHOICE), patch.obj("t b"), patch.message(word), script)
