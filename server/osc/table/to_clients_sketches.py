"""What the server sends about sketches."""

from core.playing.gestures import GESTURE_POINTS
from server.osc.table.row import answer, integer, number, text

__all__ = ["SKETCH_ANSWERS"]

SKETCH_ANSWERS = (
    answer(
        "/flow/sketch/state",
        (
            text("state", "idle, recording, hearing, refining, done or failed"),
            number(
                "progress",
                text="of refining; while recording, the microphone's level from -72 dB to full scale",
            ),
        ),
        "State of the instrument's sketch.",
    ),
    answer(
        "/flow/sketch/following",
        (integer("on", 0, 1),),
        "Whether the server's microphone is followed for the instrument; sent when that changes.",
    ),
    answer(
        "/flow/sketch/candidates",
        (integer("n", 0),),
        "How many candidates the instrument's sketch has; state, pitch and candidates follow. Sent to a new "
        "client, and when the focus moves; forget those of another instrument.",
    ),
    answer(
        "/flow/sketch/candidate",
        (
            integer("k", 0),
            number("closeness", text="1 is closest"),
            text(
                "label",
                "`like NAME`: the preset that it is most like; `your NAME`: it is a preset of your own, and "
                "with `, refined` its controls were moved",
            ),
        ),
        "A patch to pick for this instrument, best first. It is sent again when a better one takes its "
        "index. When a sketch is recording or being heard, those of the one before are void.",
    ),
    answer(
        "/flow/sketch/take",
        (text("name"),),
        "The sound of the instrument's last sketch is in the sketch folder under that name, for 10 s.",
    ),
    answer(
        "/flow/sketch/gestures",
        (integer("on", 0, 1), integer("n", 0, 3)),
        "Whether the gestures of the instrument are played, and how many its sound has; these follow. Sent "
        "when that changes, and to a newly registered client that is not a `device`, if there are any.",
    ),
    answer(
        "/flow/sketch/gesture",
        (
            text("kind", "`loudness`, `brightness` or `pitch`"),
            number("seconds", 0.0, 30.0, text="from the beginning of the note; then the last height stays"),
            number(
                "depth",
                0.0,
                60.0,
                text="loudness: the gain is (1 - depth + depth x height) squared. Brightness and pitch: the "
                "cutoff or the note moves by depth x (2 x height - 1) semitones",
            ),
            number("height", count=GESTURE_POINTS),
        ),
        "A curve that the sound follows during each note. No parameter of the synth holds it; exported "
        "preset files do.",
    ),
    answer(
        "/flow/sketch/microphone",
        (
            integer("k", 0),
            integer("n", 1, text="how many there are"),
            text("name"),
            integer("inputs", 1, text="channels"),
            integer("chosen", -1, text="the input that is heard; 0: whichever is live, -1: of another one"),
        ),
        "One of the server's microphones.",
    ),
)
