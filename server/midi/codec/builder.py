"""From a control that stands somewhere to MIDI messages: the way back to rings and motor faders.

`Decoder` undoes it.
"""

from server.midi.codec.control import ANY_CHANNEL, Control, Kind

__all__ = ["SPELLED", "spell"]

SPELLED: tuple[Kind, ...] = ("cc", "cc14", "nrpn", "pitch")  # what can be shown on a controller
_CONTROL_CHANGE, _PITCH_BEND = 0xB0, 0xE0


def spell(control: Control, raw: int) -> list[bytes]:
    """Give the messages that say that a control stands at a raw value, the coarse half first.

    Args:
        control: Of a kind in `SPELLED`, on a channel of its own.
        raw: 0 to `control.top`.
    """
    assert control.kind in SPELLED and control.channel != ANY_CHANNEL and 0 <= raw <= control.top
    status = _CONTROL_CHANGE | control.channel - 1
    coarse, fine, number = raw >> 7, raw & 127, control.number
    match control.kind:
        case "cc":
            pairs = [(number, raw)]
        case "cc14":
            pairs = [(number, coarse), (number + 32, fine)]
        case "nrpn":
            pairs = [(99, number >> 7), (98, number & 127), (6, coarse), (38, fine)]
        case _:
            return [bytes((_PITCH_BEND | control.channel - 1, fine, coarse))]
    return [bytes((status, *pair)) for pair in pairs]
