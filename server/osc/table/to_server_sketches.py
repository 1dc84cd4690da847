"""What clients send about sketches."""

from server.osc.table.row import integer, query, text

__all__ = ["SKETCHES"]


SKETCHES = (
    query(
        "/flow/sketch/record",
        (integer("on", 0, 1),),
        "Record from the server's microphone, 30 s at most; 0 ends the take, which is then answered. Frozen"
        " macros stay where they are. There is one microphone: while it listens for another instrument, or "
        "the sketch of one is being heard, any sketch is refused.",
        "sketch/state pitch sketch/candidate params macros latent place status",
        needs="microphone",
    ),
    query(
        "/flow/sketch/live",
        (integer("on", 0, 1),),
        "Follow the voice at the server's microphone, 25 times a second while it sounds; 0 stops and keeps "
        "the sound.",
        "sketch/following sketch/state pitch params macros latent place status",
        needs="microphone",
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
        "Play candidate k of the instrument's last sketch; better ones are only offered from then on. "
        "A preset of the player's own is played as by `/flow/own`, with the controls that were found; a "
        "candidate of the model's brings the model back.",
        "params macros latent place own/progress welcome status",
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
        needs="here",
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
        needs="here",
    ),
    query(
        "/flow/sketch/microphone",
        (text("name", "or part of it, or its number, and perhaps `:CHANNEL`; empty: the system's own"),),
        "Choose the microphone of the sketches that follow; it is remembered. Without a channel, whichever "
        "is sung into is heard. Only on the server's own computer.",
        "sketch/microphone status",
        needs="here",
    ),
)
