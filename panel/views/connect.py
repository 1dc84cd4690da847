"""Connect: models, controllers, health, clients, and messages of the server."""

import asyncio

from nicegui import ui

from core.errors import BridgeError
from panel.osc.round_trips import RoundTrips, measure_round_trips
from panel.views import controllers
from panel.views.buttons import card_title, main_button
from panel.views.charts import histogram_svg
from panel.views.page_context import PageContext

__all__ = ["build", "in_words"]

_TEST_SECONDS = 10.0


def build(page: PageContext) -> None:
    """Build the view into the current element."""
    with ui.element("div").classes("pair"):
        with ui.element("div").classes("column-cards"):
            with ui.element("div").classes("card"):
                _models(page)
            with ui.element("div").classes("card"):
                controllers.build(page)
        with ui.element("div").classes("column-cards"):
            with ui.element("div").classes("card"):
                _latency(page)
            with ui.element("div").classes("card"):
                _clients(page)
            with ui.element("div").classes("card"):
                _messages(page)


def _models(page: PageContext) -> None:
    state = page.state
    card_title("Model")
    model = ui.select([], label="Model").props("outlined dense options-dense").classes("wide")

    def chosen() -> None:
        if model.value and model.value != state.mirror.playing:
            state.link.send("/flow/model", model.value)

    def show() -> None:
        names = [state.mirror.models[k] for k in sorted(state.mirror.models)]
        if state.mirror.playing and state.mirror.playing not in names:
            names.append(state.mirror.playing)
        model.set_options(names, value=state.mirror.playing or None)
        model.set_enabled(len(names) > 1)

    model.on_value_change(chosen)
    page.on_change(show, "models", "welcome")


def _latency(page: PageContext) -> None:
    state = page.state
    card_title("Health")
    words = ui.label().classes("health-words")
    with ui.element("div").classes("figures"):
        figures = {name: _figure(name) for name in ("median", "99th percentile", "messages", "refused")}
    with ui.element("div").classes("line"):
        test = main_button("Test for 10 seconds", "timer")
        result = ui.label().classes("quiet grow")
    picture = ui.html("", sanitize=False).classes("histogram-box")

    measuring = {"on": False}

    async def measure() -> None:
        measuring["on"] = True
        test.set_enabled(False)
        result.text = "Measuring; you can go on playing."
        try:
            round_trips = await asyncio.to_thread(measure_round_trips, *state.settings.server, _TEST_SECONDS)
        except BridgeError as error:
            result.text = str(error)
        else:
            result.text = _describe(round_trips)
            picture.set_content(histogram_svg(round_trips.times_ms))
        finally:
            measuring["on"] = False
            test.set_enabled(True)

    def show() -> None:
        if page.view != "connect":  # it would be updated twice in three seconds, unseen
            return
        health = state.mirror.health
        test.set_enabled(state.link.connected and not measuring["on"])
        words.text = in_words(state.link.connected, health.p99_ms, health.n_refused)
        figures["median"].text = _milliseconds(health.p50_ms)
        figures["99th percentile"].text = _milliseconds(health.p99_ms)
        figures["messages"].text = f"{health.n_received:,}".replace(",", " ")
        figures["refused"].text = f"{health.n_refused}"

    test.on_click(measure)
    page.on_change(show, "health", "server")
    page.when_shown("connect", show)


def _figure(name: str) -> ui.label:
    with ui.element("div").classes("figure"):
        value = ui.label("").classes("figure-value")
        ui.label(name).classes("quiet")
    return value


def _milliseconds(value: float) -> str:
    return f"{value:.2f} ms" if value > 0.0 else "none yet"


def _describe(round_trips: RoundTrips) -> str:
    lost = f", {round_trips.n_lost} lost" if round_trips.n_lost else ""
    return (
        f"Round trip: p50 {round_trips.p50_ms:.2f} ms, p99 {round_trips.p99_ms:.2f} ms, "
        f"jitter {round_trips.jitter_ms:.2f} ms ({len(round_trips.times_ms)} pings{lost})"
    )


def in_words(found: bool, p99_ms: float, n_refused: int) -> str:
    """Return in plain words how the server does.

    Ten milliseconds is about where players begin to feel a delay.
    """
    if not found:
        return "No server answers. Start it: python run_server.py"
    if p99_ms <= 0.0:
        return "Connected. Nothing has been played yet."
    if p99_ms < 3.0:
        words = "Fast: no delay that a player could feel."
    elif p99_ms < 10.0:
        words = "Good. Something else keeps this computer busy now and then."
    else:
        words = "Slow now and then. Close other programs, or plug in the power cable."
    return words + (f" {n_refused} messages were refused; the lines below say why." if n_refused else "")


def _clients(page: PageContext) -> None:
    state = page.state
    card_title("Who is connected")
    box = ui.element("ul").classes("clients")

    def ask() -> None:
        if page.view == "connect":
            state.link.send("/flow/clients")

    def show() -> None:
        box.clear()
        with box:
            for k in sorted(state.mirror.clients):
                kind, name = state.mirror.clients[k]
                with ui.element("li"):
                    ui.label(name or "a client without a name")
                    ui.label(kind).classes("quiet")
            with ui.element("li"):
                ui.label("Browsers that show this page")
                ui.label(str(state.n_pages)).classes("quiet")

    page.on_change(ask, "health")  # the heartbeat brings it
    page.on_change(show, "clients", "pages")
    page.when_shown("connect", ask)


def _messages(page: PageContext) -> None:
    state = page.state
    card_title("Messages")
    box = ui.element("ol").classes("messages").props('aria-label="Messages of the server"')

    def show() -> None:
        box.clear()
        with box:
            for line in list(state.mirror.notices)[-14:][::-1]:
                with ui.element("li").classes("is-wrong" if line.wrong else ""):
                    ui.label(line.text)
            if not state.mirror.notices:
                with ui.element("li"):
                    ui.label("Nothing yet.").classes("quiet")

    page.on_change(show, "notices", "server")
