"""Pictures of the sketch and of what plays now, side by side."""

from nicegui import ui

from panel.components.widgets import SoundPicture
from panel.views.buttons import card_title, soft_button
from panel.views.page_context import PageContext

__all__ = ["build"]


def build(page: PageContext, view: str) -> None:
    """Build the pictures into the current element; they are updated while the view is shown.

    Args:
        page: The page.
        view: The view that they are part of.
    """
    state = page.state
    with ui.element("div").classes("line"):
        card_title("Target and answer").classes("grow")
        soft_button("Refresh", "refresh", lambda: look())
    with ui.element("div").classes("pictures"):
        target, answer = SoundPicture("Your sound"), SoundPicture("What plays now")

    def look() -> None:
        target.show(f"panel/target.picture?serial={state.sketch.serial}")
        answer.show(f"panel/answer.picture?{state.sounds.query}")

    def moved() -> None:
        if page.view == view:
            look()

    page.on_change(moved, "history", "target", "local_model")
    page.when_shown(view, look)
