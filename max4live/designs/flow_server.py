"""Flow Server: starts and stops the server at the press of a button, and never by itself."""

from max4live.builder.device import Device
from max4live.builder.parameter import Visibility
from max4live.builder.patcher import Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.looks import label, lamp, line, switch

__all__ = ["flow_server"]

_WIDTH = 200
_RUNNING = 0  # of the lamp


def flow_server() -> Device:
    """Return the audio effect; sound passes through it unchanged."""
    patch = Patcher("Flow Server")
    source, sink = patch.obj("plugin~"), patch.obj("plugout~")
    patch.wire(source[0], sink[0])
    patch.wire(source[1], sink[1])

    node = patch.node("fsl_server.js")
    # Hidden: neither stored nor automated, so that opening a Set cannot start anything.
    run = switch(
        patch,
        Rect(8, 6, _WIDTH - 16, 34),
        "Server",
        "Starts or stops the server. Opening a Set never does.",
        ("Start the Server", "Stop the Server"),
        visibility=Visibility.HIDDEN,
    )
    pressed = patch.obj("sel 1 0")
    patch.wire(run, pressed)
    patch.wire(pressed[0], patch.message("script start"), node)
    # `end` makes the script stop its server; the script itself stays loaded and does nothing.
    patch.wire(pressed[1], patch.message("end"), node)
    life = patch.obj("route start")
    patch.wire(node[1], life)
    began = patch.obj("route success error")
    patch.wire(life, began)
    patch.wire(began[0], patch.obj("t b"), patch.message("go"), node)

    colours, dark = lamp(patch, Rect(8, 53, 10, 10))
    hint = label(
        patch,
        Rect(22, 49, _WIDTH - 30, 42),
        "Not started. The first time, set it up as the README says.",
        name="hint",
    )
    line(patch, Rect(8, 95, _WIDTH - 16, 5))
    log = label(patch, Rect(5, 98, _WIDTH - 10, 66), "What the server says is shown here.", name="line")
    failed = patch.message("set Node did not start. Use the device that build --plain writes.")
    patch.wire(began[1], patch.obj("t b"), failed, hint)
    news = patch.obj("route running line hint")
    patch.wire(node[0], news)
    both = patch.obj("t i i")
    patch.wire(news[0], both)
    patch.wire(both[0], patch.obj("prepend set"), run)
    lit = patch.obj("sel 1 0")
    patch.wire(both[1], lit)
    patch.wire(lit[0], patch.message(str(_RUNNING)), colours)
    patch.wire(lit[1], patch.message("bgfillcolor 0.5 0.5 0.5 1."), dark)  # not running is no fault
    patch.wire(news[1], patch.obj("prepend set"), log)
    patch.wire(news[2], patch.obj("prepend set"), hint)
    return Device(
        name="Flow Server",
        kind="audio",
        width=_WIDTH,
        patcher=patch,
        digest="Starts and stops the server of Flow Synth Live",
    )
