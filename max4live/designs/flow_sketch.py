"""Flow Sketch: sing on this track, and pick the patch that comes closest."""

from max4live.builder.device import Bank, Device
from max4live.builder.parameter import Kind, Parameter, Visibility
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.colours import add_colours
from max4live.designs.parts.fold import add_fold
from max4live.designs.parts.instrument import add_instrument
from max4live.designs.parts.link import Link, add_link
from max4live.designs.parts.looks import button, choice, label, line, menu, switch
from max4live.designs.parts.numbers import counted
from max4live.designs.parts.reveal import reveal

__all__ = ["N_CANDIDATES", "flow_sketch"]

N_CANDIDATES = 6
TAKE_MS = 30_000
_FOLDED_WIDTH, _WIDTH = 440, 560
_LEFT, _METER = Rect(8, 6, 104, 138), Rect(124, 6, 120, 118)
_RIGHT = Rect(256, 4, 176, 140)
_SETUP = Rect(448, 4, 104, 140)
_FOOT_Y = 149
_HEARD = ("sketch/state", "sketch/candidate", "pitch", "latent")
_LEVEL_MS = 33


def flow_sketch() -> Device:
    """Return the audio effect for the microphone's track; sound passes through it unchanged."""
    patch = Patcher("Flow Sketch")
    link = add_link(
        patch,
        "sketch",
        (*_HEARD, "instrument", "sketch/microphone"),
        lamp_at=Rect(8, _FOOT_Y + 3, 10, 10),
        status_at=Rect(22, _FOOT_Y - 1, 410, 18),
        port_at=Rect(_SETUP.x, 44, 50, 16),
    )
    add_instrument(patch, link, "sketch")
    script = patch.js("fsl_sketch.js", 1, 5)
    link.tell(patch, [script])
    patch.wire(link.start, script)
    for word in (*_HEARD, "error"):
        patch.wire(link.heard[word], script)
    patch.wire(script[0], link.server)
    patch.wire(script[3], link.status)

    meter = patch.ui(
        "jsui",
        _METER,
        info=("Take", "The sound of this track, the take and its length, and progress of the answer."),
        varname="meter",
        filename="fsl_meter.js",
        parameter_enable=0,
    )
    patch.wire(script[4], meter)
    add_colours(patch, link, [meter])
    _sound(patch, script, meter)
    news = patch.obj("route rows candidate picked pitch recording following ab comparable")
    patch.wire(script[2], news)
    source = _controls(patch, script, recording=news[4], following=news[5])
    _microphones(patch, link, source)
    _candidates(patch, script, rows=news[0], candidate=news[1], picked=news[2])
    _compare(patch, script, compared=news[6], comparable=news[7])
    pitch = label(patch, Rect(_METER.x - 3, _METER.bottom + 2, _METER.width + 6, 18), "", name="pitch")
    patch.wire(news[3], patch.obj("prepend set Pitch"), pitch)
    label(patch, Rect(_SETUP.x - 3, 2, _SETUP.width, 18), "Setup")
    label(patch, Rect(_SETUP.x - 3, 25, _SETUP.width, 18), "Server's port")
    add_fold(patch, link, Rect(_RIGHT.right - 24, 4, 24, 16), _FOLDED_WIDTH, _WIDTH)
    for x, height in ((117, 140), (249, 140), (_FOLDED_WIDTH - 1, 161)):
        line(patch, Rect(x, 4, 5, height))
    bank = Bank("Sketch", ("Sketch", "Follow Voice", "-", "-", "-", "-", "-", "-"))
    return Device(
        name="Flow Sketch",
        kind="audio",
        width=_WIDTH,
        folded_width=_FOLDED_WIDTH,
        patcher=patch,
        banks=(bank,),
        digest="Sing a sound, and pick the patch that comes closest",
    )


def _sound(patch: Patcher, script: Box, meter: Box) -> None:
    """Pass the sound through, and record it in mono when told to."""
    source, sink = patch.obj("plugin~"), patch.obj("plugout~")
    patch.wire(source[0], sink[0])
    patch.wire(source[1], sink[1])
    both, mono = patch.obj("+~"), patch.obj("*~ 0.5")
    patch.wire(source[0], both[0])
    patch.wire(source[1], both[1])
    patch.wire(both, mono)
    patch.wire(mono, patch.obj(f"peakamp~ {_LEVEL_MS}"), patch.obj("prepend level"), meter)

    tape, buffer = patch.obj("record~ ---flow_take"), patch.obj(f"buffer~ ---flow_take {TAKE_MS} 1")
    patch.wire(mono, tape)
    # The sync outlet runs from 0 to 1 over the buffer.
    full = patch.obj("> 0.995")
    patch.wire(tape, patch.obj("snapshot~ 20"), full, patch.obj("change 0"), patch.obj("sel 1"))
    patch.wire(patch.boxes[-1], patch.message("full"), script)
    orders = patch.obj("route record writewave")
    patch.wire(script[1], orders)
    patch.wire(orders[0], tape)
    patch.wire(orders[1], patch.obj("prepend writewave"), buffer)
    patch.wire(buffer[1], patch.message("written"), script)


def _controls(patch: Patcher, script: Box, recording: Port, following: Port) -> Box:
    """Add what records and follows; return what sends `mic 1` if that is the server's microphone."""
    sketch = switch(
        patch,
        Rect(_LEFT.x, _LEFT.y, _LEFT.width, 52),
        "Sketch",
        "Records while it is on. Map a key, a pad or a foot switch to it.",
        ("Sketch", "Recording"),
        visibility=Visibility.AUTOMATED,
    )
    patch.wire(sketch, patch.obj("prepend record"), script)
    patch.wire(recording, patch.obj("prepend set"), sketch)
    follow = switch(
        patch,
        Rect(_LEFT.x, _LEFT.y + 60, _LEFT.width, 20),
        "Follow Voice",
        "The synth follows your voice continuously, without a take. It listens to the server's microphone.",
        ("Follow Voice", "Following"),
        short="Follow",
        visibility=Visibility.AUTOMATED,
    )
    patch.wire(follow, patch.obj("prepend live"), script)
    patch.wire(following, patch.obj("prepend set"), follow)
    label(patch, Rect(_LEFT.x - 3, _LEFT.y + 98, _LEFT.width, 18), "Record from")
    source = Parameter(
        name="Sketch From",
        info="What a take is recorded from: this track, or the server's microphone.",
        kind=Kind.ENUM,
        choices=("Track", "Server"),
        visibility=Visibility.STORED,
    )
    tabs, told = (
        choice(patch, Rect(_LEFT.x, _LEFT.y + 118, _LEFT.width, 16), source),
        patch.obj("prepend mic"),
    )
    patch.wire(tabs, told, script)
    return told


def _microphones(patch: Patcher, link: Link, source: Box) -> None:
    """Add the menu of the server's microphones to the setup."""
    script = patch.js("fsl_microphones.js", 1, 3)
    link.tell(patch, [script])
    patch.wire(link.heard["sketch/microphone"], script)
    patch.wire(source, script)
    patch.wire(script[0], link.server)
    patch.wire(script[2], link.status)
    label(patch, Rect(_SETUP.x - 3, 69, _SETUP.width + 6, 18), "Server's microphone")
    listed = menu(
        patch,
        Rect(_SETUP.x, 88, _SETUP.width, 16),
        "Microphone",
        "The microphone that the server listens to, and its input; without one, whichever is sung into.",
        ("System's own",),
    )
    patch.wire(script[1], listed)
    patch.wire(listed, patch.obj("prepend pick"), script)
    at = Rect(_SETUP.x, 108, _SETUP.width, 16)
    again = button(patch, at, "Look Again", "Asks the server which microphones are plugged in.", "Look Again")
    patch.wire(again, patch.obj("t b"), patch.message("ask"), script)


def _candidates(patch: Patcher, script: Box, rows: Port, candidate: Port, picked: Port) -> None:
    """Add a row for each candidate, which is hidden until there is one."""
    label(patch, Rect(_RIGHT.x - 3, 2, 130, 18), "Closest sounds")
    invitation = label(
        patch,
        Rect(_RIGHT.x - 3, 22, _RIGHT.width, 34),
        "Press Sketch and sing: the sounds that come closest appear here.",
        name="invitation",
    )
    empty = patch.obj("== 0")
    patch.wire(rows, empty)
    reveal(patch, empty[0], [invitation], at_first=True)
    by_number = patch.obj(f"route {counted(N_CANDIDATES)}")
    patch.wire(candidate, by_number)
    for k in range(N_CANDIDATES):
        row = switch(
            patch,
            Rect(_RIGHT.x, 24 + 17 * k, _RIGHT.width, 15),
            f"Candidate {k + 1}",
            "A sound that is close to the take, the closest first; click to hear it.",
            ("", ""),
            short=f"Cand {k + 1}",
            visibility=Visibility.HIDDEN,
        )
        patch.wire(row, patch.obj("t b"), patch.message(f"pick {k}"), script)
        for key in ("text", "texton"):
            patch.wire(by_number[k], patch.obj(f"prepend {key}"), row)
        here = patch.obj(f"> {k}")
        patch.wire(rows, here)
        reveal(patch, here[0], [row])
        patch.wire(picked, patch.obj(f"== {k}"), patch.obj("prepend set"), row)


def _compare(patch: Patcher, script: Box, compared: Port, comparable: Port) -> None:
    """Add A and B, hidden until there are two sounds to compare."""
    ab = Parameter(
        name="Compare",
        info="A is the sound before the sketch, B the candidate that you picked.",
        kind=Kind.ENUM,
        choices=("A  Before", "B  Sketch"),
        visibility=Visibility.STORED,  # so that a pad can be mapped to it
    )
    tabs = choice(patch, Rect(_RIGHT.x, 128, _RIGHT.width, 16), ab)
    patch.wire(tabs, patch.obj("prepend ab"), script)
    patch.wire(compared, patch.obj("prepend set"), tabs)
    reveal(patch, comparable, [tabs])
