"""What the server sends: every row to the clients."""

from server.osc.table.row import MACRO, NONCE, answer, integer, number, text
from server.osc.table.to_clients_models import MODELS
from server.osc.table.to_clients_presets import PRESETS
from server.osc.table.to_clients_sketches import SKETCH_ANSWERS

__all__ = ["ROWS"]

_ANY = 3.4e38

ROWS = (
    answer(
        "/flow/welcome",
        (
            NONCE,
            integer("run"),
            integer("protocol"),
            text("version"),
            text("model"),
            text("synth"),
            integer("M", 1, text="macros"),
            integer("D", 1, text="latent dimensions"),
            integer("P", 1, text="parameters"),
            text("sketch folder", "with forward slashes; empty if its path has more than 256 bytes"),
            text("instrument", "identity of the client's own, for clients of protocol 2", optional=True),
            text("link", "identity of another's that it plays instead, if it does", optional=True),
        ),
        "The answer to hello. It is sent again, unasked, when another model plays what the client hears: "
        "counts are those of that model, and messages about the instrument have as many values from then on.",
    ),
    answer(
        "/flow/token",
        (integer("number", 0),),
        "To a client on another machine: send the number back by `/flow/echo`. Until then it is sent at most "
        "three times the bytes that it has sent.",
    ),
    answer(
        "/flow/pong",
        (integer("n"), integer("run")),
        "A new run number means that the server restarted; say hello again.",
    ),
    answer(
        "/flow/name",
        (integer("k", 0, "P - 1"), text("name", "as the host shows it")),
        "Name of parameter k.",
    ),
    answer(
        "/flow/macroname",
        (MACRO, text("name")),
        "Name of the macro on dial k; sent to all when that changes.",
    ),
    answer(
        "/flow/macro/known",
        (
            integer("j", 0, text="index in the vocabulary"),
            integer("n", 1, text="how many macros it has"),
            text("name", "as the player calls it"),
            integer("k", -1, "M - 1", "dial that it is on; -1 for none"),
            text("model's name", "empty for a macro of the player's own"),
        ),
        "A macro of the vocabulary. The list is sent again, unasked, when it changes.",
    ),
    answer(
        "/flow/own",
        (
            integer("from", 0, text="sounds gathered that it is to lead from"),
            integer("to", 0, text="and to"),
        ),
        "What is gathered on the instrument for a macro of the player's own; sent when that changes.",
    ),
    answer(
        "/flow/said",
        (
            text("sentence"),
            text("understood", "what it did, with the macros' positions or the preset; empty for nothing"),
            text("unknown", "what was not understood"),
            text("impossible", "what was understood, but cannot be done here, with the reason"),
        ),
        "What was made of a sentence, for all clients of the instrument. Parts are separated by semicolons.",
    ),
    answer(
        "/flow/params",
        (
            integer("sequence", 0, text="grows by one each frame, and starts again at 0 after 2^31 - 1"),
            number("value", count="P"),
        ),
        "A frame: the value of every parameter. Drop one whose sequence number is not newer.",
    ),
    answer("/flow/macros", (number("value", count="M"),), "Positions of the dials."),
    answer(
        "/flow/frozen",
        (MACRO, integer("on", 0, 1)),
        "Whether macro k is frozen; sent to all when that changes. After another model is loaded, none is.",
    ),
    answer(
        "/flow/path",
        (
            integer("n", 0, 64, "points"),
            integer("space", 0, 1, "0: latent space, 1: parameters"),
        ),
        "The path; sent to all when it changes. After another model is loaded, it has no points.",
    ),
    answer(
        "/flow/path/point",
        (integer("k", 0, 63), number("x"), number("y")),
        "Where a point of the path is on the map; comes after `/flow/path`, for each that is new, and all "
        "of them for a client that connects later.",
    ),
    answer(
        "/flow/latent",
        (number("z", -_ANY, _ANY, "D"),),
        "The exact point. Also sent to all, once, when macros have rested for 0.12 s.",
    ),
    *PRESETS,
    answer(
        "/flow/place",
        (number("x"), number("y")),
        "Place of the point on the map: exact after going to a place or a preset, else estimated from the "
        "latents of the nearest presets and of the last place gone to. Also sent to all, once, when macros "
        "have rested for 0.12 s.",
    ),
    *MODELS,
    answer(
        "/flow/curve",
        (text("kind", "`parameter` or `descriptor`"), text("name"), number("value", -_ANY, _ANY, 50)),
        "What a macro does, at 50 positions from 0 to 1.",
    ),
    answer(
        "/flow/pitch",
        (
            integer("note", 0, 127, "to play the answer at; the model's own note if the sketch has no pitch"),
            number("cents", -50, 50),
        ),
        "Pitch of the instrument's sketch.",
    ),
    *SKETCH_ANSWERS,
    answer(
        "/flow/client",
        (
            integer("k", 0),
            integer("n", 1, text="how many there are"),
            text("kind", "as in hello"),
            text("name"),
        ),
        "One of the clients; one that never said hello has no kind and no name.",
    ),
    answer(
        "/flow/instrument",
        (
            integer("k", 0),
            integer("n", 1, text="how many there are"),
            text("identity", "empty for the one that no device has taken yet"),
            text("name"),
            integer("alive", 0, 1, "1 while the client is there whose own it is, and plays it"),
            integer("focus", 0, 1),
            text("link", "identity of what that client plays instead, if it does"),
        ),
        "One of the instruments. The list is sent again, unasked, soon after it has changed.",
    ),
    answer(
        "/flow/learning",
        (
            integer("k", -1, "M - 1", "macro; -1 for none"),
            text("instrument", "identity of the one whose macro it is; empty: whatever has the focus"),
            text("command", "that waits, if it is no macro", optional=True),
        ),
        "What waits for a control; sent to all when that changes.",
    ),
    answer(
        "/flow/heard",
        (
            integer("j", 0, text="the likeliest first"),
            integer("n", 0, text="how many there are; 0 once nothing waits any more"),
            text("control", "with its controller"),
            text("kind", "knob, stepped, encoder, switch, button or pad"),
            number("travel", text="how far it was moved, of its range"),
        ),
        "A control that is heard while something waits for one; sent to all, 5 times a second at most.",
    ),
    answer(
        "/flow/commands",
        (integer("n", 0),),
        "Number of controls that give commands or load presets; the list follows.",
    ),
    answer(
        "/flow/command",
        (
            integer("j", 0, text="index in the list"),
            text("command", "or `preset NAME`"),
            text("control", "with its controller"),
            text("instrument", "as in `/flow/binding`"),
        ),
        "A control that gives a command or loads a preset.",
    ),
    answer("/flow/bindings", (integer("n", 0),), "Number of controls that move macros; the list follows."),
    answer(
        "/flow/binding",
        (
            integer("j", 0, text="index in the list"),
            MACRO,
            text("control", "such as `CC 21 on channel 1 of nanoKONTROL2`"),
            text("takeover", "`pickup`, `scale` or `jump`; `steps` for an endless encoder"),
            number(
                "control value",
                -1,
                text="that the macro would have at the control's position; -1: not known yet",
            ),
            integer("engaged", 0, 1, "1 while the macro follows the control"),
            text(
                "instrument",
                "identity of the one that it moves, or, while that is not there, what the profile calls it; "
                "empty: whatever has the focus",
            ),
        ),
        "A control that moves a macro. It is sent again, 10 times a second at most, when the control is "
        "moved, catches its macro or loses it.",
    ),
    answer(
        "/flow/sound",
        (
            text("state", "`off`; `starting`; `on`; `failed`: the text says why"),
            integer("speakers", 0, 1, "1 if it plays through those of the server's computer"),
            integer("voices", 0, text="notes that sound"),
            integer("gaps", 0, text="times that the speakers ran dry"),
            integer("late", 0, text="times that a note repeated itself because it was rendered too slowly"),
            number("volume"),
            integer("audition", 0, 1, "1 if a note is played when the sound has changed"),
            text("text", "what to do if it failed"),
        ),
        "How the built-in instrument is; sent to all when it changes, twice a second at most.",
    ),
    answer(
        "/flow/sound/stream",
        (
            integer("port", 1, 65535, "TCP port on 127.0.0.1"),
            text("token", "to be sent there first: 32 characters"),
            integer("sample rate", 1, text="Hz"),
        ),
        "Where the sound is heard. After the token, ask for so many frames with 4 bytes, big endian, as "
        "often as you like: that many come, each two 16-bit samples, little endian.",
    ),
    answer(
        "/flow/health",
        (
            number("p50 ms", 0.0, _ANY, text="from datagram received to frame sent"),
            number("p99 ms", 0.0, _ANY),
            integer("received", 0),
            integer("coalesced", 0, text="superseded by a newer value before it was computed"),
            integer("refused", 0),
        ),
        "Latency of the last 4,096 frames, and counters since the start.",
    ),
    answer(
        "/flow/can",
        (
            text("what", "`learn`: bind controls; `record`: hear its microphone"),
            integer("on", 0, 1),
            text("text", "what to do if it cannot"),
        ),
        "Whether the server can do something. Whether it can record is sent to the instrument's clients once "
        "somebody has asked for the microphones.",
    ),
    answer("/flow/status", (text("text"),), "A line for the player."),
    answer(
        "/flow/error",
        (text("address"), text("text")),
        "What was wrong with a message to that address, and what to do. Nothing has changed.",
    ),
)
