"""Connect: controllers, latency, models, saving, and what the server has to say."""

import asyncio

from nicegui import ui

from core.errors import BridgeError
from panel.components.widgets import Controls
from panel.osc.round_trips import Latency, measure_latency
from panel.views.buttons import main_button, soft_button
from panel.views.charts import histogram_svg
from panel.views.page_context import Visit

__all__ = ["build", "in_words"]


def build(visit: Visit) -> None:
    """Build the view into the present element."""
    with ui.element("div").classes("pair"):
        with ui.element("div").classes("column-cards"):
            with ui.element("div").classes("card"):
                _models(visit)
            with ui.element("div").classes("card"):
                _controllers(visit)
        with ui.element("div").classes("column-cards"):
            with ui.element("div").classes("card"):
                _latency(visit)
            with ui.element("div").classes("card"):
                _clients(visit)
            with ui.element("div").classes("card"):
                _messages(visit)


def _models(visit: Visit) -> None:
    hub = visit.hub
    ui.label("Model and presets").classes("card-title")
    model = ui.select([], label="Model").props("outlined dense options-dense").classes("wide")
    with ui.element("div").classes("line"):
        name = ui.input("Name").props('outlined dense maxlength=64 aria-label="Preset name"').classes("grow")
        save = main_button("Save", "save")
        export = soft_button("Export", "file_download")
    ui.label(
        "Save keeps the present sound on the map. Export writes a preset file that the synth opens."
    ).classes("quiet")

    def chosen() -> None:
        if model.value and model.value != hub.mirror.playing:
            hub.link.send("/flow/model", model.value)

    def named(address: str) -> None:
        if name.value and name.value.strip():
            hub.link.send(address, name.value.strip())
        else:
            hub.say("Give it a name first.", wrong=True)

    def show() -> None:
        names = [hub.mirror.models[k] for k in sorted(hub.mirror.models)]
        if hub.mirror.playing and hub.mirror.playing not in names:
            names.append(hub.mirror.playing)
        model.set_options(names, value=hub.mirror.playing or None)

    model.on_value_change(chosen)
    save.on_click(lambda: named("/flow/preset/save"))
    export.on_click(lambda: named("/flow/preset/export"))
    name.on("keydown.enter", lambda: named("/flow/preset/save"))
    visit.hear(show, "models", "welcome")


def _controllers(visit: Visit) -> None:
    hub = visit.hub
    ui.label("MIDI controllers").classes("card-title")
    ui.label(
        "Press Learn, then move a knob or fader from end to end. The line is the macro, the dot the control: "
        "it takes hold where they meet, so nothing jumps."
    ).classes("quiet")
    Controls(hub.learn, lambda k: hub.link.send("/flow/unlearn", k))


def _latency(visit: Visit) -> None:
    hub = visit.hub
    ui.label("Health").classes("card-title")
    words = ui.label().classes("health-words")
    with ui.element("div").classes("figures"):
        figures = {name: _figure(name) for name in ("median", "99th percentile", "messages", "refused")}
    with ui.element("div").classes("line"):
        test = main_button("Test for 10 seconds", "timer")
        result = ui.label().classes("quiet grow")
    picture = ui.html("", sanitize=False).classes("histogram-box")

    async def measure() -> None:
        test.set_enabled(False)
        result.text = "Measuring; play on meanwhile."
        try:
            latency = await asyncio.to_thread(measure_latency, *hub.settings.server, hub.test_seconds)
        except BridgeError as error:
            result.text = str(error)
        else:
            result.text = _said_of(latency)
            picture.set_content(histogram_svg(latency.times_ms))
        finally:
            test.set_enabled(True)

    def show() -> None:
        if visit.view != "connect":  # twice in three seconds, and nobody looks
            return
        health = hub.mirror.health
        words.text = in_words(hub.link.found, health.p99_ms, health.n_refused)
        figures["median"].text = _milliseconds(health.p50_ms)
        figures["99th percentile"].text = _milliseconds(health.p99_ms)
        figures["messages"].text = f"{health.n_received:,}".replace(",", " ")
        figures["refused"].text = f"{health.n_refused}"

    test.on_click(measure)
    visit.hear(show, "health", "server")
    visit.when_shown("connect", show)


def _figure(name: str) -> ui.label:
    with ui.element("div").classes("figure"):
        value = ui.label("").classes("figure-value")
        ui.label(name).classes("quiet")
    return value


def _milliseconds(value: float) -> str:
    return f"{value:.2f} ms" if value > 0.0 else "none yet"


def _said_of(latency: Latency) -> str:
    lost = f", {latency.n_lost} lost" if latency.n_lost else ""
    return (
        f"There and back: p50 {latency.p50_ms:.2f} ms, p99 {latency.p99_ms:.2f} ms, "
        f"jitter {latency.jitter_ms:.2f} ms ({len(latency.times_ms)} pings{lost})"
    )


def in_words(found: bool, p99_ms: float, n_refused: int) -> str:
    """Say in plain words how the server does.

    Ten milliseconds is about where a player begins to feel a delay.
    """
    if not found:
        return "No server answers. Start it: python run_server.py"
    if p99_ms <= 0.0:
        return "Connected. Nothing has been played yet."
    if p99_ms < 3.0:
        words = "Fast: a knob is answered before anyone could feel it."
    elif p99_ms < 10.0:
        words = "Good. Something else keeps this computer busy now and then."
    else:
        words = "Slow now and then: close what else is running, or plug in the power cable."
    return words + (f" {n_refused} messages were refused; the lines below say why." if n_refused else "")


def _clients(visit: Visit) -> None:
    hub = visit.hub
    ui.label("Who is connected").classes("card-title")
    box = ui.element("ul").classes("clients")

    def ask() -> None:
        if visit.view == "connect":
            hub.link.send("/flow/clients")

    def show() -> None:
        box.clear()
        with box:
            for k in sorted(hub.mirror.clients):
                kind, name = hub.mirror.clients[k]
                with ui.element("li"):
                    ui.label(name or "somebody who never said hello")
                    ui.label(kind).classes("quiet")
            with ui.element("li"):
                ui.label("Browsers that show this page")
                ui.label(str(hub.n_pages)).classes("quiet")

    visit.hear(ask, "health")  # the heartbeat brings it
    visit.hear(show, "clients", "pages")
    visit.when_shown("connect", ask)


def _messages(visit: Visit) -> None:
    hub = visit.hub
    ui.label("Messages").classes("card-title")
    box = ui.element("ol").classes("messages").props('aria-label="What the server said"')

    def show() -> None:
        box.clear()
        with box:
            for line in list(hub.mirror.said)[-14:][::-1]:
                with ui.element("li").classes("is-wrong" if line.wrong else ""):
                    ui.label(line.text)
            if not hub.mirror.said:
                ui.label("Nothing yet.").classes("quiet")

    visit.hear(show, "said", "server")
