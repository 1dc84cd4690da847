"""An instrument as the loop plays it: what waits for it, and the clients that hear it."""

import contextlib
from collections.abc import Iterable

from core.errors import ProtocolError
from server.instrument.history import History
from server.instrument.instrument import Instrument
from server.instrument.path_run import PACE_S, PathRun
from server.instrument.played_model import PlayedModel
from server.midi.bindings.command import Command
from server.osc.builder import osc_message
from server.osc.clients import Client, Clients
from server.osc.coalescer import Coalescer
from server.osc.hot_reader import ControlMessage
from server.osc.outbox import Outbox
from server.sketch.instrument_sketch import InstrumentSketch
from server.sketch.take import Phase

__all__ = ["KnobUpdates", "Track"]


_SETTLED_S = 0.12  # the point has rested this long: observers and clients are told


class KnobUpdates:
    """Keeps the clients' knobs where the instrument is.

    After a jump (a preset, a latent, a patch) all clients are told; after a turn all but the one whose hand
    turned, for it would feel its knob pulled. When macros have rested, all are told the latent once.

    Args:
        track: The instrument, and the clients that hear it.
    """

    def __init__(self, track: "Track") -> None:
        self._track = track
        self._turning: list[Client] = []  # who turned macros since the last frame
        self._jumped = False
        self._moved_at: float | None = None
        self._latent_told = True

    def turned(self, client: Client) -> None:
        """Note that a client turned macros."""
        if client not in self._turning:
            self._turning.append(client)
            self._track.activate()

    def jumped(self) -> None:
        """Note that the point has gone elsewhere."""
        self._jumped = True
        self._track.activate()

    def restored(self) -> None:
        """Send all clients the knobs of the last good point."""
        self._jumped, self._turning = False, []
        self._track.send(self._track.instrument.knobs())

    def frame_sent(self, now: float) -> None:
        """Send the knobs after a frame, to those who need them."""
        if self._jumped:
            instrument = self._track.instrument
            self._track.send([*instrument.knobs(), *instrument.gestures.news()])
        elif self._turning:
            hand = self._turning[0] if len(self._turning) == 1 else None
            if any(not client.stands_for(hand) for client in self._track.listeners):
                macros = osc_message("/flow/macros", self._track.instrument.dials)
                self._track.send([macros], without=hand)
        self._latent_told = not self._turning or self._jumped
        self._jumped, self._turning = False, []
        self._moved_at = now

    @property
    def are_at_rest(self) -> bool:
        """Whether the point has not moved since `settles` last said so."""
        return self._moved_at is None and not self._jumped and not self._turning

    def settles(self, now: float) -> bool:
        """Whether the point has just come to rest; then clients are told the latent."""
        if self._moved_at is None or now - self._moved_at < _SETTLED_S:
            return False
        self._moved_at = None
        if not self._latent_told:
            self._latent_told = True
            instrument = self._track.instrument
            # Only a macro of the player's own moves other dials, of which the hand has not been told.
            self._track.send(instrument.knobs() if instrument.entangled else instrument.latent_messages())
        return True

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon `settles` wants to be asked, seconds."""
        if self._moved_at is None:
            return longest
        return min(longest, max(0.001, self._moved_at + _SETTLED_S - now))


class Track:
    """One player's instrument, usually that of one track in Live.

    Args:
        identity: What a device calls it; empty for the one that plays while no device has said its own.
        instrument: Its sound.
        clients: All clients; those that play it are told of it.
        outbox: Where messages go.
        active: Where it enters itself while the loop has to look after it.

    Attributes:
        name: Shown to people: that of the client that brought it.
        sketch: What was last sketched on it.
        has_focus: Whether clients without an identity, controllers and the panel act on it.
        history: Where it was.
        is_awaited: Whether its device, which has just come, has yet to send its sound.
        frames_owed: Listeners that have yet to ask for the names of another model that has come to play.
    """

    def __init__(
        self,
        identity: str,
        instrument: Instrument,
        clients: Clients,
        outbox: Outbox,
        active: "dict[Track, None]",
    ) -> None:
        self.identity = identity
        self.name = ""
        self.instrument = instrument
        self.sketch = InstrumentSketch()
        self.coalescer = Coalescer()
        self.has_focus = False
        self.is_awaited = False
        self.frames_owed = 0
        self._listeners: tuple[Client, ...] = ()
        self._listeners_are_of: tuple[int, bool, str] | None = None
        self._clients = clients
        self._outbox = outbox
        self._active = active
        self._path_run: PathRun | None = None
        self.history = History()
        self.history.rested(instrument.latent)
        self.knobs = KnobUpdates(self)
        self.activate()

    @property
    def listeners(self) -> tuple[Client, ...]:
        """The clients that play it, and, while it has the focus, those that play whatever has it."""
        now = self._clients.revision, self.has_focus, self.identity
        if self._listeners_are_of != now:  # of many clients, most play other instruments
            self._listeners_are_of = now
            mine = (self.identity, "") if self.has_focus else (self.identity,)
            self._listeners = tuple(client for client in self._clients if client.plays in mine)
        return self._listeners

    @property
    def is_alive(self) -> bool:
        """Whether a client is there whose own instrument it is, and which plays no other instead."""
        return any(c.instrument == self.identity == c.plays for c in self._clients if c.instrument)

    @property
    def link(self) -> str:
        """Identity of what the client whose own it is plays instead; empty if it plays this one."""
        owner = (client for client in self._clients if client.instrument == self.identity)
        return next((client.link for client in owner if client.link), "")

    def activate(self) -> None:
        """Have the loop look after it until its knobs have come to rest."""
        self._active[self] = None

    @property
    def is_waiting(self) -> bool:
        """Whether there is anything to compute."""
        return len(self.coalescer) > 0 or self.instrument.moved

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is to be computed, and clients have been told of all that was."""
        return self.knobs.are_at_rest and not self.is_waiting and self._path_run is None

    def is_on(self, command: Command) -> bool:
        """Whether something that is switched is on."""
        match command.name:
            case "record":
                return self.sketch.take_in(Phase.RECORDING) is not None
            case "follow":
                return self.sketch.take_in(Phase.FOLLOWING) is not None
            case "hold":
                return command.macro in self.instrument.frozen
            case _:
                return self._path_run is not None

    def run_path(self, on: bool) -> None:
        """Start the path, which has two points, from its beginning, or stop where it is."""
        self._path_run = PathRun() if on else None
        self.activate()

    def move_along_path(self, now: float) -> None:
        """Go on along the path, if it plays; it stops when it has lost its points."""
        if self._path_run is None:
            return
        if not self.instrument.can_play("/flow/path/play"):
            self._path_run = None
            return
        position = self._path_run.position(now)
        if position is not None:
            self.coalescer.add(ControlMessage("/flow/path/play", (position,)))
            self.knobs.jumped()

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon the loop has to look after it, seconds."""
        rest = self.knobs.rest_s(longest, now)
        return rest if self._path_run is None else min(rest, PACE_S)

    def apply_waiting(self) -> None:
        """Apply the controls that wait."""
        for control in self.coalescer.take():
            self.instrument.apply(control)

    def adopt(self, played: PlayedModel) -> None:
        """Change to another model. Points where it was belong to the one before, as do controls that wait."""
        self.apply_waiting()
        with contextlib.suppress(ProtocolError):  # else the last good patch stays
            self.instrument.current_patch()
        self.instrument.adopt(played.loaded, played.preset_map)
        self.frames_owed = len(self.listeners)
        self.history = History()
        self.history.rested(self.instrument.latent)

    def send_frame(self) -> None:
        """Compute the frame of its point, and send it to its listeners.

        Raises:
            ProtocolError: The point cannot be decoded.
        """
        self.send([self.instrument.frame()])
        self.is_awaited = False

    def send(self, datagrams: Iterable[bytes], *, without: Client | None = None) -> None:
        """Send datagrams to its listeners, except one and what stands for its host."""
        datagrams = list(datagrams)
        for client in self.listeners:
            if not client.stands_for(without):
                for datagram in datagrams:
                    self._outbox.send(datagram, client)
