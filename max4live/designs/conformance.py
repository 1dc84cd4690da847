"""Flow Conformance, a debug build: asks Max and Live whether our devices' assumptions hold.

The assumptions are those of the fake Max in the tests, which cannot check itself.
"""

from max4live.builder.device import Device
from max4live.builder.patcher import Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.frames import SMOOTHING_MS
from max4live.designs.parts.link import add_link
from max4live.designs.parts.looks import button, text_field

__all__ = ["conformance"]

_WIDTH = 480
_FOOT_Y = 148
_TEST_PORT = 9271  # outside the range of the devices


def conformance() -> Device:
    """Return the audio effect with one button and a list of PASS and FAIL."""
    patch = Patcher("Flow Conformance")
    link = add_link(
        patch,
        "sketch",
        (),
        lamp_at=Rect(8, _FOOT_Y + 3, 10, 10),
        status_at=Rect(22, _FOOT_Y - 1, 450, 18),
    )
    source, sink = patch.obj("plugin~"), patch.obj("plugout~")
    patch.wire(source[0], sink[0])
    patch.wire(source[1], sink[1])
    script = patch.js("fsl_conform.js", 1, 4)
    link.tell(patch, [script])
    patch.wire(link.start, script)
    go = button(patch, Rect(8, 6, 96, 34), "Check", "Asks Max and Live, and lists their answers.", "Check")
    patch.wire(go, patch.obj("t b"), patch.message("go"), script)
    lines = text_field(
        patch, Rect(112, 6, 360, 136), "Answers", "PASS or FAIL for each assumption of the devices.", ""
    )
    lines.keys |= {"lines": 0, "wordwrap": 1, "readonly": 1}
    news = patch.obj("route append clear")
    patch.wire(script[0], news)
    patch.wire(news[0], patch.obj("prepend append"), lines)
    patch.wire(news[1], patch.message("clear"), lines)

    there, back = patch.obj(f"udpsend 127.0.0.1 {_TEST_PORT}"), patch.obj(f"udpreceive {_TEST_PORT} @quiet 1")
    patch.wire(script[1], there)
    patch.wire(back, patch.obj("route /flow/loop"), patch.obj("deferlow"), patch.obj("prepend loop"), script)
    # As in the devices.
    remote = patch.obj("live.remote~", saved_object_attributes={"_persistence": 0, "smoothing": SMOOTHING_MS})
    which = patch.obj("route id")
    patch.wire(script[2], which, patch.obj("prepend id"), remote[1])
    patch.wire(which[1], remote[0])
    buffer = patch.obj("buffer~ ---flow_conform 100 1")
    patch.wire(script[3], buffer)
    patch.wire(buffer[1], patch.message("written"), script)
    return Device(
        name="Flow Conformance",
        kind="audio",
        width=_WIDTH,
        patcher=patch,
        digest="Asks Max and Live whether our assumptions about them hold",
    )
