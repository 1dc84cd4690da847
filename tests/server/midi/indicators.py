"""A controller whose rings and motor faders keep what they were sent, and a loop that runs by itself."""

from server.midi.codec.decoder import Decoder
from server.midi.feedback.feedback_channel import HAND_S
from tests.server.midi import playing
from tests.server.midi.playing import NANO


class Indicators:
    """What controllers were sent."""

    def __init__(self):
        self.sent = []
        self.devices = []

    def plugged_in(self, device):
        self.devices.append(device)

    def unplugged(self, device):
        self.devices.remove(device)

    def send(self, device, control, messages):
        self.sent.append((device, control, messages))

    def drain(self):
        """Return the raw values that were sent, by control, and forget them."""
        sent, self.sent = self.sent, []
        return {control: read(control, messages) for _, control, messages in sent}


def read(control, messages):
    """Return the raw value that a decoder of such a controller makes of messages."""
    decoder = Decoder()
    events = [event for message in messages for event in decoder.read(message)]
    return [event.raw for event in events if event.control == control][-1]


def plug_in(rig, *bindings, device=NANO):
    """Plug a controller in, and let its rings be shown."""
    playing.plug_in(rig, *bindings, device=device)
    wait(rig)


def wait(rig, seconds=2 * HAND_S):
    """Let time pass as the loop would."""
    end = rig.now + seconds
    while rig.now < end:
        rig.now += max(min(rig.bridge.rest_s(rig.now), end - rig.now), 1e-4)
        rig.bridge.tick(rig.now)
    rig.sent()


def move(rig, *messages):
    """Let the controller send messages, without a pause."""
    for message in messages:
        data = message if isinstance(message, bytes) else bytes(message.bytes())
        rig.controllers.inbox.received(NANO, data)
    rig.bridge.finish(rig.now)
    rig.sent()
