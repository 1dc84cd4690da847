"""Where things are on the strip of Flow Synth."""

from max4live.builder.rect import Rect

__all__ = [
    "AXES",
    "CURVES",
    "DIAL_COLUMN",
    "DIAL_WIDTH",
    "FOOT_Y",
    "MAP",
    "N_MACROS",
    "PAGE_WIDTH",
    "PAGE_X",
    "PATH",
    "PLAYER",
    "PRESETS",
    "SETUP",
    "TABS",
    "WIDTH",
    "row",
]

N_MACROS = 8
WIDTH = 650
DIAL_WIDTH, DIAL_COLUMN = 56, 58
MAP = Rect(248, 6, 160, 116)
PAGE_X, PAGE_WIDTH = 416, 226
TABS = Rect(PAGE_X, 6, PAGE_WIDTH, 16)
FOOT_Y = 148  # the status line and the three buttons
PRESETS, PATH, CURVES, SETUP, PLAYER = range(5)
AXES = ("Map", *(f"Macro {k}" for k in range(1, N_MACROS + 1)))


def row(n: int, column: int = 0, columns: int = 1) -> Rect:
    """Return a cell of a page: row `n`, 0 to 5, and one of so many columns."""
    return list(Rect(PAGE_X, 28 + 19 * n, PAGE_WIDTH, 16).columns(columns))[column]
