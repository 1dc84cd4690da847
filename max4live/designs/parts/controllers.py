"""Values as MIDI controllers: 64 lanes that send only when their controller value changes."""

from max4live.builder.patcher import Patcher
from max4live.designs.parts.frames import MAX_PARAMETERS
from max4live.designs.parts.numbers import counted

__all__ = ["controllers", "to_midi"]

_CONTROL_CHANGE = 176  # on channel 1


def controllers(n: int = MAX_PARAMETERS) -> Patcher:
    """Return n lanes from value to controller.

    Inlets: values `v v ...` in 0 to 1; `K MSB LSB`, the controllers of lane K, -1 for none; 7 or 14 bits.
    Outlet: `controller value`, the coarse one before the fine one.
    """
    patch = Patcher("controllers")
    values, table = patch.inlet("values, each 0 to 1"), patch.inlet("K MSB LSB")
    bits, out = patch.inlet("7 or 14"), patch.outlet("controller value")
    each, lane = patch.obj("unpack" + " 0." * n), patch.obj(f"route {counted(n)}")
    patch.wire(values, each)
    patch.wire(table, lane)
    # 127 and no shift, or 16383 and a shift by 7.
    fine = patch.obj("== 14")
    patch.wire(bits, fine)
    top, shift = patch.obj("expr 127 + $i1 * 16256"), patch.obj("* 7")
    patch.wire(fine, top)
    patch.wire(fine, shift)
    for k in range(n):
        scaled, whole, new = patch.obj("* 127."), patch.obj("i"), patch.obj("change -1")
        patch.wire(each[k], scaled, patch.obj("+ 0.5"), whole, new)
        patch.wire(top, scaled[1])
        order = patch.obj("t i i")
        patch.wire(new, order)
        coarse = patch.obj(">> 0")
        patch.wire(shift, coarse[1])
        patch.wire(order[1], coarse)
        numbers, again = patch.obj("unpack 0 0"), patch.obj("t b l")
        patch.wire(lane[k], again)
        patch.wire(again[1], numbers)
        # A newly assigned controller has not been sent anything yet.
        patch.wire(again[0], patch.message("set -1"), new)
        for outlet, value in ((0, coarse), (1, patch.obj("& 127"))):
            known, pair = patch.obj("gate 1"), patch.obj("pack 0 0")
            patch.wire(numbers[outlet], patch.obj("> -1"), known[0])
            patch.wire(numbers[outlet], pair[1])
            if outlet:
                patch.wire(order[0], value)
            patch.wire(value, known[1])
            patch.wire(known, pair, patch.message("$2 $1"), out)
    return patch


def to_midi() -> Patcher:
    """Return the patcher that turns `controller value` into the three bytes of a MIDI message.

    Inlets: `controller value`; the channel, 1 to 16. Outlet: bytes, one after the other.
    """
    patch = Patcher("midi")
    pairs, channel = patch.inlet("controller value"), patch.inlet("channel")
    out = patch.outlet("bytes")
    first = patch.obj(f"i {_CONTROL_CHANGE}")
    patch.wire(channel, patch.obj(f"+ {_CONTROL_CHANGE - 1}"), first[1])
    apart, whole = patch.obj("unpack 0 0"), patch.obj(f"pack {_CONTROL_CHANGE} 0 0")
    patch.wire(pairs, apart)
    patch.wire(apart[1], whole[2])
    order = patch.obj("t b i")
    patch.wire(apart[0], order)
    patch.wire(order[1], whole[1])
    patch.wire(order[0], first, whole, patch.obj("iter"), out)
    return patch
