"""A sheet to draw on: rectangles, arcs, and text that is checked for fit."""

import html
import math
from dataclasses import dataclass, field

from max4live.builder.rect import Rect

__all__ = ["THEMES", "Sheet", "Theme", "text_width", "wrapped"]

_FONT = "Ableton Sans Medium, DejaVu Sans Condensed, Arial, sans-serif"
_NARROW, _WIDE = set("iljtfrI.,:;'|!()[] "), set("mwMW%@")


@dataclass(frozen=True)
class Theme:
    """Colours of a Live theme: one accent, the rest grey."""

    surface: str
    title: str
    control: str
    frame: str
    text: str
    faint: str
    screen: str
    screen_text: str
    accent: str
    on_accent: str


THEMES = {
    "light": Theme(
        "#a5a5a5",
        "#b8b8b8",
        "#8f8f8f",
        "#6f6f6f",
        "#141414",
        "#4a4a4a",
        "#1e1e1e",
        "#d8d8d8",
        "#ffb532",
        "#141414",
    ),
    "dark": Theme(
        "#464646",
        "#525252",
        "#2f2f2f",
        "#1f1f1f",
        "#dcdcdc",
        "#a0a0a0",
        "#1a1b1d",
        "#d0d0d0",
        "#ffb532",
        "#141414",
    ),
}


def text_width(text: str, size: float) -> float:
    """Estimate the width of a text in pixels, a little wider than in Live's own font."""
    ems = (0.29 if c in _NARROW else 0.86 if c in _WIDE else 0.66 if c.isupper() else 0.56 for c in text)
    return size * sum(ems)


def wrapped(text: str, width: float, size: float = 9.5) -> list[str]:
    """Split a text into lines of at most this width in pixels; a word that is wider has a line of its own."""
    lines: list[str] = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@dataclass
class Sheet:
    """An SVG drawing.

    Attributes:
        theme: Its colours.
        overflows: Texts that did not fit.
    """

    theme: Theme
    overflows: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)

    def rect(self, at: Rect, fill: str, stroke: str = "none", radius: float = 0.0) -> None:
        """Draw a rectangle with its frame inside."""
        inset = 0.0 if stroke == "none" else 0.5
        self._parts.append(
            f'<rect x="{at.x + inset:g}" y="{at.y + inset:g}" width="{at.width - 2 * inset:g}" '
            f'height="{at.height - 2 * inset:g}" rx="{radius:g}" fill="{fill}" stroke="{stroke}"/>'
        )

    def text(
        self,
        at: Rect,
        text: str,
        *,
        size: float = 9.5,
        fill: str = "",
        align: str = "middle",
        baseline: float = 0.0,
    ) -> None:
        """Write one line into a rectangle; text that does not fit is recorded, and written in red."""
        if not text:
            return
        colour = fill or self.theme.text
        if text_width(text, size) > at.width + 1:
            self.overflows.append(text)
            colour = "#d02020"
        x = {"start": at.x, "middle": at.x + at.width / 2, "end": at.right}[align]
        y = baseline or at.y + at.height / 2 + size * 0.36
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" font-family="{_FONT}" fill="{colour}" '
            f'text-anchor="{align}" xml:space="preserve">{html.escape(text)}</text>'
        )

    def arc(self, centre: tuple[float, float], radius: float, start: float, end: float, colour: str) -> None:
        """Draw an arc from one angle to another, in radians clockwise from the right."""
        (x1, y1), (x2, y2) = (
            (centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in (start, end)
        )
        large = int(end - start > math.pi)
        self._parts.append(
            f'<path d="M{x1:.2f} {y1:.2f}A{radius:g} {radius:g} 0 {large} 1 {x2:.2f} {y2:.2f}" fill="none" '
            f'stroke="{colour}" stroke-width="2.4"/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 2.0) -> None:
        """Draw a line."""
        self._parts.append(
            f'<path d="M{x1:.2f} {y1:.2f}L{x2:.2f} {y2:.2f}" stroke="{colour}" stroke-width="{width:g}"/>'
        )

    def circle(self, x: float, y: float, radius: float, fill: str) -> None:
        """Draw a disc."""
        self._parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}"/>')

    def inlay(self, at: Rect, drawing: str) -> None:
        """Insert the content of another SVG into a rectangle."""
        inside = drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")]
        self._parts.append(
            f'<svg x="{at.x}" y="{at.y}" width="{at.width}" height="{at.height}" '
            f'viewBox="0 0 {at.width} {at.height}">{inside}</svg>'
        )

    def document(self, width: int, height: int, scale: int = 2) -> str:
        """Return the whole drawing as SVG."""
        body = "\n".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * scale}" height="{height * scale}" '
            f'viewBox="0 0 {width} {height}">\n{body}\n</svg>\n'
        )
