"""A controller in JACK, without hardware."""

import rtmidi


class VirtualController:
    """A MIDI output that is there as long as the block."""

    def __init__(self, name):
        self.name = name
        self.port = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
        self.port.open_virtual_port("out")

    def cc(self, number, value, channel=1):
        self.port.send_message([0xB0 | channel - 1, number, value])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.port.close_port()
        self.port.delete()
