"""What clients send about people's own presets."""

from server.osc.table.row import integer, query, text

__all__ = ["LIBRARY"]

LIBRARY = (
    query(
        "/flow/library",
        (
            text("text", "words, each of which is in the name, the author or the style; may be empty"),
            text("style", "such as `Bass`; empty for any"),
            text("author", "or a part of it; empty for any"),
            integer("first", 0, text="index of the first one to be told, counted from 0"),
        ),
        "Search people's own presets, in the folders that the server was given: 64 of those that fit, in the "
        "order of their names, one message each.",
        "library/state library/preset",
    ),
    query(
        "/flow/library/like",
        (text("name"),),
        "Ask for the 16 presets that sound most like one of them, nearest first.",
        "library/like status",
    ),
    query(
        "/flow/library/sung",
        (),
        "Ask for the 16 presets that sound most like what was sketched last, nearest first; told as of one "
        "without a name.",
        "library/like status",
    ),
    query(
        "/flow/library/styles",
        (),
        "Ask which styles they have, those of most presets first: 64 at most, one message each.",
        "library/style",
    ),
    query(
        "/flow/library/left",
        (integer("first", 0),),
        "Ask which files were left out, and why: 64 from this one, one message each.",
        "library/left status",
    ),
    query(
        "/flow/library/hear",
        (),
        "Look into the folders again, and hear what is new. All clients are told how far it is.",
        "library/state",
        needs="save",
    ),
)
