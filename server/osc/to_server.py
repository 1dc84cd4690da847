"""What clients send: every row to the server."""

from server.osc.row import (
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
from server.osc.to_server_vocabulary import FURTHEST, NAME, VOCABULARY

__all__ = ["FREEZE_BRANCH", "FURTHEST", "MACRO_BRANCH", "ROWS"]

MACRO_BRANCH = "/flow/macro/"  # and a macro's number: /flow/macro/3 0.5 is /flow/macro 3 0.5
FREEZE_BRANCH = "/flow/freeze/"
_BOUND = "identity or name of the one that the control moves; empty for whatever has the focus"
_COMMANDS = (
    "record, follow, next answer, vary, hold K, path, next preset, previous preset, a/b, undo, redo or next "
    "instrument"
)

ROWS = (
    query(
        "/flow/hello",
        (
            NONCE,
            integer("reply port", 1, 65535, "UDP port that the client listens on"),
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
    query("/flow/bye", (NONCE,), "Unregister, with the nonce of hello. No answer."),
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
    ),
    query(
        "/flow/preset/rename",
        (NAME, text("new name", "as the name")),
        "Call a saved preset otherwise.",
        "status preset/count",
    ),
    query(
        "/flow/preset/delete",
        (NAME,),
        "Move a saved preset into the bin, which keeps it.",
        "status preset/count",
    ),
    query("/flow/preset/restore", (NAME,), "Bring back what was deleted last under a name.", "status preset"),
    query(
        "/flow/preset/bin", (), "Ask which presets the bin holds, one message each.", "preset/binned status"
    ),
    query(
        "/flow/preset/export",
        (NAME,),
        "Write the current patch as a preset file of the synth; the status says where. A file that is there "
        "is never overwritten: the new one gets a number.",
        "status",
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
    query("/flow/path/add", (), "Add the current point to the path, which holds at most 64.", "path"),
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
    query(
        "/flow/sketch/record",
        (integer("on", 0, 1),),
        "Record from the server's microphone, 30 s at most; 0 ends the take, which is then answered. Frozen"
        " macros stay where they are. There is one microphone: while it listens for another instrument, or "
        "the sketch of one is being heard, any sketch is refused.",
        "sketch/state pitch sketch/candidate params macros latent place status",
    ),
    query(
        "/flow/sketch/live",
        (integer("on", 0, 1),),
        "Follow the voice at the server's microphone, 25 times a second while it sounds; 0 stops and keeps "
        "the sound.",
        "sketch/following sketch/state pitch params macros latent place status",
    ),
    query(
        "/flow/sketch/file",
        (
            text(
                "name",
                "a sound file of any kind in the sketch folder named in welcome. One "
                "called `sketch-NUMBER-NUMBER.wav` is a take, and is deleted once it was read",
            ),
            integer("ms", 0, text="length to use; 0 for all of it"),
        ),
        "Use a sound file as a sketch: the first answer is played at once. Better ones are offered, and "
        "played as long as no knob was touched since.",
        "sketch/state pitch sketch/candidate params macros latent place status",
    ),
    query(
        "/flow/sketch/pick",
        (integer("k", 0),),
        "Play candidate k of the instrument's last sketch; better ones are only offered from then on.",
        "params macros latent place",
    ),
    query(
        "/flow/sketch/next",
        (),
        "Play the candidate after the one that plays; after the last comes the first.",
        "params macros latent place status",
    ),
    query(
        "/flow/sketch/take",
        (text("name", "`sketch-NUMBER-NUMBER.wav`, a name of the client's own"),),
        "Ask for the sound of the instrument's last sketch: it is written to the sketch folder under that "
        "name, and deleted after 10 s; a client that has read it may delete it earlier. Only on the server's "
        "own computer.",
        "sketch/take",
        local=True,
    ),
    query(
        "/flow/sketch/gestures",
        (integer("on", 0, 1),),
        "Switch the gestures of the instrument on or off; they are on at first. An answer, or a preset saved "
        "with some, brings its own, and they stay while knobs move.",
        "sketch/gestures sketch/gesture",
    ),
    query(
        "/flow/sketch/microphones",
        (),
        "Ask which microphones there are, one message each. Only on the server's own computer.",
        "sketch/microphone",
        local=True,
    ),
    query(
        "/flow/sketch/microphone",
        (text("name", "or part of it, or its number, and perhaps `:CHANNEL`; empty: the system's own"),),
        "Choose the microphone of the sketches that follow; it is remembered. Without a channel, whichever "
        "is sung into is heard. Only on the server's own computer.",
        "sketch/microphone status",
        local=True,
    ),
    query(
        "/flow/learn",
        (MACRO, text("instrument", _BOUND, optional=True)),
        "Bind the next control that is moved to macro k: a control of a MIDI controller, or an OSC address "
        "of another program with a number, whose range is taken from the sweep. The status says what to "
        "move; all clients are told what is heard and learned. Start the server with --midi or --oscquery.",
        "learning heard status",
    ),
    query(
        "/flow/learn/all",
        (text("instrument", _BOUND, optional=True),),
        "Bind one macro after the other, each to the next control that is moved.",
        "learning status",
    ),
    query(
        "/flow/learn/command",
        (text("command", _COMMANDS), text("instrument", _BOUND, optional=True)),
        "Bind the next button, pad, pedal, note or OSC switch that is pressed to a command.",
        "learning status",
    ),
    query(
        "/flow/learn/other",
        (),
        "No, another one: while something waits, the likeliest control is left out; afterwards, what was "
        "bound last is unbound, and the next that was heard is bound instead, or the next that is moved.",
        "learning status",
    ),
    query(
        "/flow/learn/take",
        (integer("j", 0, 255, "number in `/flow/heard`"),),
        "Bind this control, whatever else is heard.",
        "learning status",
    ),
    query("/flow/learn/skip", (), "Leave this macro as it is, and go on with the next.", "learning status"),
    query("/flow/learn/stop", (), "Wait for no control any more.", "learning status"),
    query(
        "/flow/unlearn",
        (MACRO, text("instrument", _BOUND, optional=True)),
        "Unbind macro k of an instrument from every controller plugged in. Without an instrument, controls "
        "that follow the focus are unbound, and those of the instrument that has it.",
        "learning status",
    ),
    query(
        "/flow/bind",
        (
            text("what", "`macro 3`, `place x`, `preset NAME` or a command"),
            text("control", "as a profile spells it, such as `cc 20`, `cc 20 channel 1` or `osc /1/fader3`"),
            text("controller", "part of its name; empty for the only one there is", optional=True),
            text("instrument", _BOUND, optional=True),
        ),
        "Bind a control by name; what a macro follows already stays bound.",
        "status",
    ),
    query(
        "/flow/unbind",
        (text("what", "as in `/flow/bind`"), text("instrument", _BOUND, optional=True)),
        "Unbind everything that does this.",
        "status",
    ),
    query(
        "/flow/commands",
        (),
        "Ask which controls give commands or load presets: how many there are, then one message each.",
        "commands command",
    ),
    query(
        "/flow/bindings",
        (),
        "Ask which controls move macros, and their positions: how many there are, then one message each. "
        "All clients are told when that changes, and so is a newly registered client that is not a "
        "`device`, which is also told which macro is learning.",
        "bindings binding",
    ),
    query(
        "/flow/model",
        (NAME,),
        "Load another model, by name, never by path. The sound stays if the parameters are the same; frozen"
        " macros and the path are reset. Every client is sent a new welcome.",
        "welcome model params macros latent place status",
    ),
    query("/flow/models", (), "Ask for the names of the models, one message each.", "model"),
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
    query("/flow/panic", (), "End every note at once, whoever plays it."),
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
        local=True,
    ),
    query("/flow/health", (), "Ask for latency and counters.", "health"),
    query("/flow/clients", (), "Ask who is connected, one message each.", "client"),
)
