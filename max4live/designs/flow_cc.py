"""Flow CC: frames as MIDI controllers, for hardware and for plug-ins with MIDI learn; and Teach Live."""

from max4live.builder.device import Bank, Device
from max4live.builder.parameter import Kind, Parameter, Unit, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.controllers import controllers, to_midi
from max4live.designs.parts.fold import add_fold
from max4live.designs.parts.frames import frame
from max4live.designs.parts.instrument import add_home, add_instrument, add_track_sound
from max4live.designs.parts.link import add_link
from max4live.designs.parts.looks import choice, label, line, number, switch
from max4live.designs.parts.reveal import reveal

__all__ = ["flow_cc"]

_FOLDED_WIDTH, _WIDTH = 226, 346
_SETUP = Rect(_FOLDED_WIDTH + 8, 4, 104, 140)
_FOOT_Y = 136  # two lines


def flow_cc() -> Device:
    """Return the MIDI effect that goes before the synth; notes pass through it unchanged."""
    patch = Patcher("Flow CC")
    link = add_link(
        patch,
        "cc",
        ("name", "instrument"),
        lamp_at=Rect(8, _FOOT_Y + 4, 10, 10),
        status_at=Rect(22, _FOOT_Y, _FOLDED_WIDTH - 30, 30),
        port_at=Rect(_SETUP.x, 128, 50, 16),
    )
    label(patch, Rect(_SETUP.x - 3, 110, _SETUP.width, 18), "Server's port")
    out = patch.obj("midiout")
    patch.wire(patch.obj("midiin"), out)
    script, teach = patch.js("fsl_cc.js", 1, 3), patch.js("fsl_teach.js", 1, 3)
    instrument = add_instrument(patch, link, "cc")
    patch.wire(add_home(patch), instrument)
    label(patch, Rect(_SETUP.x - 3, 74, _SETUP.width, 18), "Sound of")
    add_track_sound(patch, instrument, Rect(_SETUP.x, 92, _SETUP.width, 16))
    link.tell(patch, (script, teach))
    patch.wire(link.start, script)
    patch.wire(link.start, teach)
    patch.wire(link.heard["name"], script)
    patch.wire(script[1], link.status)
    patch.wire(script[2], teach)
    patch.wire(teach[1], link.status)

    check, lanes, midi = patch.sub(frame()), patch.sub(controllers()), patch.sub(to_midi())
    patch.wire(link.raw["params"], check[0])
    patch.wire(link.events, check[1])
    order, last = patch.obj("t l l"), patch.obj("zl.reg")
    patch.wire(check, order)
    patch.wire(order[1], last[1])
    sending, teaching = patch.obj("gate 1"), patch.obj("gate 1")
    patch.wire(order[0], sending[1])
    patch.wire(sending, teaching[1])
    # `count` comes after all controllers are assigned: send the current frame to the new ones at once.
    again = patch.obj("zl.reg")
    patch.wire(order[1], again[1])
    patch.wire(script[2], patch.obj("route count"), patch.obj("t b"), again[0])
    patch.wire(again, sending[1])
    patch.wire(teaching, lanes[0])
    patch.wire(script[0], lanes[1])
    patch.wire(lanes, midi[0])
    patch.wire(midi, out)
    _controls(patch, script, lanes, midi, sending)
    _teach(patch, teach, midi, teaching, last)
    label(patch, Rect(5, 2, 150, 18), "MIDI controllers")
    label(patch, Rect(_SETUP.x - 3, 2, _SETUP.width, 18), "Setup")
    add_fold(patch, link, Rect(_FOLDED_WIDTH - 32, 4, 24, 16), _FOLDED_WIDTH, _WIDTH)
    line(patch, Rect(8, 60, _FOLDED_WIDTH - 16, 5))
    line(patch, Rect(_FOLDED_WIDTH - 1, 4, 5, 161))
    bank = Bank("Flow CC", ("Send", "-", "-", "-", "-", "-", "-", "-"))
    return Device(
        name="Flow CC",
        kind="midi",
        width=_WIDTH,
        folded_width=_FOLDED_WIDTH,
        patcher=patch,
        banks=(bank,),
        digest="The sound of Flow Synth Live as MIDI controllers",
    )


def _controls(patch: Patcher, script: Box, lanes: Box, midi: Box, sending: Box) -> None:
    send = switch(
        patch,
        Rect(8, 24, 103, 30),
        "Send",
        "Sends each parameter that changes as a MIDI controller to the next device on this track.",
        ("Send", "Sending"),  # off at first: Flow Synth moves the same knobs
        visibility=Visibility.AUTOMATED,
    )
    patch.wire(send, sending[0])
    label(patch, Rect(_SETUP.x - 3, 19, 80, 18), "Resolution")
    bits = Parameter(
        name="Resolution",
        info="7 bit: one controller for each parameter. 14 bit: two each, for synths that learn pairs.",
        kind=Kind.ENUM,
        choices=("7 bit", "14 bit"),
        visibility=Visibility.STORED,
    )
    which = patch.obj("sel 0 1")
    patch.wire(choice(patch, Rect(_SETUP.x, 36, _SETUP.width, 16), bits), which)
    for k, n_bits in enumerate((7, 14)):
        order = patch.obj("t b b")
        patch.wire(which[k], order)
        # First how a value is split, then which controllers there are.
        patch.wire(order[1], patch.message(str(n_bits)), lanes[2])
        patch.wire(order[0], patch.message(f"bits {n_bits}"), script)
    label(patch, Rect(_SETUP.x - 3, 55, 56, 18), "Channel")
    channel = Parameter(
        name="Channel",
        info="MIDI channel of the controllers; most plug-ins accept any.",
        kind=Kind.INT,
        low=1.0,
        high=16.0,
        initial=1.0,
        unit=Unit.INT,
        visibility=Visibility.STORED,
    )
    patch.wire(number(patch, Rect(_SETUP.x + 54, 56, 50, 16), channel), midi[1])


def _teach(patch: Patcher, teach: Box, midi: Box, teaching: Box, last: Box) -> None:
    """Add Teach Live: it moves each controller once, so that Live's Configure mode collects parameters."""
    go = switch(
        patch,
        Rect(115, 24, 103, 30),
        "Teach Live",
        "Press Configure in the plug-in's title bar first. Then this moves each controller once, so that "
        "Live collects the parameters.",
        ("Teach Live", "Stop Teaching"),
        short="Teach",
        visibility=Visibility.HIDDEN,
    )
    pressed = patch.obj("sel 1 0")
    patch.wire(go, pressed)
    patch.wire(pressed[0], patch.message("go"), teach)
    patch.wire(pressed[1], patch.message("halt"), teach)
    patch.wire(teach[0], midi[0])
    news = patch.obj("route running progress ask")
    patch.wire(teach[2], news)
    order = patch.obj("t i i")
    patch.wire(news[0], order)
    patch.wire(order[1], patch.obj("== 0"), teaching[0])
    patch.wire(order[0], patch.obj("prepend set"), go)
    patch.wire(patch.obj("loadbang"), patch.message("1"), teaching[0])
    shown = Parameter(
        name="Teach Progress",
        short="Progress",
        info="How many of the controllers have moved.",
        high=100.0,
        unit=Unit.PERCENT,
        visibility=Visibility.HIDDEN,
    )
    bar = number(patch, Rect(168, 116, 50, 16), shown, shown_only=True)
    moved = label(patch, Rect(5, 115, 160, 18), "Controllers moved", name="moved")
    reveal(patch, order[0], (bar, moved))
    patch.wire(news[1], patch.obj("* 100."), patch.obj("prepend set"), bar)
    patch.wire(news[2], last[0])
    patch.wire(last, patch.obj("prepend frame"), teach)
    steps = ("Press Configure on the plug-in", "Press Teach Live, and wait", "Press Configure again")
    for k, step in enumerate(steps):
        label(patch, Rect(5, 64 + 17 * k, _FOLDED_WIDTH - 10, 18), f"{k + 1}  {step}")
