"""Where things are on the strip of Flow Synth: dials, map, and the pages that fold away."""

from max4live.builder.patcher import PAGES_OF_TABS
from max4live.builder.rect import Rect

__all__ = [
    "CHOICE",
    "CURVES",
    "DIALS",
    "DIAL_COLUMN",
    "DIAL_ROW",
    "DIAL_WIDTH",
    "EXPLORE",
    "FOLD",
    "FOLDED_WIDTH",
    "FOOT_Y",
    "MACROS",
    "MAP",
    "MAP_LINE",
    "MAP_ROW",
    "MAP_TABS",
    "MAP_VIEW",
    "MINE_VIEW",
    "N_MACROS",
    "PAD_VIEW",
    "PAGE_LINE",
    "PAGE_WIDTH",
    "PAGE_X",
    "PATH",
    "PLAYER",
    "PRESETS",
    "SETUP",
    "STEP_WIDTH",
    "TABS",
    "WIDTH",
    "WORDS",
    "row",
    "setting",
]

N_MACROS = 8
FOLDED_WIDTH, WIDTH = 414, 656
DIAL_WIDTH, DIAL_COLUMN, DIAL_ROW = 56, 58, 63
DIALS = Rect(8, 20, 3 * DIAL_COLUMN + DIAL_WIDTH, DIAL_ROW + 48)  # as fsl_marks.js draws around them
MACROS = tuple(f"Macro {k + 1}" for k in range(N_MACROS))
WORDS, EXPLORE = Rect(8, 4, 156, 16), Rect(170, 4, 66, 15)
MAP_LINE, PAGE_LINE = Rect(242, 4, 5, 140), Rect(413, 4, 5, 161)
MAP_TABS, FOLD = Rect(248, 4, 130, 16), Rect(382, 4, 24, 16)
STEP_WIDTH = 18  # of Previous and Next, at the ends of the row below
MAP, MAP_ROW = Rect(248, 24, 158, 100), Rect(248, 128, 158, 16)
PAGE_X, PAGE_WIDTH = 422, 226
TABS = Rect(PAGE_X, 4, PAGE_WIDTH, 16)
FOOT_Y = 149  # the status line, Commit and Release
PRESETS, CHOICE, PATH, CURVES, SETUP, PLAYER = range(6)
MAP_VIEW, PAD_VIEW, MINE_VIEW = range(PAGES_OF_TABS, PAGES_OF_TABS + 3)


def row(n: int, column: int = 0, columns: int = 1) -> Rect:
    """Return a cell of a page: row `n`, 0 to 5, and one of so many columns."""
    return list(Rect(PAGE_X, 28 + 19 * n, PAGE_WIDTH, 16).columns(columns))[column]


def setting(n: int) -> tuple[Rect, Rect]:
    """Return where a row of Setup has its label and its control: row `n`, 0 to 6."""
    y = 25 + 17 * n
    return Rect(PAGE_X - 3, y - 1, 106, 18), Rect(PAGE_X + 104, y, PAGE_WIDTH - 104, 16)
