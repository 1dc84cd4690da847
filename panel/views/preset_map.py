"""Map: presets by how they sound, what lies between them, and a path that is drawn and played in tempo."""

from nicegui import ui

from panel.components.widgets import PresetList, PresetMap
from panel.state.path_playback import PathPlayback
from panel.views.buttons import soft_button, switch_class
from panel.views.page_context import PageContext

__all__ = ["build"]


def build(page: PageContext) -> None:
    """Build the view into the current element."""
    state = page.state

    def draw(step: str, x: float, y: float) -> None:
        if step == "begin":
            state.path.stop()
            state.link.send("/flow/path/clear")
        elif step == "add" and 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0:
            state.link.send("/flow/place", x, y)
            state.link.send("/flow/path/add")

    def place(x: float, y: float) -> None:
        if 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0:
            state.link.send("/flow/place", x, y)

    with ui.element("div").classes("map-grid"):
        with ui.element("div").classes("card card-presets"):
            PresetList(state.presets, state.library)
        with ui.element("div").classes("card card-map"):
            map_ = PresetMap(
                place,
                state.presets.load,
                state.library.adopt,
                draw,
                lambda on: switch_class(pencil, "is-on", on),
            )
        with ui.element("div").classes("card line path-tools"):
            listen = ui.switch("Hear on hover").props("dense")
            pencil = soft_button("Draw a path", "gesture")
            _path(page)
    listen.on_value_change(lambda: map_.set("listen", bool(listen.value)))

    def show() -> None:
        listen.set_enabled(state.model.local.space is not None)  # else nothing here can play them

    page.on_change(show, "local_model", "welcome")
    pencil.on("click", js_handler="() => window.flow.publish('drawing', !window.flow.last('drawing'))")


def _path(page: PageContext) -> None:
    state = page.state
    play = (
        ui.button(icon="play_arrow", color=None)
        .props('round unelevated aria-label="Play the path"')
        .classes("main-round")
    )
    points = ui.label().classes("quiet path-points")
    bpm = ui.number("BPM", value=120, min=20, max=300, step=1).props("dense outlined").classes("short")
    beats = ui.number("Beats", value=8, min=1, max=256, step=1).props("dense outlined").classes("short")
    back = ui.switch("There and back", value=True).props("dense")
    loop = ui.switch("Loop", value=True).props("dense")
    space = ui.toggle({0: "In sound", 1: "In parameters"}, value=0)
    space.props("no-caps dense unelevated toggle-text-color=on-accent")
    space.tooltip(
        "What moves evenly between points: the sound or the parameters. On the map it may leave the line."
    )
    clear = soft_button("Clear", "delete_outline")

    def pressed() -> None:
        if state.path.is_playing:
            state.path.stop()
        else:
            state.path.play(
                PathPlayback(
                    bpm=float(bpm.value or 120),
                    beats=float(beats.value or 8),
                    back=bool(back.value),
                    loop=bool(loop.value),
                )
            )

    def cleared() -> None:
        state.path.stop()
        state.link.send("/flow/path/clear")

    def show() -> None:
        playing = state.path.is_playing
        play.props(f"icon={'stop' if playing else 'play_arrow'}")
        n = state.mirror.path_points
        how = "No path yet: press Draw a path, then drag over the map."
        points.text = f"path of {n} points" if n > 1 else how
        play.set_enabled(playing or n > 1)
        clear.set_enabled(n > 0)
        space.set_value(state.mirror.path_space)

    play.on_click(pressed)
    clear.on_click(cleared)
    # Only what is chosen on this page is sent, not what `show` sets.
    space.on("update:model-value", lambda: state.link.send("/flow/path/space", int(space.value)))
    page.on_change(show, "path", "welcome")
