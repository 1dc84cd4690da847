"""The page: a header, five views, and a line that says what happened. One for each browser."""

from pathlib import Path

from nicegui import app, ui

from panel.components.widgets import Feeder
from panel.state.panel_state import Hub
from panel.views import connect, play, preset_map, sketch, understand
from panel.views.buttons import icon_button, switch_class
from panel.views.page_context import Visit

__all__ = ["add_page"]

_STATIC = Path(__file__).parents[1] / "static"
_VIEWS = (
    ("play", "Play", "tune", play.build),
    ("map", "Map", "scatter_plot", preset_map.build),
    ("understand", "Understand", "insights", understand.build),
    ("sketch", "Sketch", "mic", sketch.build),
    ("connect", "Connect", "settings_input_component", connect.build),
)
_STYLES = ("base", "page", *(name for name, *_ in _VIEWS))
_LOST = "No server answers. Start it, and this page goes on by itself: python run_server.py"


def add_page(hub: Hub) -> None:
    """Add the page, its style and its script."""
    app.add_static_files("/panel/static", str(_STATIC), max_cache_age=0)

    @ui.page("/", response_timeout=10.0)
    def page() -> None:
        _build(hub)


def _build(hub: Hub) -> None:
    ui.add_head_html(
        "".join(f'<link rel="stylesheet" href="/panel/static/style/{name}.css">' for name in _STYLES)
        + '<script src="/panel/static/bus.js"></script>'
        '<meta name="theme-color" content="#101216">'
    )
    visit = Visit(hub)
    _header(visit)
    with ui.element("main").classes("stage"):
        for name, _, _, build in _VIEWS:
            with ui.element("section").classes("view").props(f'id="view-{name}" aria-label="{name}"'):
                build(visit)
    _ticker(visit)

    Feeder(visit.show)
    leave = hub.teller.join(visit.listen)
    hub.n_pages += 1

    def left() -> None:
        hub.n_pages -= 1
        leave()
        hub.touch("pages")

    visit.client.on_delete(left)
    visit.refresh()
    hub.touch("pages")


def _header(visit: Visit) -> None:
    hub = visit.hub
    with ui.element("header").classes("bar-top"):
        ui.html(
            '<svg viewBox="0 0 64 64" aria-hidden="true">'
            '<path d="M17 47 A21 21 0 1 1 47 47" class="logo-track"/>'
            '<path d="M17 47 A21 21 0 0 1 38 12" class="logo-fill"/><circle cx="32" cy="33" r="6"/></svg>',
            sanitize=False,
        ).classes("logo")
        with ui.element("div").classes("brand"):
            ui.label("Flow Synth Live").classes("brand-name")
            model = ui.label().classes("brand-model")
        _views()
        state = ui.label().classes("lamp").props('role="status"')
        with ui.element("div").classes("bar-tools"):
            undo = icon_button("undo", "Undo", hub.undo)
            redo = icon_button("redo", "Redo", hub.redo)
            dark = icon_button("contrast", "Dark or light")
            dark.on("click", js_handler="() => window.flow.turnDark()")
    banner = ui.label(_LOST).classes("banner").props('role="alert"')

    def server() -> None:
        found = hub.link.found
        welcome = hub.mirror.welcome
        model.text = f"{welcome.model} · {welcome.synth}" if welcome else "looking for the server"
        state.text = "connected" if found else "no server"
        switch_class(state, "is-on", found)
        banner.set_visibility(not found)

    def history() -> None:
        undo.set_enabled(hub.history.can_undo)
        redo.set_enabled(hub.history.can_redo)

    visit.hear(server, "server", "welcome", "models")
    visit.hear(history, "history", "welcome")


def _views() -> None:
    with ui.element("nav").classes("views").props('aria-label="Views"'):
        for name, title, icon, _ in _VIEWS:
            with ui.element("a").props(f'href="#{name}"'):
                ui.icon(icon)
                ui.label(title)


def _ticker(visit: Visit) -> None:
    ticker = ui.label().classes("ticker").props('role="log" aria-live="polite"')

    def said() -> None:
        last = visit.hub.news
        ticker.text = last.text if last else ""
        switch_class(ticker, "is-wrong", last is not None and last.wrong)

    visit.hear(said, "said")
