"""What clients send: every row to the server."""

from server.osc.row import EVERY_CONTROL, MACRO, NONCE, control, integer, number, query, text

__all__ = ["FURTHEST", "MACRO_BRANCH", "ROWS"]

MACRO_BRANCH = "/flow/macro/"  # and a macro's number: /flow/macro/3 0.5 is /flow/macro 3 0.5
FURTHEST = 1e4  # a latent further out than this comes from a mistake, and could overflow a float32
_NAME = text("name", "1 to 64 printable characters, no / \\ or :, no leading dot")

ROWS = (
    query(
        "/flow/hello",
        (
            NONCE,
            integer("reply port", 1, 65535, "UDP port that the client listens on"),
            integer("protocol", text="1"),
            text("kind", "`device` for one that brings its own state, else `panel`, `script`, ..."),
            text("name", "shown to people"),
        ),
        "Register. Repeating it, every 10 s at most, is fine. A newly registered client that is not a "
        "`device` is also sent the present macros, latent, place and frame, the frozen macros, the path and "
        "the bindings; and each the state and candidates of the last sketch, where there was one.",
        "welcome frozen path",
    ),
    query("/flow/ping", (integer("n"),), "Heartbeat; a client silent for 10 s is forgotten.", "pong"),
    query("/flow/bye", (NONCE,), "Unregister: the nonce is that of hello. No answer."),
    query(
        "/flow/names",
        (),
        "Ask for the names of parameters and macros; one message each.",
        "name macroname",
    ),
    control(
        "/flow/macro",
        (MACRO, number("value")),
        "Turn one macro. The other clients are told all macros. Each has an address of its own as well: "
        "`/flow/macro/3 0.5` is `/flow/macro 3 0.5`.",
        "params",
    ),
    control(
        "/flow/macros",
        (number("value", count="M"),),
        "Turn all macros; a dial that already shows its value stays where it is.",
        "params",
        voids=("/flow/macro",),
    ),
    control(
        "/flow/latent",
        (number("z", -FURTHEST, FURTHEST, "D"),),
        "Go to exactly this point, frozen macros or not.",
        "params macros latent place",
        voids=(EVERY_CONTROL,),
    ),
    control(
        "/flow/patch",
        (number("value", count="P"),),
        "The synth's own values; the knobs follow. Exact, frozen macros or not.",
        "params macros latent place",
        voids=(EVERY_CONTROL,),
    ),
    query(
        "/flow/vary",
        (number("amount", 0.0, 2.0, text="standard deviations of the latent space"),),
        "Draw a nearby point; frozen macros keep their place.",
        "params macros latent place",
    ),
    query(
        "/flow/freeze",
        (MACRO, integer("on", 0, 1)),
        "A frozen macro keeps its place through presets, paths, sketches and variations. "
        "Turning it, or an exact latent or patch, still moves it.",
        "frozen status",
    ),
    query(
        "/flow/preset/load",
        (_NAME,),
        "Go to a stored point: one that was saved, else one of the model's map.",
        "params macros latent place",
    ),
    query("/flow/preset/save", (_NAME,), "Store the present point.", "status preset"),
    query(
        "/flow/preset/export",
        (_NAME,),
        "Write the present patch as the synth's own preset file; the status says where.",
        "status",
    ),
    query(
        "/flow/preset/patch",
        (_NAME,),
        "Ask for the patch of a stored point, to hear it without going there.",
        "preset/patch",
    ),
    query("/flow/presets", (), "Ask for the map: one item each, with its place.", "preset"),
    control(
        "/flow/place",
        (number("x"), number("y")),
        "Go to a place of the map: a preset's own sound where one lies, else a blend of the nearest, in "
        "the latent space, without a jump between. Frozen macros keep their place.",
        "params macros latent place",
    ),
    query("/flow/path/add", (), "Add the present point to the path, which holds at most 64.", "path"),
    query("/flow/path/clear", (), "Forget the path.", "path"),
    control(
        "/flow/path/play",
        (number("position"),),
        "Go to a place along the path, at equal speed; it needs two points.",
        "params macros latent place",
    ),
    query(
        "/flow/path/space",
        (integer("space", 0, 1, "0 travels in sound (latent), 1 in parameters"),),
        "Choose what the path is straight in.",
        "path",
    ),
    query(
        "/flow/curves",
        (MACRO, integer("n", 0, "P", "how many parameters, strongest first; P is the most")),
        "Ask what a macro does from the present point: parameters, then audio descriptors.",
        "curve",
    ),
    query(
        "/flow/sketch/record",
        (integer("on", 0, 1),),
        "Record from the server's microphone, 30 s at most; 0 ends it, and the answer comes. Frozen macros "
        "keep their place.",
        "sketch/state pitch sketch/candidate params macros latent place status",
    ),
    query(
        "/flow/sketch/live",
        (integer("on", 0, 1),),
        "Follow the voice at the server's microphone, 25 times a second while it sounds; 0 holds what it "
        "came to.",
        "sketch/state pitch params macros latent place status",
    ),
    query(
        "/flow/sketch/file",
        (
            text(
                "name",
                "a sound file in the sketch folder named in welcome: wav, aiff, flac, mp3 or ogg. One called "
                "`sketch-NUMBER-NUMBER.wav` is a take, and deleted once it was read",
            ),
            integer("ms", 0, text="how much of it counts; 0 for all"),
        ),
        "Take a sound file as sketch: the first answer is played at once; better ones are offered, and "
        "played while nobody has touched anything since.",
        "sketch/state pitch sketch/candidate params macros latent place status",
    ),
    query(
        "/flow/sketch/pick",
        (integer("k", 0),),
        "Take candidate k of the last sketch; better ones are then only offered.",
        "params macros latent place",
    ),
    query(
        "/flow/sketch/take",
        (text("name", "`sketch-NUMBER-NUMBER.wav`, a name of the client's own"),),
        "Ask to hear the sound of the last sketch: it is written to the sketch folder under that name, and "
        "deleted again after 10 s; whoever has read it deletes it before. Only on the server's own computer.",
        "sketch/take",
        local=True,
    ),
    query(
        "/flow/learn",
        (MACRO,),
        "Bind the next control moved to macro k: of a MIDI controller, or another program's OSC address "
        "with a number from 0 to 1. The status says what to move, and, to all, what was learned. The server "
        "has to be started with --midi or --oscquery.",
        "status",
    ),
    query("/flow/unlearn", (MACRO,), "Unbind macro k from every controller plugged in.", "status"),
    query(
        "/flow/bindings",
        (),
        "Ask which controls move macros, and where they stand: how many there are, then one message each. "
        "Everybody is told when that changes, and a newly registered client that is not a `device`.",
        "bindings binding",
    ),
    query(
        "/flow/model",
        (_NAME,),
        "Change to another model, by name, never by path. The sound stays if it has the same "
        "parameters; frozen macros and the path are forgotten. Every client gets a new welcome.",
        "welcome model params macros latent place status",
    ),
    query("/flow/models", (), "Ask for the models by name, one message each.", "model"),
    query("/flow/health", (), "Ask for latency and counters.", "health"),
    query("/flow/clients", (), "Ask who is connected, one message each.", "client"),
)
