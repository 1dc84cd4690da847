"""What clients ask of the connection itself: hello, heartbeat, goodbye, health, and who else is there."""

import logging

from core.errors import ProtocolError
from server.handling.handlers import MessageHandlers
from server.health import Health
from server.osc.addresses import OLDEST_PROTOCOL, PROTOCOL, Value
from server.osc.answers import Answer, FocusChanged, InstrumentsChanged, Listing, Reply
from server.osc.builder import osc_message
from server.osc.clients import Client, Clients
from server.osc.hosts.loopback import is_own
from server.osc.hosts.ports import Endpoint
from server.session import Session
from server.tracks.listing import instrument_messages
from server.tracks.track import Track
from server.tracks.tracks import Tracks

__all__ = ["Connections"]

logger = logging.getLogger(__name__)

_LONGEST_IDENTITY = 64  # characters
_NONE = "-"  # as good as empty, for programs that cannot send an empty text
_COUNTER_MASK = 0x7FFFFFFF  # counters start again at 0 after 2^31 - 1


class Connections:
    """Answers the messages whose answer depends on who sends them.

    Args:
        session: What stays the same while the server runs.
        clients: Those known.
        tracks: All instruments.
        handlers: Know the state that a new client has to be told.
        can_sketch: Whether the server answers sketches.
    """

    def __init__(
        self,
        session: Session,
        clients: Clients,
        tracks: Tracks,
        handlers: MessageHandlers,
        can_sketch: bool,
    ) -> None:
        self.clients = clients
        self.health = Health()
        self._session = session
        self._tracks = tracks
        self._handlers = handlers
        self._can_sketch = can_sketch
        self._listed = instrument_messages(tracks)
        self._listed_at = clients.revision
        self._by_address = {
            "/flow/hello": self._hello,
            "/flow/echo": self._echo,
            "/flow/ping": self._ping,
            "/flow/bye": self._bye,
            "/flow/health": self._health,
            "/flow/clients": self._list_clients,
            "/flow/instruments": self._list_instruments,
            "/flow/focus": self._focus,
        }
        self.addresses = frozenset(self._by_address)

    def handle(
        self, address: str, values: list[Value], sender: Endpoint, now: float
    ) -> tuple[Client, list[Answer]]:
        """Answer a message whose arguments fit the table.

        Returns:
            The client that sent it, and the answers.

        Raises:
            ProtocolError: The client cannot be registered.
        """
        return self._by_address[address](values, sender, now)

    def is_own(self, host: str, port: int) -> bool:
        """Whether this is the server's own address: what comes from there, or would be sent there, loops."""
        return port == self._session.own[1] and is_own(host)

    def welcome_again(self, client: Client, track: Track) -> list[Answer]:
        """Return what a client is told when another model plays what it hears; a stranger is told nothing."""
        return [] if client.anonymous else [self._welcome(client), *self.last_sketch(track)]

    def welcome_if_another(self, client: Client, track: Track) -> list[Answer]:
        """Return the welcome for a client that comes to hear an instrument of another model than before."""
        is_another = client.model != track.instrument.model.name
        return [self._welcome(client)] if is_another and not client.anonymous else []

    def _hello(self, values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        nonce, port, protocol = int(values[0]), int(values[1]), int(values[2])
        if not OLDEST_PROTOCOL <= protocol <= PROTOCOL:
            raise ProtocolError(
                f"this server speaks protocol {PROTOCOL}, the client {protocol}; update the older."
            )
        identity, link = ("" if value == _NONE else str(value) for value in values[5:7])
        if max(len(identity), len(link)) > _LONGEST_IDENTITY:
            raise ProtocolError(f"an instrument's identity has at most {_LONGEST_IDENTITY} characters.")
        if self.is_own(sender[0], port):
            raise ProtocolError(f"port {port} is the server's own; listen on another.")
        focus = self._tracks.focus
        client, new = self.clients.hello(sender, port, nonce, str(values[3]), str(values[4]), now)
        client.protocol = protocol
        played, was_known = client.plays, self._tracks.knows(identity)
        own = self._join(client, identity, new)
        model = None if own is None else own.instrument.model
        self._tracks.link(client, link)
        answers: list[Answer] = [self._welcome(client), *self._changes()]
        if own is not None and own.instrument.model is not model:  # it has become a copy of what it shared
            answers += self._handlers.models.remember(own)
        elif own is not None and own is self._tracks.heard_by(client):
            if not (was_known and own.identity == identity):
                answers += self._handlers.models.came(own)
        if self._tracks.focus is not focus:
            answers.append(FocusChanged())
        if new:
            logger.info("%s '%s' listens on %s:%d", client.kind, client.name, *client.address)
        is_another = played != client.plays and (bool(client.link) or not new)
        if is_another or new:
            answers += self._state_for(client, is_another=is_another)
        return client, answers

    def _join(self, client: Client, identity: str, is_new: bool) -> Track | None:
        """Return the instrument of a client's own, if it names one.

        Raises:
            ProtocolError: There is no room for it.
        """
        if not identity:
            self.clients.assign(client, "")
            return None
        try:
            return self._tracks.join(client, identity, is_new=is_new)
        except ProtocolError as error:
            self.clients.turn_away(client, str(error))  # else it would play the instrument of another
            raise

    def _state_for(self, client: Client, *, is_another: bool) -> list[Answer]:
        """Return what a client is told that is new, or comes to play another instrument."""
        track = self._tracks.heard_by(client)
        if track is None:
            return []
        tells_itself = client.kind == "device" and not is_another
        state = (
            []
            if tells_itself
            else self.present_state(track, is_another=is_another, is_linked=client.link != "")
        )
        return [*state, *self.last_sketch(track)]

    def _echo(self, values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        client = self.clients.echoed(sender, int(values[0]), now)
        if client is None:
            raise ProtocolError("that is not the number of /flow/token; send the one that came last.")
        if client.anonymous:
            return client, []
        # What it was sent before may have been left out.
        return client, [self._welcome(client), *self._state_for(client, is_another=False)]

    def present_state(
        self, track: Track, *, is_another: bool = False, is_linked: bool = False
    ) -> list[Answer]:
        """Return what a client is told that begins to play an instrument: knobs, frame and the rest.

        Args:
            track: The instrument.
            is_another: Whether the client has played another until now.
            is_linked: Whether the client, which has a sound of its own, wants that of another.
        """
        instrument = track.instrument
        state = self._handlers.present_state(track, every_macro=is_another)
        if is_another:
            instrument.count_on_from(self._tracks.newest_sequence)
        if is_linked and track.is_awaited and not instrument.moved:
            return state  # its sound comes with the next frame; the one that it begins with is nobody's
        knobs: list[Answer] = [Reply(datagram) for datagram in instrument.knobs()]
        # A point that has just been set is sent in this turn; the frame before would be heard until then.
        frames: list[Answer] = [] if instrument.moved else [Reply(instrument.last_frame())]
        return [*knobs, *frames, *state]

    def _welcome(self, client: Client) -> Reply:
        heard = self._tracks.heard_by(client)
        loaded = (heard or self._tracks.focus).instrument.loaded
        client.model = loaded.model.name
        return Reply(self._session.welcome(client, "" if heard is None else client.link, loaded))

    def last_sketch(self, track: Track) -> list[Answer]:
        """Return how far an instrument's sketch is and what can be picked, for a client that is new to it."""
        if not self._can_sketch:
            return []
        return [Reply(datagram) for datagram in track.sketch.present_state(track.instrument)]

    def _ping(self, values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        pong = osc_message("/flow/pong", int(values[0]), self._session.run)
        return self.clients.heard(sender, now, asks=True), [Reply(pong)]

    def _bye(self, values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        self.clients.bye(sender, int(values[0]))
        return Client(sender, now), self._changes()

    def _health(self, _values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        health = self.health
        counters = (
            health.n_received,
            sum(track.coalescer.n_superseded for track in self._tracks),
            health.n_refused,
        )
        datagram = osc_message(
            "/flow/health", *health.frame_times.percentiles_ms(now), *(n & _COUNTER_MASK for n in counters)
        )
        return self.clients.heard(sender, now, asks=True), [Reply(datagram)]

    def _list_clients(
        self, _values: list[Value], sender: Endpoint, now: float
    ) -> tuple[Client, list[Answer]]:
        client = self.clients.heard(sender, now, asks=True)
        known = [c for c in self.clients if c.host is None]
        items = (osc_message("/flow/client", k, len(known), c.kind, c.name) for k, c in enumerate(known))
        return client, [Listing(items)]

    def _list_instruments(
        self, _values: list[Value], sender: Endpoint, now: float
    ) -> tuple[Client, list[Answer]]:
        return self.clients.heard(sender, now, asks=True), [Listing(iter(instrument_messages(self._tracks)))]

    def _focus(self, values: list[Value], sender: Endpoint, now: float) -> tuple[Client, list[Answer]]:
        client = self.clients.heard(sender, now, asks=True)
        if self._tracks.focus is self._tracks.set_focus(str(values[0])):
            return client, []
        return client, [FocusChanged(), *self._changes()]

    def came_and_went(self) -> list[Answer]:
        """Return what clients are told of those that were silent, or spoke again."""
        return self._changes() if self.clients.revision != self._listed_at else []

    def _changes(self) -> list[Answer]:
        """Return what clients are told if the list of instruments is another one than they know."""
        before, self._listed_at = self._listed, self.clients.revision
        self._listed = instrument_messages(self._tracks)
        return [InstrumentsChanged()] if self._listed != before else []
