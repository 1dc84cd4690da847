"""The sketch and what plays now, one above the other as pictures."""

from nicegui import ui

from panel.components.widgets import Picture
from panel.views.buttons import soft_button
from panel.views.page_context import Visit

__all__ = ["build"]


def build(visit: Visit, view: str) -> None:
    """Build the pictures into the present element; they are made anew while a view is shown.

    Args:
        visit: Of the page.
        view: Name of the view that they are part of.
    """
    hub = visit.hub
    with ui.element("div").classes("line"):
        ui.label("Target and answer").classes("card-title grow")
        soft_button("Look again", "refresh", lambda: look())
    with ui.element("div").classes("pictures"):
        target, answer = Picture("Your sound"), Picture("What plays now")

    def look() -> None:
        target.show(f"panel/target.picture?serial={hub.sketch.serial}")
        answer.show(f"panel/answer.picture?revision={hub.mirror.revision}&note={hub.played_note}")

    def moved() -> None:
        if visit.view == view:
            look()

    visit.hear(moved, "history", "target", "library")
    visit.when_shown(view, look)
