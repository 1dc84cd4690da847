"""What the server sends about presets: those of the map, and people's own."""

from server.osc.table.row import answer, integer, number, text

__all__ = ["PRESETS"]

_FAR = 1_000.0  # dB

PRESETS = (
    answer(
        "/flow/preset",
        (integer("k", 0), text("name"), number("x"), number("y")),
        "A preset and its place on the map.",
    ),
    answer(
        "/flow/preset/count",
        (integer("n", 0),),
        "One of the presets has gone or has another name, so others have other indices: there are n. Forget "
        "them, and ask again with /flow/presets.",
    ),
    answer(
        "/flow/preset/binned",
        (integer("k", 0), integer("n", 1, text="how many there are"), text("name")),
        "A preset that was deleted, and can be restored.",
    ),
    answer(
        "/flow/kind",
        (text("kind", "such as `bass`"), integer("first", 0), integer("n", 1)),
        "Presets first to first + n - 1 are of this kind of sound; those that a player saved have none.",
    ),
    answer(
        "/flow/preset/patch",
        (text("name"), number("value", count="P")),
        "The patch of a stored point: every parameter.",
    ),
    answer(
        "/flow/library/state",
        (
            text("state", "`off`: no folder is given; `hearing`, `done` or `failed`"),
            integer("done", 0, text="presets that are known"),
            integer("total", 0, text="presets found"),
            integer("left out", 0, text="files that were left out; `/flow/library/left` tells why"),
        ),
        "How far the hearing of people's own presets is; sent to all when that changes, twice a second at "
        "most. Places come with it: ask again when it is done.",
    ),
    answer(
        "/flow/library/preset",
        (
            integer("k", 0, text="index among those that fit"),
            integer("n", 0, text="how many fit; with 0, the rest is empty"),
            text("name"),
            text("author"),
            text("style"),
            number("x", -1, text="place on the map; -1 while it is not known, and if it is silent at C4"),
            number("y", -1),
            number(
                "repeat dB",
                -1,
                _FAR,
                text="soft MSS between two renders: above 1.5 it does not repeat itself; -1: not heard yet",
            ),
        ),
        "One of people's own presets.",
    ),
    answer(
        "/flow/library/like",
        (
            integer("k", 0),
            integer("n", 0, text="how many there are; with 0, the rest is empty"),
            text("of", "the preset that they are like; empty for what was sketched last"),
            text("name"),
            number("distance dB", 0.0, _FAR, text="about, by soft MSS"),
        ),
        "A preset that sounds like another, or like what was sketched.",
    ),
    answer(
        "/flow/library/style",
        (
            integer("k", 0),
            integer("n", 0, text="how many there are; with 0, the rest is empty"),
            text("style", "such as `Bass`, as `/flow/library` takes it"),
            integer("presets", 0, text="how many have it, in whatever case it is written"),
        ),
        "A style of people's own presets. They are known as presets are heard: ask again when that is done.",
    ),
    answer(
        "/flow/library/left",
        (integer("k", 0), integer("n", 1), text("file"), text("reason")),
        "A file that was left out.",
    ),
)
