"""Understand: what each macro does, pictures of target and answer, and the parameters as they move."""

from nicegui import ui

from panel.components.widgets import ParameterBars
from panel.views import side_by_side
from panel.views.buttons import card_title
from panel.views.charts import curve_svg
from panel.views.page_context import PageContext

__all__ = ["build"]

_N_PARAMETERS = 6
_WORDS = {
    "loudness": "Loudness",
    "centroid": "Brightness",
    "bandwidth": "Bandwidth",
    "rolloff": "High end",
    "flatness": "Noisiness",
    "flux": "Change",
    "attack": "Attack time",
    "decay": "Decay",
    "tail": "Tail",
    "pitch_strength": "Pitch strength",
    "movement": "Movement",
    "brightness_change": "Brightness change",
}


def build(page: PageContext) -> None:
    """Build the view into the current element."""
    with ui.element("div").classes("card"):
        _curves(page)
    with ui.element("div").classes("card"):
        card_title("Parameters")
        ParameterBars()
    with ui.element("div").classes("card wide-pictures"):
        side_by_side.build(page, "understand")


def _curves(page: PageContext) -> None:
    state = page.state
    chosen = {"k": 0}
    card_title("What a macro does from here")
    chips = ui.element("div").classes("chips").props('role="tablist" aria-label="Macro"')
    ui.label("Parameters that move furthest").classes("card-subtitle")
    moved = ui.element("div").classes("curves")
    ui.label("How the sound changes").classes("card-subtitle")
    heard = ui.element("div").classes("curves")

    def ask() -> None:
        if state.mirror.macros:
            state.ask_curves(chosen["k"], _N_PARAMETERS)

    def choose(k: int) -> None:
        chosen["k"] = k
        names()
        ask()

    def names() -> None:
        chips.clear()
        with chips:
            for k in range(len(state.mirror.macros)):
                name = state.mirror.macro_names.get(k, str(k + 1))
                chip = ui.button(name, on_click=lambda k=k: choose(k), color=None)
                chip.props(f'flat no-caps dense role="tab" aria-selected="{str(k == chosen["k"]).lower()}"')
                chip.classes("chip" + (" is-on" if k == chosen["k"] else ""))

    def show() -> None:
        k = chosen["k"]
        if state.curves_of != k:
            return
        position = state.mirror.macros[k] if k < len(state.mirror.macros) else None
        for box, kind in ((moved, "parameter"), (heard, "descriptor")):
            box.clear()
            with box:
                for curve in state.mirror.curves:
                    if curve.kind == kind:
                        with ui.element("figure").classes("curve-box"):
                            ui.html(curve_svg(curve.name, curve.values, position), sanitize=False)
                            with ui.element("figcaption"):
                                ui.label(_WORDS.get(curve.name) or state.model.caption(curve.name))

    def again() -> None:
        if page.view == "understand":
            ask()

    page.on_change(names, "names", "welcome")
    page.on_change(show, "curves")
    page.on_change(again, "latent")  # from another point a macro does something else
    page.when_shown("understand", ask)
