"""How controllers spell a control's value: the other side of the decoder."""

from mido import Message

ORDERS = ("coarse first", "fine first", "coarse only")


def cc(channel, number, value):
    return Message("control_change", channel=channel - 1, control=number, value=value)


def halves(channel, coarse_number, fine_number, raw, order):
    coarse, fine = cc(channel, coarse_number, raw >> 7), cc(channel, fine_number, raw & 127)
    return {ORDERS[0]: [coarse, fine], ORDERS[1]: [fine, coarse], ORDERS[2]: [coarse]}[order]


def spell(control, raw, order=ORDERS[0], select=True):
    """Messages by which a controller says that a control stands at a raw value."""
    channel, number = control.channel, control.number
    match control.kind:
        case "cc":
            return [cc(channel, number, raw)]
        case "cc14":
            return halves(channel, number, number + 32, raw, order)
        case "nrpn":
            chosen = [cc(channel, 99, number >> 7), cc(channel, 98, number & 127)] if select else []
            return chosen + halves(channel, 6, 38, raw, order)
        case "pitch":
            return [Message("pitchwheel", channel=channel - 1, pitch=raw - 8192)]
        case "pressure":
            return [Message("aftertouch", channel=channel - 1, value=raw)]
        case "poly":
            return [Message("polytouch", channel=channel - 1, note=number, value=raw)]
        case "note":
            return [Message("note_on", channel=channel - 1, note=number, velocity=raw)]
        case _:
            return [Message("program_change", channel=channel - 1, program=number)]


def encode_step(encoding, by):
    """The raw value of a step from -63 to 63 of an endless encoder."""
    match encoding:
        case "twos":
            return by & 127
        case "offset":
            return by + 64
        case _:
            return by if by >= 0 else 64 - by
