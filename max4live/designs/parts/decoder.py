"""The device's own decoder: it stands between the device and the server, and plays when no server answers."""

from dataclasses import replace

from max4live.builder.patcher import Box, Patcher
from max4live.designs.parts.link import Link

__all__ = ["add_decoder"]

_RATE_MS = 33  # at which the script hears the server's frames; the synth hears all of them


def add_decoder(patch: Patcher, link: Link) -> tuple[Link, Box]:
    """Add the decoder, which plays while no server answers.

    Returns:
        The link as the rest of the device uses it: its events come from the decoder, what goes to the server
        passes by it, and frames arrive only while the server is the one that plays. And the script, which
        wants `sound MODEL`, `bound N` and `dials KEY NAME ...` from `fsl_state`, and `decode 0|1|2`.
    """
    script = patch.js("fsl_decode.js", 1, 5)
    patch.wire(link.events, script)
    patch.wire(link.start, script)
    for word in ("latent", "frozen", "macro/known"):
        patch.wire(link.heard[word], script)

    frames = patch.obj("gate 1")
    patch.wire(link.raw["params"], frames[1])
    patch.wire(link.raw["params"], patch.obj(f"qlim {_RATE_MS}"), patch.obj("prepend params"), script)

    said, to_server = patch.obj("t l l"), patch.obj("gate 1")
    patch.wire(said[1], patch.obj("deferlow"), script)
    patch.wire(said[0], to_server[1])
    patch.wire(to_server, link.server)

    gates = patch.obj("route server frames")
    patch.wire(script[2], gates, to_server[0])
    patch.wire(gates[1], frames[0])
    patch.wire(script[3], link.server)
    patch.wire(script[4], link.status)
    raw = {**link.raw, "params": frames[0]}
    return replace(link, server=said, events=script[0], raw=raw, decoded=script[1]), script
