"""Connect: controllers, what they move and command, and how they are bound: by touch or by name."""

from nicegui import ui

from panel.components.widgets import BindingList
from panel.views.buttons import card_title, icon_button, main_button, soft_button
from panel.views.page_context import PageContext
from server.midi.bindings.command import COMMANDS

__all__ = ["build"]


def build(page: PageContext) -> None:
    """Build the card into the current element."""
    state = page.state
    card_title("Controllers")
    ui.label(
        "Press Learn, then move a knob or fader from end to end. The line is the macro, the dot the control: "
        "it takes hold where they meet, so nothing jumps."
    ).classes("quiet")
    only_here = ui.switch("Only this instrument").props("dense")
    only_here.tooltip(
        "Bind the control to the instrument that is picked above; else it follows what is picked."
    )
    refused = ui.label().classes("said-missed learn-refused").props('role="status"')
    BindingList(lambda k: state.learning.learn(k, only_here=bool(only_here.value)), state.learning.unlearn)
    with ui.element("div").classes("line"):
        learn_all = soft_button(
            "Learn all", "playlist_add", lambda: state.learning.learn_all(only_here=bool(only_here.value))
        )
        other = soft_button("No, another one", "replay", state.learning.other)
        skip = soft_button("Skip", "skip_next", state.learning.skip)
        stop = soft_button("Stop", "close", state.learning.stop)
    _heard(page)
    _commands(page, only_here)
    _by_name(page, only_here)

    def show() -> None:
        only_here.set_visibility(len(state.mirror.instruments) > 1)
        learn_all.set_enabled("learn" not in state.mirror.unable)
        other.set_visibility(state.learning.waits or state.learning.has_learned)
        skip.set_visibility(state.learning.waits)
        stop.set_visibility(state.learning.waits)

    def show_refusal() -> None:
        last = state.latest_notice
        said = last.text if last and last.wrong and last.address.startswith("/flow/learn") else ""
        refused.text = state.mirror.unable.get("learn", said)

    page.on_change(show, "instruments", "learning", "can", "welcome")
    page.on_change(show_refusal, "notices", "can", "welcome")


def _heard(page: PageContext) -> None:
    """Build the list of what is heard while something waits for a control."""
    state = page.state
    box = ui.element("ul").classes("heard").props('aria-label="What is heard" aria-live="polite"')

    def show() -> None:
        box.clear()
        with box:
            for j, one in sorted(state.mirror.heard.items()):
                with ui.element("li").classes("line"):
                    ui.label(one.control).classes("grow")
                    ui.label(f"{one.kind}, {one.travel:.0%}").classes("quiet")
                    soft_button("This one", None, lambda j=j: state.learning.take(j))

    page.on_change(show, "heard")


def _commands(page: PageContext, only_here: ui.switch) -> None:
    """Build the commands: what is bound, and a button that learns another."""
    state = page.state
    card_title("Buttons, pads and pedals")
    with ui.element("div").classes("line"):
        command = ui.select(_choices(8), value="record", label="Command").props(
            "outlined dense options-dense"
        )
        command.classes("grow")
        learn = main_button("Learn", "touch_app")
    waiting = ui.label().classes("quiet").props('aria-live="polite"')
    box = ui.element("ul").classes("commands")
    learn.on_click(lambda: state.learning.learn_command(str(command.value), only_here=bool(only_here.value)))

    def show() -> None:
        command.set_options(_choices(len(state.mirror.macros) or 8), value=command.value)
        for part in (command, learn):
            part.set_enabled("learn" not in state.mirror.unable)
        waits_for = state.mirror.learning_command
        waiting.text = f"Press the button, pad or pedal for '{waits_for}'." if waits_for else ""
        box.clear()
        with box:
            for _, one in sorted(state.mirror.commands.items()):
                with ui.element("li").classes("line"):
                    ui.label(one.command)
                    ui.label(one.control).classes("quiet grow")
                    icon_button(
                        "link_off", f"Unbind {one.command}", lambda one=one: state.learning.unbind(one)
                    )

    page.on_change(show, "commands", "learning", "welcome", "can")


def _choices(n_macros: int) -> list[str]:
    """Return the commands, with one `hold` for each macro."""
    return [
        *(one for one in COMMANDS if one != "hold"),
        *(f"hold {k}" for k in range(n_macros)),
    ]


def _by_name(page: PageContext, only_here: ui.switch) -> None:
    """Build the form that binds a control without touching it."""
    state = page.state
    fold = ui.expansion("Bind by name").classes("wide")
    with fold, ui.element("div").classes("line"):
        what, control, controller = (
            ui.input(label, placeholder=example).props("outlined dense maxlength=80").classes("grow")
            for label, example in (
                ("What", "macro 0"),
                ("Control", "cc 20 channel 1"),
                ("Controller", "the only one"),
            )
        )
        bind = soft_button("Bind", "link")

    def send() -> None:
        texts = [str(one.value or "").strip() for one in (what, control, controller)]
        if texts[0] and texts[1]:
            state.learning.bind(*texts, only_here=bool(only_here.value))
        else:
            state.notify("Enter what to bind, such as macro 0, and a control such as cc 20.", wrong=True)

    def show() -> None:
        fold.set_enabled("learn" not in state.mirror.unable)

    bind.on_click(send)
    page.on_change(show, "can", "welcome")
