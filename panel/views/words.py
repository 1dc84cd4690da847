"""Words: a line to say what the sound should be, and what was made of it."""

from nicegui import ui

from panel.views.buttons import main_button
from panel.views.page_context import PageContext

__all__ = ["build"]

_EXAMPLES = "darker, a little slower, much more movement"


def build(page: PageContext) -> None:
    """Build the card into the current element."""
    state = page.state
    with ui.element("div").classes("line"):
        line = (
            ui.input(placeholder=_EXAMPLES)
            .props('dense outlined maxlength=200 aria-label="Say what the sound should be"')
            .classes("grow say-line")
        )
        main_button("Say", "chat", lambda: say())
    done, missed = ui.label().classes("quiet said"), ui.label().classes("quiet said said-missed")

    def say() -> None:
        text = " ".join((line.value or "").split())
        if text:
            state.link.send("/flow/say", text)

    def show() -> None:
        said = state.mirror.said
        done.text = said.understood if said else "Or ask for a sound, such as: a hollow pluck."
        parts = [f"Not understood: {said.unknown}." if said and said.unknown else ""]
        parts.append(f"Not done: {said.impossible}." if said and said.impossible else "")
        missed.text = " ".join(part for part in parts if part)
        done.set_visibility(bool(done.text))
        missed.set_visibility(bool(missed.text))

    line.on("keydown.enter", say)
    page.on_change(show, "said", "welcome")
