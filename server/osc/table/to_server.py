"""What clients send: every row to the server."""

from server.osc.hosts.ports import LOWEST_PORT
from server.osc.table.row import (
    EVERY_CONTROL,
    INSTRUMENT,
    LINK,
    MACRO,
    NONCE,
    control,
    integer,
    number,
    query,
    text,
)
from server.osc.table.to_server_controllers import CONTROLLERS
from server.osc.table.to_server_library import LIBRARY
from server.osc.table.to_server_models import MODELS
from server.osc.table.to_server_sketches import SKETCHES
from server.osc.table.to_server_vocabulary import FURTHEST, NAME, VOCABULARY

__all__ = ["FREEZE_BRANCH", "FURTHEST", "MACRO_BRANCH", "ROWS"]

MACRO_BRANCH = "/flow/macro/"  # and a macro's number: /flow/macro/3 0.5 is /flow/macro 3 0.5
FREEZE_BRANCH = "/flow/freeze/"

ROWS = (
    query(
        "/flow/hello",
        (
            NONCE,
            integer("reply port", LOWEST_PORT, 65535, "UDP port that the client listens on"),
            integer("protocol", text="2; 1 for clients that know of one instrument only"),
            text("kind", "`device` for a client that keeps its own state, otherwise `panel`, `script`, ..."),
            text("name", "shown to people"),
            text("instrument", INSTRUMENT, optional=True),
            text("link", LINK, optional=True),
        ),
        "Register; repeat it as often as you like. A newly registered client that is not a `device` is also"
        " sent the current macros, latent, place and frame, frozen macros, path, gestures and bindings; "
        "every new client is sent the state and candidates of its instrument's last sketch.",
        "welcome frozen path",
    ),
    query("/flow/ping", (integer("n"),), "Heartbeat; a client that is silent for 10 s is forgotten.", "pong"),
    query(
        "/flow/echo",
        (integer("number", 0, text="from `/flow/token`"),),
        "Show that what is sent to this client's address is heard there: then it is sent everything. Only "
        "clients on other machines are asked to.",
        "welcome",
    ),
    query("/flow/bye", (NONCE,), "Unregister: sent from where hello was sent, with its nonce. No answer."),
    query(
        "/flow/names",
        (),
        "Ask for the names of parameters and macros; one message each. Where another model has just come to "
        "play, its frame is sent again.",
        "name macroname params",
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
        "Go to exactly this point; frozen macros move, too.",
        "params macros latent place",
        voids=(EVERY_CONTROL,),
    ),
    control(
        "/flow/patch",
        (number("value", count="P"),),
        "Set the synth's own values exactly; the knobs follow, frozen ones, too.",
        "params macros latent place",
        voids=(EVERY_CONTROL,),
    ),
    query(
        "/flow/vary",
        (number("amount", 0.0, 2.0, text="standard deviations of the latent space"),),
        "Draw a nearby point; frozen macros stay where they are.",
        "params macros latent place",
    ),
    query(
        "/flow/freeze",
        (MACRO, integer("on", 0, 1)),
        "A frozen macro stays where it is through presets, paths, sketches and variations. Turning it, or "
        "an exact latent or patch, still moves it.",
        "frozen status",
    ),
    *VOCABULARY,
    query(
        "/flow/preset/load",
        (NAME,),
        "Go to a stored point: a saved preset, else one of the model's own.",
        "params macros latent place",
    ),
    query(
        "/flow/preset/step",
        (integer("by", -1_000, 1_000, "1 for the next, -1 for the one before"),),
        "Go to the next preset of the list, counted from the one that was loaded last; after the last comes "
        "the first.",
        "params macros latent place status",
    ),
    query(
        "/flow/ab",
        (),
        "Keep the current point as A (or B), and go to B (or A). The first time, B begins as a copy of A.",
        "params macros latent place status",
    ),
    query("/flow/undo", (), "Go back to the point before that came to rest.", "params macros latent place"),
    query("/flow/redo", (), "Go forward again.", "params macros latent place"),
    query(
        "/flow/preset/save",
        (NAME,),
        "Save the current point as a preset. It can be loaded at once; the status comes when it is on disk, "
        "and then all clients are told of the preset.",
        "status preset",
        needs="save",
    ),
    query(
        "/flow/preset/rename",
        (NAME, text("new name", "as the name")),
        "Call a saved preset otherwise.",
        "status preset/count",
        needs="save",
    ),
    query(
        "/flow/preset/delete",
        (NAME,),
        "Move a saved preset into the bin, which keeps it.",
        "status preset/count",
        needs="save",
    ),
    query(
        "/flow/preset/restore",
        (NAME,),
        "Bring back what was deleted last under a name.",
        "status preset",
        needs="save",
    ),
    query(
        "/flow/preset/bin", (), "Ask which presets the bin holds, one message each.", "preset/binned status"
    ),
    query(
        "/flow/preset/export",
        (NAME,),
        "Write the current patch as a preset file of the synth; the status says where. A file that is there "
        "is never overwritten: the new one gets a number.",
        "status",
        needs="save",
    ),
    query(
        "/flow/preset/patch",
        (NAME,),
        "Ask for the patch of a stored point, to hear it without loading it.",
        "preset/patch",
    ),
    query(
        "/flow/presets", (), "Ask for the preset map: one message for each preset, with its place.", "preset"
    ),
    query("/flow/kinds", (), "Ask which presets are of which kind of sound.", "kind"),
    control(
        "/flow/place",
        (number("x"), number("y")),
        "Go to a place of the preset map: a preset's own sound where one lies, else a blend of the nearest "
        "ones, continuous in the latent space. Frozen macros stay where they are.",
        "params macros latent place",
    ),
    query(
        "/flow/path/add", (), "Add the current point to the path, which holds at most 64.", "path path/point"
    ),
    query("/flow/path/clear", (), "Remove all points of the path.", "path"),
    control(
        "/flow/path/play",
        (number("position"),),
        "Go to a position along the path, at constant speed; it needs two points.",
        "params macros latent place",
    ),
    query(
        "/flow/path/run",
        (integer("on", 0, 1),),
        "Play the path in tempo, there and back in 8 s, until it is stopped; it needs two points.",
        "params macros latent place status",
    ),
    query(
        "/flow/path/space",
        (integer("space", 0, 1, "0: latent space, 1: parameters"),),
        "Choose the space in which the path runs in straight lines.",
        "path",
    ),
    query(
        "/flow/curves",
        (MACRO, integer("n", 0, "P", "number of parameters, strongest first")),
        "Ask what a macro does from the current point: parameters, then audio descriptors.",
        "curve",
    ),
    *LIBRARY,
    *SKETCHES,
    *CONTROLLERS,
    *MODELS,
    query(
        "/flow/instruments",
        (),
        "Ask for the instruments, one message each. All clients are told of changes.",
        "instrument",
    ),
    query(
        "/flow/focus",
        (text("instrument"),),
        "Give an instrument the focus: the panel, controllers, sketches and clients without an instrument of "
        "their own act on it from then on, and are told its state.",
        "instrument params macros latent place frozen path",
    ),
    query(
        "/flow/focus/next",
        (),
        "Give the focus to the next instrument that is being played.",
        "instrument params macros latent place frozen path status",
    ),
    query(
        "/flow/note",
        (integer("note", 0, 127), integer("velocity", 0, 127, "0 lets the key go")),
        "Play the built-in instrument: a key of the client's own goes down or up. The note follows whatever "
        "moves the instrument while it sounds. Eight sound at once; the ninth ends the oldest. A client that "
        "leaves lets go of its keys.",
        "sound",
    ),
    query(
        "/flow/pedal",
        (integer("on", 0, 1),),
        "The sustain pedal: while it is down, the client's notes go on after their keys are let go.",
    ),
    query("/flow/bend", (number("semitones", -24.0, 24.0),), "Bend the pitch of all that the client plays."),
    query("/flow/panic", (), "End every note at once, whoever plays it.", needs="stop"),
    query(
        "/flow/volume",
        (number("position", text="0.8: sounds keep their own level"),),
        "Set the volume of the built-in instrument.",
        "sound",
    ),
    query(
        "/flow/audition",
        (integer("on", 0, 1),),
        "Whether a note is played when the sound has changed and come to rest while nobody plays. It is at "
        "first.",
        "sound",
    ),
    query("/flow/sound", (), "Ask how the built-in instrument is.", "sound"),
    query(
        "/flow/sound/listen",
        (),
        "Ask for the sound as a stream, for a program on the server's own computer. The instrument is "
        "started if it does not sound yet, which takes some seconds.",
        "sound/stream sound status",
        needs="here",
    ),
    query("/flow/health", (), "Ask for latency and counters.", "health"),
    query("/flow/clients", (), "Ask who is connected, one message each.", "client"),
    query("/flow/can", (), "Ask what the server can do that not every server can.", "can"),
)
