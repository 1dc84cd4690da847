"""Flow Sketch: sing on this track, and pick the patch that comes closest."""

from max4live.builder.device import Bank, Device
from max4live.builder.parameter import Kind, Parameter, Unit, Visibility
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.colours import add_colours
from max4live.designs.parts.link import add_link
from max4live.designs.parts.looks import choice, label, number, switch
from max4live.designs.parts.numbers import counted

__all__ = ["N_CANDIDATES", "flow_sketch"]

N_CANDIDATES = 6
TAKE_MS = 30_000
_WIDTH = 440
_LEFT, _METER = Rect(8, 6, 104, 134), Rect(120, 6, 116, 134)
_RIGHT = Rect(244, 6, 188, 134)
_FOOT_Y = 148
_HEARD = ("sketch/state", "sketch/candidate", "pitch", "latent")
_LEVEL_MS = 33


def flow_sketch() -> Device:
    """Return the audio effect for the microphone's track; sound passes through it unchanged."""
    patch = Patcher("Flow Sketch")
    link = add_link(
        patch,
        "sketch",
        _HEARD,
        lamp_at=Rect(8, _FOOT_Y + 3, 10, 10),
        status_at=Rect(22, _FOOT_Y - 1, 330, 18),
        port_at=Rect(372, _FOOT_Y, 60, 16),
    )
    script = patch.js("fsl_sketch.js", 1, 5)
    link.tell(patch, [script])
    patch.wire(link.start, script)
    for word in (*_HEARD, "error"):
        patch.wire(link.heard[word], script)
    patch.wire(script[0], link.server)
    patch.wire(script[3], link.status)

    meter = patch.ui(
        "jsui",
        Rect(_METER.x, _METER.y, _METER.width, 112),
        info=("Take", "Level of this track, length of the take, and progress of the answer."),
        varname="meter",
        filename="fsl_meter.js",
        parameter_enable=0,
    )
    patch.wire(script[4], meter)
    add_colours(patch, link, [meter])
    _sound(patch, script, meter)
    news = patch.obj("route clear candidate picked pitch recording following ab")
    patch.wire(script[2], news)
    _controls(patch, script, recording=news[4], following=news[5])
    _candidates(patch, script, clear=news[0], candidate=news[1], picked=news[2], compared=news[6])
    label(patch, Rect(_METER.x, _METER.y + 116, 50, 18), "Pitch")
    pitch = label(patch, Rect(_METER.x + 46, _METER.y + 116, 70, 18), "", name="pitch", right=True)
    patch.wire(news[3], patch.obj("prepend set"), pitch)
    bank = Bank("Sketch", ("Sketch", "Follow Voice", "-", "-", "-", "-", "-", "-"))
    return Device(
        name="Flow Sketch",
        kind="audio",
        width=_WIDTH,
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


def _controls(patch: Patcher, script: Box, recording: Port, following: Port) -> None:
    sketch = switch(
        patch,
        Rect(_LEFT.x, _LEFT.y, _LEFT.width, 48),
        "Sketch",
        "Records while it is on. Map a key, a pad or a foot switch to it.",
        ("Sketch", "Recording"),
        visibility=Visibility.AUTOMATED,
    )
    patch.wire(sketch, patch.obj("prepend record"), script)
    patch.wire(recording, patch.obj("prepend set"), sketch)
    follow = switch(
        patch,
        Rect(_LEFT.x, _LEFT.y + 56, _LEFT.width, 20),
        "Follow Voice",
        "The synth follows your voice continuously, without a take. It listens to the server's microphone.",
        ("Follow Voice", "Following"),
        short="Follow",
        visibility=Visibility.AUTOMATED,
    )
    patch.wire(follow, patch.obj("prepend live"), script)
    patch.wire(following, patch.obj("prepend set"), follow)
    label(patch, Rect(_LEFT.x - 3, _LEFT.y + 86, _LEFT.width, 18), "Record from")
    source = Parameter(
        name="Sketch From",
        info="What a take is recorded from: this track, or the server's microphone.",
        kind=Kind.ENUM,
        choices=("Track", "Server"),
        visibility=Visibility.STORED,
    )
    tabs = choice(patch, Rect(_LEFT.x, _LEFT.y + 104, _LEFT.width, 16), source)
    patch.wire(tabs, patch.obj("prepend mic"), script)


def _candidates(
    patch: Patcher, script: Box, clear: Port, candidate: Port, picked: Port, compared: Port
) -> None:
    """Add a row for each candidate, and A/B."""
    by_number = patch.obj(f"route {counted(N_CANDIDATES)}")
    patch.wire(candidate, by_number)
    wiped = patch.obj("t" + " b" * N_CANDIDATES)
    patch.wire(clear, wiped)
    for k in range(N_CANDIDATES):
        y = _RIGHT.y + 19 * k
        row = switch(
            patch,
            Rect(_RIGHT.x, y, _RIGHT.width - 46, 16),
            f"Candidate {k + 1}",
            "A patch that is close to the take, the closest first; click to hear it.",
            ("-", "-"),
            short=f"Cand {k + 1}",
            visibility=Visibility.HIDDEN,
        )
        near = Parameter(
            name=f"Closeness {k + 1}",
            info="How close the candidate is to the take.",
            high=100.0,
            unit=Unit.PERCENT,
            visibility=Visibility.HIDDEN,
        )
        close = number(patch, Rect(_RIGHT.right - 42, y, 42, 16), near, shown_only=True)
        patch.wire(row, patch.obj("t b"), patch.message(f"pick {k}"), script)
        text = patch.obj("unpack s 0.")  # label, closeness
        patch.wire(by_number[k], text)
        name = patch.obj("t s s")
        patch.wire(text[0], name)
        for outlet, key in enumerate(("text", "texton")):
            patch.wire(name[outlet], patch.obj(f"prepend {key}"), row)
        patch.wire(text[1], patch.obj("* 100."), patch.obj("prepend set"), close)
        empty = patch.message("text -, texton -, set 0")
        patch.wire(wiped[k], empty, row)
        patch.wire(wiped[k], patch.message("set 0."), close)
        patch.wire(picked, patch.obj(f"== {k}"), patch.obj("prepend set"), row)
    ab = Parameter(
        name="Compare",
        info="A is the sound before the sketch, B the candidate that you picked.",
        kind=Kind.ENUM,
        choices=("A  before", "B  sketch"),
        visibility=Visibility.STORED,  # so that a pad can be mapped to it
    )
    tabs = choice(patch, Rect(_RIGHT.x, _RIGHT.y + 118, _RIGHT.width, 16), ab)
    patch.wire(tabs, patch.obj("prepend ab"), script)
    patch.wire(compared, patch.obj("prepend set"), tabs)
