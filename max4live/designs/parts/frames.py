"""The path of a frame from the network to `live.remote~`, without a script.

udpreceive -> route -> [p frame: length, sequence, clip] -> [p remotes: unpack -> live.remote~ x 64]
"""

from max4live.builder.patcher import Patcher
from max4live.designs.parts.numbers import counted

__all__ = ["MAX_PARAMETERS", "SEQUENCE_TEST", "frame", "remotes"]

MAX_PARAMETERS = 64
# A ramp as long as the time between frames, 15 to 20 ms: shorter ones are heard as steps.
SMOOTHING_MS = 20.0
# Whether the frame's number $i1 is less than half of 2^31 ahead of the last, $i2; -1 means none yet.
_AHEAD = "(($i1 - $i2) & 2147483647)"
SEQUENCE_TEST = f"expr ($i2 < 0) || (({_AHEAD} > 0) && ({_AHEAD} < 1073741824))"


def frame() -> Patcher:
    """Return the check of a frame: complete, newer than the last, and every value in 0 to 1.

    Inlets: a frame `sequence v v ...`; events of the link, of which it uses `count P+1` and `reset`; a
    stored frame `v v ...`, of which only the range is checked. Outlet: `v v ...`.
    """
    patch = Patcher("frame")
    frames, events = patch.inlet("frame: sequence, values"), patch.inlet("events of the link")
    stored = patch.inlet("stored values")
    out = patch.outlet("values, each 0 to 1")

    each = patch.obj("t l l l")
    patch.wire(frames, each)
    # Right to left: whether it is complete, whether it is newer, and only then the frame itself.
    whole, same = patch.obj("zl.len"), patch.obj("== 0")
    whole_gate = patch.obj("gate 1")
    patch.wire(each[2], whole, same, whole_gate[0])
    number, newer = patch.obj("zl.slice 1"), patch.obj(SEQUENCE_TEST)
    newer_gate = patch.obj("gate 1")
    patch.wire(each[1], number, newer, newer_gate[0])
    patch.wire(each[0], whole_gate[1])
    patch.wire(whole_gate, newer_gate[1])

    passed, apart = patch.obj("t l l"), patch.obj("zl.slice 1")
    patch.wire(newer_gate, passed)
    last = patch.obj("zl.slice 1")
    patch.wire(passed[1], last, newer[1])
    patch.wire(passed[0], apart)
    clip = patch.obj("clip 0. 1.")
    patch.wire(apart[1], clip, out)
    patch.wire(stored, clip)

    which = patch.obj("route count reset")
    patch.wire(events, which, same[1])
    # A new run of the server counts from 0: everything is newer than -1.
    again = patch.message("-1")
    patch.wire(which[1], again, newer[1])
    return patch


def remotes(n: int = MAX_PARAMETERS) -> Patcher:
    """Return n `live.remote~`, and the ranges of what they move.

    Inlets: values `v v ...` in 0 to 1; `low v v ...` and `span v v ...`, as many as there are values, before
    the first `K id N`, which binds remote K.
    """
    patch = Patcher("remotes")
    values, binding = patch.inlet("values, each 0 to 1"), patch.inlet("K id N, low v v .., span v v ..")
    # One object for all ranges: those of each remote would be a quarter of the device.
    scaled = patch.obj("vexpr $f1 * $f2 + $f3")
    each, kind, lane = (
        patch.obj("unpack" + " 0." * n),
        patch.obj("route low span"),
        patch.obj(f"route {counted(n)}"),
    )
    patch.wire(values, scaled, each)
    patch.wire(binding, kind)
    patch.wire(kind[0], scaled[2])
    patch.wire(kind[1], scaled[1])
    patch.wire(kind[2], lane)
    loaded = patch.obj("loadbang")
    for inlet, value in ((1, "1."), (2, "0.")):  # until the plug-in's own are known
        patch.wire(loaded, patch.message(" ".join([value] * n)), scaled[inlet])
    for k in range(n):
        remote = patch.obj(
            "live.remote~", saved_object_attributes={"_persistence": 0, "smoothing": SMOOTHING_MS}
        )
        patch.wire(each[k], remote)
        patch.wire(lane[k], remote[1])
    return patch
