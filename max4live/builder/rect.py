"""Rectangles on the device's strip, which Live shows 169 pixels high."""

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["HEIGHT_PX", "Rect"]

HEIGHT_PX = 169  # fixed by Live, which silently cuts off what is below


@dataclass(frozen=True)
class Rect:
    """A rectangle on the strip, in whole pixels from its top left."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First pixel to the right of it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First pixel below it."""
        return self.y + self.height

    def overlaps(self, other: "Rect") -> bool:
        """Whether the two share a pixel."""
        across = min(self.right, other.right) > max(self.x, other.x)
        return across and min(self.bottom, other.bottom) > max(self.y, other.y)

    def inside(self, width: int) -> bool:
        """Whether all of it is on a strip of this width."""
        fits = self.x >= 0 and self.y >= 0 and self.right <= width and self.bottom <= HEIGHT_PX
        return fits and self.width > 0 and self.height > 0

    def json(self) -> list[float]:
        """Return it as Max writes it."""
        return [float(v) for v in (self.x, self.y, self.width, self.height)]

    def columns(self, n: int, gap: int = 4) -> "Iterator[Rect]":
        """Split it into n columns with a gap between them; the last gets the odd pixels."""
        width = (self.width - gap * (n - 1)) // n
        for k in range(n):
            x = self.x + k * (width + gap)
            yield Rect(x, self.y, self.right - x if k == n - 1 else width, self.height)
