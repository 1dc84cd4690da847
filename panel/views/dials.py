"""Which macros are on the dials, what they are called, and macros of the player's own."""

from nicegui import ui

from panel.state.snapshots import SLOTS
from panel.views.buttons import main_button, soft_button
from panel.views.page_context import PageContext

__all__ = ["build"]


def build(page: PageContext) -> None:
    """Build the card into the current element, folded."""
    with ui.expansion("Macros on the dials").props("dense").classes("wide dials-fold"):
        with ui.element("div").classes("pair"):
            with ui.element("div"):
                _choose(page)
            with ui.element("div"):
                _make(page)


def _choose(page: PageContext) -> None:
    """Offer the vocabulary for each dial, and a name."""
    state = page.state
    ui.label(
        "Choose what a dial turns. The sound stays; a controller bound to the dial turns the new macro."
    ).classes("quiet")
    with ui.element("div").classes("line"):
        dial = _dial(page)
        macro = ui.select([], label="Macro").props("outlined dense options-dense").classes("grow")
    with ui.element("div").classes("line"):
        name = ui.input("Name").props('outlined dense maxlength=64 aria-label="Macro name"').classes("grow")
        rename = soft_button("Rename", "edit")
        delete = soft_button("Delete", "delete_outline")

    def on_dial() -> str:
        return next((one.name for one in state.mirror.known.values() if one.dial == dial.value), "")

    def show() -> None:
        known = [state.mirror.known[j] for j in sorted(state.mirror.known)]
        macro.set_options([one.name for one in known], value=on_dial() or None)
        name.value = on_dial()
        delete.set_visibility(any(one.dial == dial.value and one.is_own for one in known))

    def choose() -> None:
        if macro.value and macro.value != on_dial():
            state.link.send("/flow/macro/choose", int(dial.value), macro.value)

    dial.on_value_change(show)
    macro.on_value_change(choose)
    rename.on_click(lambda: state.link.send("/flow/macro/name", int(dial.value), (name.value or "").strip()))
    delete.on_click(lambda: state.link.send("/flow/own/delete", on_dial()))
    page.on_change(show, "vocabulary", "welcome")


def _make(page: PageContext) -> None:
    """Offer to make a macro of two snapshots, or of two handfuls of sounds."""
    state = page.state
    ui.label(
        "Make your own: a macro that leads from one sound to another, or from some to others, and does "
        "the same to any sound."
    ).classes("quiet")
    slots = list(SLOTS)
    with ui.element("div").classes("line"):
        sides = [
            ui.select(slots, value=slot).props(f'dense options-dense borderless aria-label="{label}"')
            for slot, label in (("A", "From snapshot"), ("B", "To snapshot"))
        ]
        soft_button("Add snapshots", "add", lambda: add_snapshots())
        soft_button("This sound: from", "first_page", lambda: state.link.send("/flow/own/add", 0))
        soft_button("to", "last_page", lambda: state.link.send("/flow/own/add", 1))
    with ui.element("div").classes("line"):
        gathered = ui.label().classes("quiet grow own-gathered")
        clear = soft_button("Clear", "delete_outline", lambda: state.link.send("/flow/own/clear"))
    with ui.element("div").classes("line"):
        name = (
            ui.input("Name")
            .props('outlined dense maxlength=64 aria-label="Name of your macro"')
            .classes("grow")
        )
        dial = _dial(page)
        make = main_button("Make", "auto_fix_high")

    def add_snapshots() -> None:
        points = [state.points.in_slot(side.value) for side in sides]
        if any(point is None for point in points):
            state.notify("A snapshot is empty. Store a sound in it first.", wrong=True)
            return
        for side, point in enumerate(points):
            state.link.send("/flow/own/point", side, *(float(value) for value in point or ()))

    def made() -> None:
        wanted = (name.value or "").strip()
        if wanted:
            state.link.send("/flow/own/make", int(dial.value), wanted)
        else:
            state.notify("Enter a name first.", wrong=True)

    def show() -> None:
        start, end = state.mirror.gathered
        gathered.text = f"from {start} to {end} sounds" if start or end else "no sounds yet"
        clear.set_enabled(bool(start or end))
        make.set_enabled(bool(start and end))

    make.on_click(made)
    page.on_change(show, "own", "welcome")


def _dial(page: PageContext) -> ui.select:
    """Return a choice of a dial, counted from 1 for people."""
    dial = ui.select({0: "Dial 1"}, value=0).props('outlined dense options-dense aria-label="Dial"')

    def show() -> None:
        welcome = page.state.mirror.welcome
        n = welcome.n_macros if welcome else 1
        dial.set_options({k: f"Dial {k + 1}" for k in range(n)}, value=min(int(dial.value or 0), n - 1))

    page.on_change(show, "welcome")
    return dial
