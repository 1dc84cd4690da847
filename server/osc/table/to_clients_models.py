"""What the server sends about models, and about the player's own presets, which become some."""

from server.osc.table.row import answer, integer, number, text

__all__ = ["MODELS"]

MODELS = (
    answer(
        "/flow/model",
        (integer("k", 0), text("name"), integer("playing", 0, 1)),
        "One of the models, and whether it plays the instrument. The list is sent again, unasked, when "
        "that changes.",
    ),
    answer(
        "/flow/own/file",
        (
            integer("k", 0),
            integer("n", 1, text="how many there are"),
            text("name", "to be asked for by"),
            text("author", "as the file has it; may be empty"),
            text("style"),
            integer("kept", 0, 1, "1 if it is adopted, and opens at once with its macros"),
        ),
        "One of the player's own presets.",
    ),
    answer(
        "/flow/own/progress",
        (
            text("name"),
            text("state", "`begins`, `macros` while they are made, `ready`, or `failed`"),
            number("done", text="how much of the macros is made"),
            text("text", "what is done now; may be empty"),
        ),
        "How far a preset of the player's own is, for the clients of the instruments that play it.",
    ),
)
