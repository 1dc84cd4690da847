"""Play: macros, words, variations, snapshots and the morph between two of them, and a keyboard."""

from nicegui import ui

from panel.components.widgets import Knobs, Piano, SoundControls
from panel.state.snapshots import SLOTS
from panel.views import dials, words
from panel.views.buttons import card_title, main_button, soft_button, switch_class
from panel.views.page_context import PageContext

__all__ = ["build"]


def build(page: PageContext) -> None:
    """Build the view into the current element."""
    state = page.state

    def freeze(k: int, on: bool) -> None:
        state.link.send("/flow/freeze", k, int(on))

    with ui.element("div").classes("play-grid"):
        with ui.element("div").classes("card card-knobs"):
            Knobs(state.turn, freeze, lambda k: state.learning.learn(k, only_here=False))
        with ui.element("div").classes("card card-words"):
            words.build(page)
        with ui.element("div").classes("card card-snapshots"):
            _snapshots(page)
        with ui.element("div").classes("card card-vary"):
            _vary(page)
        with ui.element("div").classes("card card-piano"):
            SoundControls()
            Piano()
        with ui.element("div").classes("card card-dials"):
            dials.build(page)


def _vary(page: PageContext) -> None:
    state = page.state
    card_title("Vary").tooltip(
        "Draw a sound nearby. Frozen macros keep their position; undo brings the last sound back."
    )
    with ui.element("div").classes("line"):
        ui.label("a little").classes("quiet")
        amount = (
            ui.slider(min=0.05, max=1.5, step=0.05, value=0.3).props('aria-label="How far"').classes("grow")
        )
        ui.label("a lot").classes("quiet")
        main_button("Vary", "casino", lambda: state.link.send("/flow/vary", float(amount.value)))


def _snapshots(page: PageContext) -> None:
    state = page.state
    storing = {"on": False}
    with ui.element("div").classes("line"):
        card_title("Snapshots").classes("grow")
        store = soft_button("Store", "bookmark_add")
    pads: dict[str, ui.button] = {}

    def arm(on: bool) -> None:
        storing["on"] = on
        switch_class(store, "is-on", on)
        store.props(f'aria-pressed="{str(on).lower()}"')

    def store_in(slot: str) -> None:
        try:
            state.points.store(slot)
        except OSError as error:
            state.notify(
                f"Snapshot {slot} could not be saved ({error.strerror}). It is kept until the panel stops.",
                wrong=True,
            )

    def press(slot: str) -> None:
        if storing["on"] or slot not in state.points.filled():
            store_in(slot)
            arm(False)
        else:
            state.points.recall(slot)

    store.on_click(lambda: arm(not storing["on"]))
    with ui.element("div").classes("pads"):
        for slot in SLOTS:
            pads[slot] = (
                ui.button(slot, on_click=lambda slot=slot: press(slot), color=None)
                .props("flat no-caps")
                .classes("pad")
            )
    with ui.element("div").classes("line morph"):
        slots = list(SLOTS)
        a = ui.select(slots, value="A").props('dense options-dense borderless aria-label="Morph from"')
        way = ui.slider(min=0, max=1, step=0.002, value=0).props('aria-label="Morph"').classes("grow")
        b = ui.select(slots, value="B").props('dense options-dense borderless aria-label="Morph to"')
    way.on("update:model-value", lambda e: state.points.morph(a.value, b.value, float(e.args)), throttle=0.02)

    def show() -> None:
        filled = state.points.filled()
        for slot, pad in pads.items():
            full = slot in filled
            switch_class(pad, "is-full", full)
            pad.props(f'aria-label="Snapshot {slot}{"" if full else ", empty: stores the current sound"}"')
        way.set_enabled(a.value in filled and b.value in filled and a.value != b.value)

    a.on_value_change(show)
    b.on_value_change(show)
    page.on_change(show, "snapshots", "welcome")
