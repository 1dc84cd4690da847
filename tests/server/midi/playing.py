"""What a player does in tests: plug a controller in, move its controls."""

from server.midi.bindings.binding import Binding
from server.midi.codec.control import Control
from server.midi.profiles.profile import Profile, write_profile
from tests.support.live import MY_PORT

NANO = "nano"
CC = Control("cc", 1, 20)


def plug_in(rig, *bindings, device=NANO):
    """Plug in a controller whose profile has these bindings."""
    write_profile(rig.profiles, Profile(device=device, bindings=bindings))
    rig.controllers.inbox.plugged_in(device)
    rig.turn()


def move(rig, *messages, device=NANO):
    """Let a controller send messages; return what the first client is sent."""
    for message in messages:
        rig.controllers.inbox.received(device, bytes(message.bytes()))
    return rig.turn().get(MY_PORT, [])


def status_texts(messages):
    return [m[1] for m in messages if m[0] == "/flow/status"]


def dial(rig, k):
    return rig.instrument.dials[k]


def knob(k, number=20, kind="cc", **options):
    """Return a binding of a control on channel 1 to macro k."""
    return Binding(control=Control(kind, 1, number), macro=k, **options)
