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
    """Return n `live.remote~`, each behind its range.

    Inlets: values `v v ...` in 0 to 1; `K id N` or `K range LOW SPAN` for lane K.
    """
    patch = Patcher("remotes")
    values, binding = patch.inlet("values, each 0 to 1"), patch.inlet("K id N, K range LOW SPAN")
    each, lane = patch.obj("unpack" + " 0." * n), patch.obj(f"route {counted(n)}")
    patch.wire(values, each)
    patch.wire(binding, lane)
    for k in range(n):
        span, low = patch.obj("* 1."), patch.obj("+ 0.")
        remote = patch.obj(
            "live.remote~", saved_object_attributes={"_persistence": 0, "smoothing": SMOOTHING_MS}
        )
        patch.wire(each[k], span, low, remote)
        kind, range_of = patch.obj("route range"), patch.obj("unpack 0. 0.")
        patch.wire(lane[k], kind, range_of, low[1])
        patch.wire(range_of[1], span[1])
        patch.wire(kind[1], remote[1])
    return patch
