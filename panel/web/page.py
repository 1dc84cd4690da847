"""The page: a header, five views, and a line for notices. One for each browser."""

from pathlib import Path

from nicegui import app, ui

from panel.components.widgets import FeedReceiver, PresetBar
from panel.state.panel_state import PanelState
from panel.views import connect, play, preset_map, sketch, understand
from panel.views.buttons import card_title, icon_button, soft_button, switch_class
from panel.views.page_context import PageContext
from panel.web.qr_code import qr_svg

__all__ = ["add_page"]

_STATIC = Path(__file__).parents[1] / "static"
_VIEWS = (
    ("play", "Play", "tune", play.build),
    ("map", "Map", "scatter_plot", preset_map.build),
    ("understand", "Understand", "insights", understand.build),
    ("sketch", "Sketch", "mic", sketch.build),
    ("connect", "Connect", "settings_input_component", connect.build),
)
_STYLES = ("base", "page", "presets", *(name for name, *_ in _VIEWS))
_LOST = "No server answers. Start it, and this page reconnects by itself: python run_server.py"


def add_page(state: PanelState) -> None:
    """Add the page and its static files."""
    app.add_static_files("/panel/static", str(_STATIC), max_cache_age=0)

    @ui.page("/", response_timeout=10.0)
    def show() -> None:
        _build(state)


def _build(state: PanelState) -> None:
    ui.add_head_html(
        "".join(f'<link rel="stylesheet" href="/panel/static/style/{name}.css">' for name in _STYLES)
        + '<script src="/panel/static/bus.js"></script>'
        '<script src="/panel/static/page_keys.js"></script>'
        '<script src="/panel/static/sound/sound.js"></script>'
        '<script src="/panel/static/sound/midi_keyboard.js"></script>'
        '<meta name="theme-color" content="#101216">'
    )
    page = PageContext(state)
    _header(page)
    _preset_bar(page)
    with ui.element("div").classes("stage"):
        for name, title, _, build in _VIEWS:
            with ui.element("section").classes("view").props(f'id="view-{name}" aria-label="{title}"'):
                ui.label(title).classes("out-of-sight").props('role="heading" aria-level="1"')
                build(page)
    _ticker(page)

    FeedReceiver(page.show_view)
    leave = state.scheduler.add_callback(page.update)
    state.n_pages += 1

    def left() -> None:
        state.n_pages -= 1
        leave()
        state.touch("pages")

    page.client.on_delete(left)
    page.update_all()
    state.touch("pages")


def _header(page: PageContext) -> None:
    state = page.state
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
        _instrument_picker(page)
        _views()
        lamp = ui.label().classes("lamp").props('role="status"')
        with ui.element("div").classes("bar-tools"):
            undo = icon_button("undo", "Undo", state.points.undo).props("data-act=undo")
            redo = icon_button("redo", "Redo", state.points.redo).props("data-act=redo")
            _phone(page)
            full = icon_button("fullscreen", "Full screen").classes("full-screen")
            full.on("click", js_handler="() => window.flow.fullScreen()")
            dark = icon_button("contrast", "Dark or light")
            dark.on("click", js_handler="() => window.flow.turnDark()")
    banner = ui.label(_LOST).classes("banner").props('role="alert"')

    def server() -> None:
        found = state.link.connected
        welcome = state.mirror.welcome
        model.text = f"{welcome.model} · {welcome.synth}" if welcome else "looking for the server"
        lamp.text = "connected" if found else "no server"
        switch_class(lamp, "is-on", found)
        banner.set_visibility(not found)

    def history() -> None:
        undo.set_enabled(state.points.can_undo)
        redo.set_enabled(state.points.can_redo)

    page.on_change(server, "server", "welcome", "models")
    page.on_change(history, "history", "welcome")


def _phone(page: PageContext) -> None:
    """Offer the page to a phone or tablet: its address as a code to scan, or how to get one."""
    address = page.state.phone_address
    with ui.dialog() as dialog, ui.card().classes("phone-card"):
        card_title("On a phone or tablet")
        if address:
            ui.label("Scan this in the same network. Whoever has the code can play.").classes("quiet")
            ui.html(qr_svg(address), sanitize=False).classes("qr-box")
        else:
            ui.label("This panel is only for this computer. For others in your network, start it so:")
            ui.label("python run_server.py --panel --panel-host 0.0.0.0").classes("command-line")
        soft_button("Close", None, dialog.close)
    icon_button("qr_code_2", "On a phone or tablet", dialog.open).classes("for-wide")


def _preset_bar(page: PageContext) -> None:
    bar = PresetBar(page.state.presets)

    def show() -> None:
        bar.set_file(page.state.model.file_suffix)

    page.on_change(show, "local_model", "welcome")


def _instrument_picker(page: PageContext) -> None:
    """Offer the instruments by the names of their tracks, where there are several."""
    link, mirror = page.state.link, page.state.mirror
    picker = ui.select({}).props('dense options-dense borderless aria-label="Instrument"').classes("picker")

    def pick() -> None:
        if any(i.identity == picker.value and not i.has_focus for i in mirror.instruments.values()):
            link.send("/flow/focus", str(picker.value))

    def show() -> None:
        instruments = [
            i for _, i in sorted(mirror.instruments.items()) if not i.link
        ]  # others play another's
        names = {i.identity: i.name if i.is_alive else f"{i.name} (gone)" for i in instruments}
        picker.set_options(names, value=next((i.identity for i in instruments if i.has_focus), None))
        picker.set_visibility(len(instruments) > 1)

    picker.on_value_change(pick)
    page.on_change(show, "instruments", "welcome")


def _views() -> None:
    with ui.element("nav").classes("views").props('aria-label="Views"'):
        for name, title, icon, _ in _VIEWS:
            with ui.element("a").props(f'href="#{name}"'):
                ui.icon(icon)
                ui.label(title)


def _ticker(page: PageContext) -> None:
    ticker = ui.label().classes("ticker").props('role="log" aria-live="polite"')

    def show() -> None:
        last = page.state.latest_notice
        ticker.text = last.text if last else ""
        switch_class(ticker, "is-wrong", last is not None and last.wrong)

    page.on_change(show, "notices")
