"""The one table of OSC addresses, protocol version 1.

The guard, the checks of arguments, `docs/osc-api.md` and the command-line client all read it:

    python -m server.osc.addresses > docs/osc-api.md
"""

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "FURTHEST",
    "MACRO_BRANCH",
    "PROTOCOL",
    "TO_CLIENTS",
    "TO_SERVER",
    "VERSION",
    "Address",
    "Argument",
    "Count",
    "Value",
]

PROTOCOL = 1
VERSION = "0.1.0"  # as in pyproject.toml; a test holds them together
Value = int | float | str
Bound = float | Literal["M", "P"]  # a letter: the last index of that many
Count = int | Literal["M", "D", "P"]

_INT_MAX = 2**31 - 1
MACRO_BRANCH = "/flow/macro/"  # and a macro's number: /flow/macro/3 0.5 is /flow/macro 3 0.5
FURTHEST = 1e4  # a latent further out than this comes from a mistake, and could overflow a float32


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of a message, or a run of equal ones.

    Attributes:
        type: OSC type: `i`, `f` or `s`.
        name: What it is called in the documentation and in errors.
        low, high: Range of a number, ends included.
        count: How many in a row: a number, or M macros, D latent dimensions, P parameters.
        text: Meaning, where the name does not say it.
    """

    type: Literal["i", "f", "s"]
    name: str
    low: float = -(2**31)
    high: Bound = _INT_MAX
    count: Count = 1
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Address:
    """One row of the table: a message in one direction.

    Attributes:
        address: The OSC address.
        arguments: What follows it, in order.
        text: What it means, for people.
        answers: Addresses that answer it.
        later: Known, but not switched on in this version.
    """

    address: str
    arguments: tuple[Argument, ...] = ()
    text: str
    answers: tuple[str, ...] = ()
    later: bool = False


def _i(name: str, low: float = -(2**31), high: Bound = _INT_MAX, text: str = "") -> Argument:
    return Argument(type="i", name=name, low=low, high=high, text=text)


def _f(name: str, low: float = 0.0, high: float = 1.0, count: Count = 1, text: str = "") -> Argument:
    return Argument(type="f", name=name, low=low, high=high, count=count, text=text)


def _s(name: str, text: str = "") -> Argument:
    return Argument(type="s", name=name, text=text)


def _in(
    address: str,
    arguments: tuple[Argument, ...],
    text: str,
    answers: str = "",
    later: bool = False,
) -> Address:
    replies = tuple(f"/flow/{name}" for name in answers.split())
    return Address(address=address, arguments=arguments, text=text, answers=replies, later=later)


_NONCE = _i("nonce", text="any number of the client's own, given back in the answer")
_MACRO = _i("k", 0, "M", "macro, counted from 0")
_NAME = _s("name", "1 to 64 printable characters, no / \\ or :, no leading dot")
_ANY = 3.4e38

_TO_SERVER = (
    _in(
        "/flow/hello",
        (
            _NONCE,
            _i("reply port", 1, 65535, "UDP port that the client listens on"),
            _i("protocol", text="1"),
            _s("kind", "`device` for one that brings its own state, else `panel`, `script`, ..."),
            _s("name", "shown to people"),
        ),
        "Register. Repeating it, every 10 s at most, is fine. A newly registered client that is "
        "not a `device` is also sent the present macros, latent, place, frame and bindings, and as a status "
        "what is frozen; and each the state and candidates of the last sketch, where there was one.",
        "welcome",
    ),
    _in("/flow/ping", (_i("n"),), "Heartbeat; a client silent for 10 s is forgotten.", "pong"),
    _in("/flow/bye", (_NONCE,), "Unregister: the nonce is that of hello. No answer."),
    _in(
        "/flow/names",
        (),
        "Ask for the names of parameters and macros; one message each.",
        "name macroname",
    ),
    _in(
        "/flow/macro",
        (_MACRO, _f("value")),
        "Turn one macro. The other clients are told all macros. Each has an address of its own as well: "
        "`/flow/macro/3 0.5` is `/flow/macro 3 0.5`.",
        "params",
    ),
    _in(
        "/flow/macros",
        (_f("value", count="M"),),
        "Turn all macros; a dial that already shows its value stays where it is.",
        "params",
    ),
    _in(
        "/flow/latent",
        (_f("z", -FURTHEST, FURTHEST, "D"),),
        "Go to exactly this point, frozen macros or not.",
        "params macros latent place",
    ),
    _in(
        "/flow/patch",
        (_f("value", count="P"),),
        "The synth's own values; the knobs follow. Exact, frozen macros or not.",
        "params macros latent place",
    ),
    _in(
        "/flow/vary",
        (_f("amount", 0.0, 2.0, text="standard deviations of the latent space"),),
        "Draw a nearby point; frozen macros keep their place.",
        "params macros latent place",
    ),
    _in(
        "/flow/freeze",
        (_MACRO, _i("on", 0, 1)),
        "A frozen macro keeps its place through presets, paths, sketches and variations. "
        "Turning it, or an exact latent or patch, still moves it.",
        "status",
    ),
    _in(
        "/flow/preset/load",
        (_NAME,),
        "Go to a stored point: one that was saved, else one of the model's map.",
        "params macros latent place",
    ),
    _in("/flow/preset/save", (_NAME,), "Store the present point.", "status preset"),
    _in(
        "/flow/preset/export",
        (_NAME,),
        "Write the present patch as the synth's own preset file; the status says where.",
        "status",
    ),
    _in(
        "/flow/preset/patch",
        (_NAME,),
        "Ask for the patch of a stored point, to hear it without going there.",
        "preset/patch",
    ),
    _in("/flow/presets", (), "Ask for the map: one item each, with its place.", "preset"),
    _in(
        "/flow/place",
        (_f("x"), _f("y")),
        "Go to a place of the map: a preset's own sound where one lies, else a blend of the nearest, in "
        "the latent space, without a jump between. Frozen macros keep their place.",
        "params macros latent place",
    ),
    _in("/flow/path/add", (), "Add the present point to the path, which holds at most 64.", "status"),
    _in("/flow/path/clear", (), "Forget the path.", "status"),
    _in(
        "/flow/path/play",
        (_f("position"),),
        "Go to a place along the path, at equal speed; it needs two points.",
        "params macros latent place",
    ),
    _in(
        "/flow/path/space",
        (_i("space", 0, 1, "0 travels in sound (latent), 1 in parameters"),),
        "Choose what the path is straight in.",
        "status",
    ),
    _in(
        "/flow/curves",
        (_MACRO, _i("n", 0, "P", "how many parameters, strongest first; P is the most")),
        "Ask what a macro does from the present point: parameters, then audio descriptors.",
        "curve",
    ),
    _in(
        "/flow/sketch/record",
        (_i("on", 0, 1),),
        "Record from the server's microphone, 30 s at most; 0 ends it, and the answer comes. Frozen macros "
        "keep their place.",
        "sketch/state pitch sketch/candidate params macros latent place status",
    ),
    _in(
        "/flow/sketch/live",
        (_i("on", 0, 1),),
        "Follow the voice at the server's microphone, 25 times a second while it sounds; 0 holds what it "
        "came to.",
        "sketch/state pitch params macros latent place status",
    ),
    _in(
        "/flow/sketch/file",
        (
            _s(
                "name",
                "a sound file in the sketch folder named in welcome: wav, aiff, flac, mp3 or ogg. One called "
                "`sketch-NUMBER-NUMBER.wav` is a take, and deleted once it was read",
            ),
            _i("ms", 0, text="how much of it counts; 0 for all"),
        ),
        "Take a sound file as sketch: the first answer is played at once; better ones are offered, and "
        "played while nobody has touched anything since.",
        "sketch/state pitch sketch/candidate params macros latent place status",
    ),
    _in(
        "/flow/sketch/pick",
        (_i("k", 0),),
        "Take candidate k of the last sketch; better ones are then only offered.",
        "params macros latent place",
    ),
    _in(
        "/flow/sketch/take",
        (_s("name", "`sketch-NUMBER-NUMBER.wav`, a name of the client's own"),),
        "Ask to hear the sound of the last sketch: it is written to the sketch folder under that name, and "
        "deleted again after 10 s; whoever has read it deletes it before. Only on the server's own computer.",
        "sketch/take",
    ),
    _in(
        "/flow/learn",
        (_MACRO,),
        "Bind the next control moved to macro k: of a MIDI controller, or another program's OSC address "
        "with a number from 0 to 1. The status says what to move, and, to all, what was learned. The server "
        "has to be started with --midi or --oscquery.",
        "status",
    ),
    _in("/flow/unlearn", (_MACRO,), "Unbind macro k from every controller plugged in.", "status"),
    _in(
        "/flow/bindings",
        (),
        "Ask which controls move macros, and where they stand: how many there are, then one message each. "
        "Everybody is told when that changes, and a newly registered client that is not a `device`.",
        "bindings binding",
    ),
    _in(
        "/flow/model",
        (_NAME,),
        "Change to another model, by name, never by path. The sound stays if it has the same "
        "parameters; frozen macros and the path are forgotten. Every client gets a new welcome.",
        "welcome model params macros latent place status",
    ),
    _in("/flow/models", (), "Ask for the models by name, one message each.", "model"),
    _in("/flow/health", (), "Ask for latency and counters.", "health"),
    _in("/flow/clients", (), "Ask who is connected, one message each.", "client"),
)


def _out(address: str, arguments: tuple[Argument, ...], text: str, later: bool = False) -> Address:
    return Address(address=address, arguments=arguments, text=text, later=later)


_TO_CLIENTS = (
    _out(
        "/flow/welcome",
        (
            _NONCE,
            _i("run"),
            _i("protocol"),
            _s("version"),
            _s("model"),
            _s("synth"),
            _i("M", 1, text="macros"),
            _i("D", 1, text="latent dimensions"),
            _i("P", 1, text="parameters"),
            _s("sketch folder", "with forward slashes"),
        ),
        "The answer to hello. It comes again, unasked, when the model changes.",
    ),
    _out(
        "/flow/pong",
        (_i("n"), _i("run")),
        "A new run number means: the server restarted, say hello again.",
    ),
    _out(
        "/flow/name",
        (_i("k", 0, "P"), _s("name", "as the host shows it")),
        "Name of parameter k.",
    ),
    _out("/flow/macroname", (_MACRO, _s("name")), "Name of macro k."),
    _out(
        "/flow/params",
        (
            _i("sequence", 0, text="grows by one each frame, and starts again at 0 after 2^31 - 1"),
            _f("value", count="P"),
        ),
        "A frame: every parameter. Drop one whose sequence number is not newer.",
    ),
    _out("/flow/macros", (_f("value", count="M"),), "Where the dials stand."),
    _out(
        "/flow/latent",
        (_f("z", -_ANY, _ANY, "D"),),
        "The exact point. Also sent once, to everybody, when macros have rested for 0.12 s.",
    ),
    _out(
        "/flow/preset",
        (_i("k", 0), _s("name"), _f("x"), _f("y")),
        "One item of the map and its place.",
    ),
    _out(
        "/flow/preset/patch",
        (_s("name"), _f("value", count="P")),
        "The patch of a stored point: every parameter.",
    ),
    _out(
        "/flow/place",
        (_f("x"), _f("y")),
        "Where the point is on the map: exact after going to a place or a preset, else estimated from the "
        "latents of the nearest presets and of the place gone to last. Also sent once, to everybody, "
        "when macros have rested for 0.12 s.",
    ),
    _out(
        "/flow/model",
        (_i("k", 0), _s("name"), _i("playing", 0, 1)),
        "One of the models. The list comes again, unasked, when the model changes.",
    ),
    _out(
        "/flow/curve",
        (_s("kind", "`parameter` or `descriptor`"), _s("name"), _f("value", -_ANY, _ANY, 50)),
        "What a macro does, at 50 places from 0 to 1.",
    ),
    _out(
        "/flow/pitch",
        (
            _i("note", 0, 127, "to play the answer at; that of the model where the sketch has no pitch"),
            _f("cents", -50, 50),
        ),
        "Pitch of the sketch.",
    ),
    _out(
        "/flow/sketch/state",
        (
            _s("state", "idle, recording, hearing, refining, done or failed"),
            _f(
                "progress",
                text="of refining; while recording, the microphone's level from -60 dB to full scale",
            ),
        ),
        "How far the sketch is.",
    ),
    _out(
        "/flow/sketch/candidate",
        (_i("k", 0), _f("closeness", text="how near it comes, 0 to 1"), _s("label")),
        "A patch to pick, best first. It comes again when a better one has taken its place, and to a client "
        "that says hello later.",
    ),
    _out(
        "/flow/sketch/take",
        (_s("name"),),
        "The sound of the last sketch lies in the sketch folder under that name, for 10 s.",
    ),
    _out(
        "/flow/client",
        (_i("k", 0), _i("n", 1, text="how many there are"), _s("kind", "as in hello"), _s("name")),
        "One of those who are connected; a stranger who never said hello has no kind and no name.",
    ),
    _out("/flow/bindings", (_i("n", 0),), "How many controls move macros; the list of them follows."),
    _out(
        "/flow/binding",
        (
            _i("j", 0, text="number in the list"),
            _MACRO,
            _s("control", "such as `CC 21 on channel 1 of nanoKONTROL2`"),
            _s("takeover", "`pickup`, `scale` or `jump`; `steps` for an endless encoder"),
            _f(
                "where",
                -1,
                text="value of the macro if it were where the control stands; -1: not known yet",
            ),
            _i("holds", 0, 1, "whether the macro goes with the control now"),
        ),
        "One of the controls that move macros. It comes again, 10 times a second at most, when the control "
        "was moved, has caught its macro or lost it.",
    ),
    _out(
        "/flow/health",
        (
            _f("p50 ms", 0.0, _ANY, text="from datagram received to frame sent"),
            _f("p99 ms", 0.0, _ANY),
            _i("received", 0),
            _i("coalesced", 0, text="superseded by a newer value before they were computed"),
            _i("refused", 0),
        ),
        "Latency of the last 4,096 frames, and counters since the start.",
    ),
    _out("/flow/status", (_s("text"),), "Something worth showing."),
    _out(
        "/flow/error",
        (_s("address"), _s("text")),
        "What was wrong with a message to that address, and what to do. Nothing has changed.",
    ),
)

TO_SERVER = {row.address: row for row in _TO_SERVER}
TO_CLIENTS = {row.address: row for row in _TO_CLIENTS}


if __name__ == "__main__":
    from server.osc.docs import osc_docs

    print(osc_docs(), end="")
