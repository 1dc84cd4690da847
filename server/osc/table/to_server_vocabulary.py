"""What clients send about the vocabulary of macros, and in words."""

from server.osc.table.row import MACRO, integer, number, query, text

__all__ = ["FURTHEST", "NAME", "VOCABULARY"]

FURTHEST = 1e4  # a latent further out than this comes from a mistake, and could overflow a float32
NAME = text("name", "1 to 64 printable characters, no / \\ or :, no leading dot")
_SIDE = integer("side", 0, 1, "0: where it leads from, 1: where it leads to")

VOCABULARY = (
    query(
        "/flow/macro/vocabulary",
        (),
        "Ask which macros there are, those of the player's own last; one message each. All clients are told "
        "of changes.",
        "macro/known",
    ),
    query(
        "/flow/macro/choose",
        (integer("k", 0, "M - 1", "dial, counted from 0"), text("name", "of any macro of the vocabulary")),
        "Put a macro on dial k; if it is on another dial, the two change places. The choice is kept for each "
        "model, and holds for every instrument that plays it: the sound stays, and what is bound to dial k "
        "turns the new macro.",
        "macroname frozen macros latent place macro/known status",
        needs="save",
    ),
    query(
        "/flow/macro/name",
        (MACRO, text("name", "as for a preset; empty for the model's own")),
        "Call the macro on dial k otherwise. Names are kept for each model.",
        "macroname frozen macros latent place macro/known status",
        needs="save",
    ),
    query(
        "/flow/own/add",
        (_SIDE, text("preset", "a stored point; empty for the current one", optional=True)),
        "Gather a sound for a macro of the player's own, which leads from the sounds of one side to those of "
        "the other.",
        "own",
    ),
    query(
        "/flow/own/point",
        (_SIDE, number("z", -FURTHEST, FURTHEST, "D")),
        "Gather a sound that the client has kept, as `/flow/own/add`.",
        "own",
    ),
    query("/flow/own/clear", (), "Forget the sounds of both sides.", "own"),
    query(
        "/flow/own/make",
        (integer("k", 0, "M - 1", "dial, counted from 0"), NAME),
        "Make a macro of what is gathered, and put it on dial k. Its dial reaches the sounds of both sides. "
        "It is kept for the model.",
        "macroname frozen macros latent place macro/known status own",
        needs="save",
    ),
    query(
        "/flow/own/delete",
        (NAME,),
        "Delete a macro of the player's own.",
        "macroname frozen macros latent place macro/known status",
        needs="save",
    ),
    query(
        "/flow/say",
        (text("sentence", "such as `darker, a little slower` or `a hollow pluck`"),),
        "Turn the macros that the words name, or go to the preset of a kind of sound that fits them best. "
        "Frozen macros stay where they are. docs/words.md lists the words.",
        "said params macros latent place",
    ),
)
