"""Who plays in tests: devices with instruments of their own, and a panel that plays the focus."""

PANEL, PANEL_PORT = ("127.0.0.1", 52_000), 53_000


def welcomes(messages):
    """The arguments of each welcome: an instrument that comes back is welcomed again by its own model."""
    return [m[1:] for m in messages if m[0] == "/flow/welcome"]


class Device:
    """A client with an instrument of its own, as Flow Synth is on a track."""

    def __init__(self, rig, k, identity=None, kind="device"):
        self.rig, self.k, self.kind = rig, k, kind
        self.sender, self.port = ("127.0.0.1", 50_100 + k), 51_100 + k
        self.identity = f"id-{k}" if identity is None else identity
        self.hello()

    def hello(self, nonce=None):
        values = (
            self.k if nonce is None else nonce,
            self.port,
            2,
            self.kind,
            f"Track {self.k}",
            self.identity,
        )
        self.told = self.rig.send("/flow/hello", *values, sender=self.sender)[self.port]
        self.identity = welcomes(self.told)[-1][10]

    def send(self, address, *values):
        return self.rig.send(address, *values, sender=self.sender)

    @property
    def instrument(self):
        (track,) = [track for track in self.rig.tracks if track.identity == self.identity]
        return track.instrument


def panel(rig, protocol=2):
    own = [""] if protocol == 2 else []
    return rig.send("/flow/hello", 9, PANEL_PORT, protocol, "panel", "panel", *own, sender=PANEL)
