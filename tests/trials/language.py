"""A small language for situations: who sends what, when, with which port names, and what comes of it.

A file of trials holds one after the other. Each begins with `== TITLE`, and may end its title with
`[memory]` or `[real]` to run on that stage only. Then comes one step a line:

    server OPTION ...           options of run_server.py, beside --midi
    system linux                whose MIDI ports are meant, if not JACK's
    plug "PORT NAME" [as WHO]   a controller of that name is plugged in; names may be equal
    unplug WHO
    WHO cc 20 0..127            a controller sends: cc N V.., note N V.., pitch V.., pressure V.., program N,
                                channel 3 cc 20 V.. for another channel than 1, bytes B0 14 7F
    WHO /1/fader3 0.5           any other name is a program that sends OSC, from a port of its own;
                                arguments are typed by how they look, or by tags: ,ifTFds first
    WHO in 4 /1/fader3 0.5      in a bundle whose time tag is 4 s ahead
    me /flow/vary 0.5           the player's own client, which hears what the server says
    learn 0, unlearn 0          short for /flow/learn and /flow/unlearn of that client
    wait 1.5
    hear "TEXT"                 the player reads this, in a status or an error
    unheard "TEXT"              the player has read no such thing
    WHO hears /address TEXT     a program is sent this, at the port that it sends from
    macro 0 is 0.25             also: stays, moves (since the last line that sent something)
    macro any moves             whichever it is
    profile "NAME" has "TEXT"   also: lacks; of the file of a controller's bindings
    edit "NAME" "OLD" "NEW"     somebody changes the file by hand; an empty OLD adds a line
    write "NAME" "LINE"         somebody writes a new file with this one binding
    loop "PORT NAME"            what is sent to the output of that name comes in again as an input

A value may be a sweep: `0..127` takes 20 steps, `0..127/40` takes 40; with a point in it, of floats.
Of MIDI, several values are several messages. `&` before a line lets it go on beside the next ones: their
messages are mixed evenly, up to the first line without `&`. `#` begins a comment.
Over real ports no two trials send to one address outside /flow: the server remembers for 5 s who talks.
A port is called as JACK does, `NAME:out`; after `system linux` or `system macos`, as the line has it, and the
trial runs in memory only.
"""

import shlex
import struct
from dataclasses import dataclass
from pathlib import Path
from time import time

from server.osc.builder import padded

N_STEPS = 20  # of a sweep
_NTP_TO_UNIX = 2_208_988_800
_STATUS = {"note": 0x90, "cc": 0xB0, "program": 0xC0, "pressure": 0xD0, "pitch": 0xE0}
_NUMBERED = ("note", "cc", "program")


@dataclass(frozen=True)
class Step:
    """One line: its words, and whether it goes on beside the next."""

    line: int
    words: tuple[str, ...]
    beside: bool


@dataclass(frozen=True)
class Trial:
    """One situation.

    `stages` are where it runs, `loops` the loop-back ports that are there before the server starts;
    `as_written` tells whether ports are called as its lines have it.
    """

    title: str
    stages: tuple[str, ...]
    options: tuple[str, ...]
    loops: tuple[str, ...]
    as_written: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Sent:
    """A message: MIDI of a controller, or a datagram of a program."""

    who: str
    midi: bool
    data: bytes


def read_trials(path: Path) -> list[Trial]:
    """Read a file of trials."""
    trials: list[Trial] = []
    before, *blocks = path.read_text(encoding="utf-8").split("\n== ")
    line = before.count("\n") + 2  # of the title
    for block in blocks:
        title, _, body = block.partition("\n")
        trials.append(_trial(title.strip(), body, line + 1))
        line += block.count("\n") + 1
    assert len({trial.title for trial in trials}) == len(trials), "two trials have one title"
    return trials


def _trial(title: str, body: str, first_line: int) -> Trial:
    stages: tuple[str, ...] = ("memory", "real")
    for stage in stages:
        if title.endswith(f"[{stage}]"):
            title, stages = title.removesuffix(f"[{stage}]").strip(), (stage,)
            break
    options: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()
    as_written = False
    steps = []
    for n, line in enumerate(body.splitlines(), first_line):
        beside = line.startswith("&")
        words = tuple(shlex.split(line.removeprefix("&"), comments=True))
        if words and words[0] == "server":
            options = words[1:]
        elif words and words[0] == "loop":
            loops = (*loops, words[1])
        elif words and words[0] == "system":
            as_written, stages = True, ("memory",)
        elif words:
            steps.append(Step(n, words, beside))
    return Trial(title, stages, options, loops, as_written, tuple(steps))


def messages(words: tuple[str, ...], is_controller: bool) -> list[Sent]:
    """Return what a line that sends something sends, in order."""
    who, *rest = words
    return _midi(who, rest) if is_controller else _osc(who, rest)


def sweep(word: str) -> list[float | int]:
    """Return the values of a word: one, or those of a sweep, whole numbers unless it has a point."""
    number = float if "." in word.replace("..", "") else int
    if ".." not in word:
        return [number(word)]
    ends, _, n = word.partition("/")
    low, high = (float(end) for end in ends.split(".."))
    steps = int(n) if n else N_STEPS
    values = [low + (high - low) * k / (steps - 1) for k in range(steps)]
    return [number(value) if number is float else round(value) for value in values]


def _midi(who: str, words: list[str]) -> list[Sent]:
    if words[0] == "bytes":
        return [Sent(who, True, bytes(int(word, 16) for word in words[1:]))]
    channel = 1
    if words[0] == "channel":
        channel, words = int(words[1]), words[2:]
    kind, words = words[0], words[1:]
    head = [_STATUS[kind] | channel - 1]
    if kind in _NUMBERED:
        head, words = [*head, int(words[0])], words[1:]
    if kind == "program":
        return [Sent(who, True, bytes(head))]
    values = [int(value) for word in words for value in sweep(word)]
    if kind == "pitch":
        return [Sent(who, True, bytes([*head, value & 127, value >> 7])) for value in values]
    return [Sent(who, True, bytes([*head, value])) for value in values]


def _osc(who: str, words: list[str]) -> list[Sent]:
    ahead: float | None = None
    if words[0] == "in":
        ahead, words = float(words[1]), words[2:]
    address, words = words[0], words[1:]
    tags = words.pop(0)[1:] if words and words[0].startswith(",") else ""
    n = max([len(sweep(word)) for word in words if _is_sweep(word)], default=1)
    sent = []
    for k in range(n):
        values = [sweep(word)[k] if _is_sweep(word) else _plain(word) for word in words]
        sent.append(Sent(who, False, _bundled(encode(address, tags or _tags(values), values), ahead)))
    return sent


def _is_sweep(word: str) -> bool:
    return ".." in word and word[0] in "-.0123456789"


def _plain(word: str) -> float | int | str:
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            pass
    return word


def _tags(values: list[float | int | str]) -> str:
    return "".join({int: "i", float: "f", str: "s"}[type(value)] for value in values)


def encode(address: str, tags: str, values: list[float | int | str]) -> bytes:
    """Build any OSC message, also of types that the server's own never have; T, F, N and I take no value."""
    body, left = b"", list(values)
    for tag in tags:
        if tag in "TFNI":
            continue
        value = left.pop(0)
        if tag in "sS":
            body += padded(str(value))
        elif tag in "fd":
            body += struct.pack(f">{tag}", float(value))
        else:
            body += struct.pack(">q" if tag in "ht" else ">i", int(value))
    return padded(address) + padded("," + tags) + body


def _bundled(message: bytes, ahead: float | None) -> bytes:
    if ahead is None:
        return message
    at = time() + _NTP_TO_UNIX + ahead
    tag = struct.pack(">II", int(at), int(at % 1 * 2**32))
    return b"#bundle\0" + tag + struct.pack(">i", len(message)) + message


def mixed(parts: list[list[Sent]]) -> list[Sent]:
    """Return the messages of several lines, mixed evenly."""
    placed = [((k + 1) / (len(part) + 1), sent) for part in parts for k, sent in enumerate(part)]
    return [sent for _, sent in sorted(placed, key=lambda one: one[0])]
