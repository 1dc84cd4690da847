"""From a control and its value to MIDI messages: the way back to rings and motor faders."""

from server.midi.codec.control import ANY_CHANNEL, Control, Kind

__all__ = ["SHOWABLE_KINDS", "midi_messages"]

SHOWABLE_KINDS: tuple[Kind, ...] = ("cc", "cc14", "nrpn", "pitch")  # those that rings and motors understand
_CONTROL_CHANGE, _PITCH_BEND = 0xB0, 0xE0


def midi_messages(control: Control, raw: int) -> list[bytes]:
    """Return the messages that set a control to a raw value, the coarse half first; `Decoder` reads them.

    Args:
        control: Of a kind in `SHOWABLE_KINDS`, on a channel of its own.
        raw: 0 to `control.top`.
    """
    assert control.kind in SHOWABLE_KINDS and control.channel != ANY_CHANNEL and 0 <= raw <= control.top
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
