"""Sketch: a sound from the microphone or a file, and the answers to pick from."""

from nicegui import ui

from panel.components.widgets import SoundInput
from panel.osc.messages import Candidate
from panel.views import side_by_side
from panel.views.buttons import card_title, soft_button, switch_class
from panel.views.page_context import PageContext
from server.osc.hosts.loopback import is_loopback

__all__ = ["build"]

_HEARD_AFTER_S = 0.15  # the answer is there by then
_MOST_OWN = 5  # presets of people's own that are shown
_STATES = {
    "idle": "Hum, growl, beatbox, or drop a sound file.",
    "recording": "Recording. Press again when you are done.",
    "hearing": "Listening to it.",
    "refining": "Getting closer. Every answer below can be heard already.",
    "done": "Done. Pick the one you like.",
}


def build(page: PageContext) -> None:
    """Build the view into the current element."""
    with ui.element("div").classes("pair"):
        with ui.element("div").classes("card"):
            _source(page)
        with ui.element("div").classes("card"):
            _answers(page)
    with ui.element("div").classes("card wide-pictures"):
        side_by_side.build(page, "sketch")


def _source(page: PageContext) -> None:
    state = page.state

    def record() -> None:
        state.link.send("/flow/sketch/record", int(state.mirror.sketch_state != "recording"))

    card_title("Your sound")
    with ui.element("div").classes("record-box"):
        button = (
            ui.button(icon="mic", on_click=record, color=None)
            .props('round unelevated aria-label="Record"')
            .classes("record")
        )
        words = ui.label().classes("record-state").props('role="status"')
    progress = ui.linear_progress(0, show_value=False).props("rounded size=10px instant-feedback")
    progress.classes("progress")
    pitch = ui.label().classes("quiet")
    live = ui.switch("Follow my voice all the time").props("dense")

    def follow() -> None:
        if bool(live.value) != state.mirror.following:
            state.link.send("/flow/sketch/live", int(bool(live.value)))

    live.on_value_change(follow)

    def show_following() -> None:
        live.set_value(state.mirror.following)
        live.set_enabled(state.mirror.following or "record" not in state.mirror.unable)

    page.on_change(show_following, "following", "server", "welcome", "can")
    _microphone(page)
    SoundInput()
    hear = soft_button("Hear it", "volume_up")
    hear.on_click(lambda: page.play(f"panel/target.wav?serial={state.sketch.serial}"))

    def show() -> None:
        mirror = state.mirror
        deaf = mirror.unable.get("record")
        idle = f"{deaf} Or drop a sound file." if deaf else _STATES["idle"]
        known = idle if mirror.sketch_state == "idle" else _STATES.get(mirror.sketch_state)
        words.text = known or state.sketch_failure or idle
        on = mirror.sketch_state == "recording"
        button.props(f'icon={"stop" if on else "mic"} aria-label="{"Stop" if on else "Record"}"')
        switch_class(button, "is-on", on)
        button.set_enabled(on or not deaf)
        progress.value = min(max(mirror.sketch_progress, 0.0), 1.0)  # while recording, the level
        progress.props(f'aria-label="{"Level" if on else "Progress"}"')
        switch_class(progress, "is-level", on)
        progress.set_visibility(mirror.sketch_state in ("recording", "hearing", "refining"))
        pitch.text = f"Heard pitch: {_note_name(*mirror.pitch)}" if mirror.pitch else ""
        hear.set_enabled(state.sketch.sound is not None)

    page.on_change(show, "sketch", "target", "welcome", "notices", "can")


def _microphone(page: PageContext) -> None:
    """Build what chooses the server's microphone; it is only asked for them on its own computer."""
    state = page.state
    is_here = is_loopback(state.link.server[0])
    choose = soft_button("Choose the microphone", "mic")
    select = ui.select({}, label="Microphone").props("outlined dense options-dense").classes("wide")
    choose.set_visibility(is_here)

    def ask() -> None:
        state.link.send("/flow/sketch/microphones")

    def look() -> None:
        if is_here and not state.mirror.microphones:
            ask()

    def made() -> str | None:
        return next((m.choice for m in state.mirror.microphones.values() if m.choice), None)

    def chosen() -> None:
        if select.value and select.value != made():
            state.link.send("/flow/sketch/microphone", str(select.value))

    def show() -> None:
        known = [choice for _, m in sorted(state.mirror.microphones.items()) for choice in m.choices.items()]
        select.set_options(dict(known), value=made())
        select.set_visibility(bool(known))
        choose.text = "Look again" if "record" in state.mirror.unable else "Choose the microphone"

    choose.on_click(ask)
    select.on_value_change(chosen)
    page.on_change(show, "microphones", "can", "welcome")
    page.when_shown("sketch", look)


def _answers(page: PageContext) -> None:
    state = page.state
    with ui.element("div").classes("line answers-line"):
        card_title("Answers").classes("grow")
        with ui.element("div").classes("ab").props('role="group" aria-label="Compare"'):
            a = ui.button("A  your sound", color=None).props("flat no-caps dense").classes("chip")
            b = ui.button("B  the answer", color=None).props("flat no-caps dense").classes("chip")
    a.on_click(lambda: page.play(f"panel/target.wav?serial={state.sketch.serial}"))
    b.on_click(lambda: page.play(f"panel/note.wav?{state.sounds.query}"))
    gestures = ui.switch("With the gestures of your sound", value=True).props("dense")
    rows = ui.element("div").classes("candidates")
    listed: list[tuple[int, Candidate] | None] = [None]
    taken: list[ui.element] = []

    def switch_gestures() -> None:
        if bool(gestures.value) != state.mirror.gestures.on:
            state.link.send("/flow/sketch/gestures", int(bool(gestures.value)))

    gestures.on_value_change(switch_gestures)

    def show_gestures() -> None:
        gestures.set_value(state.mirror.gestures.on)
        gestures.set_visibility(state.mirror.gestures.drawn is not None)

    def show() -> None:
        now = sorted(state.mirror.candidates.items())
        if listed == now:  # only the progress moved: a row rebuilt under a finger would lose its click
            return
        listed[:] = now
        rows.clear()
        taken.clear()
        with rows:
            if not state.mirror.candidates:
                ui.label("Answers appear here, closest first, as soon as there is a sound.").classes("quiet")
            for k, candidate in now:
                with ui.element("button").classes("candidate") as row:
                    ui.label(str(k + 1)).classes("candidate-number")
                    ui.label(candidate.label).classes("candidate-label")
                    with ui.element("span").classes("closeness"):
                        ui.element("i").style(f"transform: scaleX({candidate.closeness:.3f})")
                    ui.label(f"{candidate.closeness * 100:.0f} %").classes("number")
                row.on("click", lambda k=k: pick(k))
                taken.append(row)
        picked()

    def pick(k: int) -> None:
        state.sketch.pick(k)
        if not (state.mirror.sound.audition and state.mirror.sound.state == "on"):  # else the server plays it
            ui.timer(_HEARD_AFTER_S, lambda: page.play(f"panel/note.wav?{state.sounds.query}"), once=True)

    def picked() -> None:
        for k, row in enumerate(taken):
            switch_class(row, "is-picked", k == state.sketch.picked)

    def shown() -> None:
        a.set_enabled(state.sketch.sound is not None)
        b.set_enabled(state.model.local.space is not None)  # else nothing here can play it

    page.on_change(show, "sketch", "welcome")
    page.on_change(picked, "picked")
    page.on_change(shown, "target", "local_model", "welcome")
    page.on_change(show_gestures, "gestures", "server", "welcome")
    _own_presets(page)


def _own_presets(page: PageContext) -> None:
    """Build what finds people's own presets that are like the sound, each with its distance."""
    state = page.state
    find = soft_button("Presets of mine that are like it", "library_music")
    find.on_click(state.library.ask_sung)
    rows = ui.element("div").classes("candidates")
    listed: list[tuple[str, float]] = []

    def show() -> None:
        mirror = state.mirror
        find.set_visibility(bool(mirror.candidates) and mirror.n_library > 0)
        near = [mirror.alike[k] for k in sorted(mirror.alike)] if not mirror.alike_of else []
        rows.set_visibility(bool(near) and bool(mirror.candidates))
        if listed == near:  # a row rebuilt under a finger would lose its click
            return
        listed[:] = near
        rows.clear()
        with rows:
            for name, distance_db in near[:_MOST_OWN]:
                with ui.element("button").classes("candidate") as row:
                    ui.label(name).classes("candidate-label")
                    ui.label(f"{distance_db:.1f} dB away").classes("number")
                row.on("click", lambda name=name: state.library.adopt(name))

    page.on_change(show, "alike", "library", "sketch")


def _note_name(note: int, cents: float) -> str:
    names = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    beside = f" {cents:+.0f} cents" if abs(cents) >= 0.5 else ""
    return f"{names[note % 12]}{note // 12 - 1}{beside}"
