"""The link of a device to the server: ports, hello, status line, and where incoming messages go."""

from collections.abc import Iterable
from dataclasses import dataclass

from max4live.builder.parameter import Parameter, Unit, Visibility
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.addresses import from_server
from max4live.designs.parts.looks import LINE_PX, label, lamp, number

__all__ = ["SERVER_PORT", "Link", "add_link"]

SERVER_PORT = 9130
# Where every device begins, before its script finds it a port from 9201 to 9264: outside these, so that one
# that is being loaded takes no other device's port.
FIRST_PORT = 9265
_LOOP = "/flow/loop"  # from a device to itself, to test whether it owns its port
_RATE_MS = 33  # what is only drawn is updated 30 times a second
_OFTEN = ("macros", "latent", "place")
_TEXTS = ("status", "error")
_CALLED = {"macro/known": "vocabulary"}  # in the scripts: `known` is another message there


@dataclass(frozen=True)
class Link:
    """The ends that the rest of a device connects to.

    Attributes:
        device: `live.thisdevice`, which bangs once the Live API is ready.
        server: The one `udpsend` to the server, which identifies the device by the port this sends from.
        events: Outlet of the link script: `online`, `offline`, `count`, `reset`, `state`, `folder`.
        script: The link script itself, for `kind`.
        start: Sends `start` once the Live API is ready.
        enabled: Sends 1 or 0 when the device is switched on or off.
        status: Takes `SOURCE TEXT` for the status line.
        heard: For each word from the server, the outlet with the word in front: `welcome ...`.
        raw: The same without the word, at once, in Max's high-priority thread.
        decoded: Frames `v v ...` that the device makes itself, if it has a decoder.
    """

    device: Box
    server: Box
    events: Port
    script: Box
    start: Box
    enabled: Port
    status: Box
    heard: dict[str, Port]
    raw: dict[str, Port]
    decoded: Port | None = None

    def tell(self, patch: Patcher, boxes: Iterable[Box]) -> None:
        """Send every event of the link to these scripts."""
        for box in boxes:
            patch.wire(self.events, box)


def add_link(
    patch: Patcher,
    kind: str,
    words: Iterable[str],
    *,
    lamp_at: Rect,
    status_at: Rect,
    port_at: Rect | None = None,
    page: int | None = None,
) -> Link:
    """Add the link to a device.

    Args:
        patch: The device's patcher.
        kind: Kind of device for the script: `synth`, `sketch` or `cc`.
        words: Messages that the device wants from the server, besides those that the link itself needs.
        lamp_at: Where the lamp is.
        status_at: Where the status line is.
        port_at: Where the field for the server's port is.
        page: Page of that field.
    """
    device, server = patch.obj("live.thisdevice"), patch.obj(f"udpsend 127.0.0.1 {SERVER_PORT}")
    start = patch.message("start")
    patch.wire(device, start)
    script, status = (
        patch.js("fsl_link.js", 1, 5, kind),
        _status(patch, status_at),
    )
    patch.wire(start, script)

    words = tuple(dict.fromkeys(("params", *words, "welcome", "pong", "health", *_TEXTS)))
    incoming = patch.obj(f"udpreceive {FIRST_PORT} @quiet 1")
    route = patch.obj(" ".join(["route", *(from_server(word) for word in words), _LOOP]))
    patch.wire(incoming, route)
    raw = {word: route[k] for k, word in enumerate(words)}
    heard = {word: _hear(patch, raw[word], word) for word in words if word != "params"}
    for word in ("welcome", "pong", "health"):
        patch.wire(heard[word], script)
    patch.wire(_hear(patch, route[len(words)], "loop"), script)

    patch.wire(script[0], server)
    patch.wire(script[1], incoming)
    patch.wire(script[2], patch.obj(f"udpsend 127.0.0.1 {FIRST_PORT}"))
    patch.wire(script[4], status)
    patch.wire(script[3], status)
    # Banged at the start: by itself it reports changes alone, and audio may be off from the beginning.
    patch.wire(device, patch.obj("dspstate~"), patch.obj("prepend dsp"), script)
    # `freebang`: the device is removed or its Set is closed.
    patch.wire(patch.obj("freebang"), patch.message("stop"), script)
    if port_at:
        field = number(patch, port_at, _PORT, page)
        patch.wire(field, patch.obj("prepend port"), script)

    for word in _TEXTS:
        patch.wire(heard[word], status)
    line = label(patch, status_at, "Starting", name="status")
    patch.wire(status[0], line)
    colours, _ = lamp(patch, lamp_at)
    patch.wire(status[1], patch.obj("route level"), colours)
    return Link(device, server, script[3], script, start, device[1], status, heard, raw)


_PORT = Parameter(
    name="Server Port",
    short="Port",
    info="UDP port on which the server listens: 9130, unless it was started with --port.",
    low=1024.0,
    high=65535.0,
    initial=float(SERVER_PORT),
    unit=Unit.INT,
    visibility=Visibility.STORED,
)


def _status(patch: Patcher, at: Rect) -> Box:
    """Add the script that fits texts into the status line."""
    return patch.js("fsl_status.js", 1, 2, str(at.width), str(max(1, (at.height - 6) // LINE_PX)))


def _hear(patch: Patcher, source: Port, word: str) -> Port:
    """Move a message out of the network's thread, and put its word in front of its arguments."""
    gentle = patch.obj(f"qlim {_RATE_MS}" if word in _OFTEN else "deferlow")
    last = word.rpartition("/")[2]  # `sketch/state` is `state` to a script
    named = patch.obj(f"prepend {_CALLED.get(word, last)}")
    patch.wire(source, gentle, named)
    return named[0]
