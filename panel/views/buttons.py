"""The three kinds of button and the title of a card, so that they look alike everywhere."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

__all__ = ["card_title", "icon_button", "main_button", "soft_button", "switch_class"]

Act = Callable[..., Any] | None


def main_button(text: str, icon: str | None, act: Act = None) -> ui.button:
    """Return the one button of a card that stands out."""
    return (
        ui.button(text, icon=icon, on_click=act, color=None)
        .props("no-caps unelevated")
        .classes("main-button")
    )


def soft_button(text: str, icon: str | None = None, act: Act = None) -> ui.button:
    """Return a button that does not call for attention."""
    return (
        ui.button(text, icon=icon, on_click=act, color=None)
        .props("flat no-caps dense")
        .classes("toggle-button")
    )


def icon_button(icon: str, name: str, act: Act = None) -> ui.button:
    """Return a round button that shows only an icon; its name is the tooltip."""
    button = ui.button(icon=icon, on_click=act, color=None).props(f'flat round dense aria-label="{name}"')
    button.classes("tool").tooltip(name)
    return button


def card_title(text: str) -> ui.label:
    """Return the title of a card, a heading for screen readers."""
    return ui.label(text).classes("card-title").props('role="heading" aria-level="2"')


def switch_class(element: ui.element, name: str, on: bool) -> None:
    """Add a class to an element, or remove it."""
    if on:
        element.classes(add=name)
    else:
        element.classes(remove=name)
