"""From datagram to datagrams: guard, clients, newest wins, instrument, one frame. No socket.

The transport gives it what arrives, calls `finish` once the socket is empty, and sends `out`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import BridgeError, ProtocolError
from core.nearest import did_you_mean
from server.answers import (
    Answer,
    FocusChanged,
    Follow,
    Listing,
    ModelChanged,
    Order,
    Reply,
    Work,
    status,
)
from server.connections import Connections
from server.handlers import MessageHandlers
from server.instrument.instrument import Instrument
from server.jobs import Job, JobQueue
from server.observing import FrameListener, MakeObserver, Observation
from server.osc.addresses import TO_CLIENTS, TO_SERVER, Address, Value
from server.osc.clients import Client, Endpoint
from server.osc.fitting import fit, row_of
from server.osc.guard import Malformed, split
from server.osc.hot_reader import ControlMessage
from server.osc.loopback import is_loopback
from server.osc.outbox import PACE_S, Outbox, error_text
from server.osc.parser import Message, address_or_empty, read_message
from server.session import Session
from server.track import Track
from server.tracks import Tracks

if TYPE_CHECKING:  # without controllers, no MIDI library is needed
    from server.midi.controllers import Controllers
    from server.sketch.sketcher import Sketcher

__all__ = ["Bridge"]

logger = logging.getLogger(__name__)

_KNOBS_FOLLOW = frozenset(row.address for row in TO_SERVER.values() if row.knobs_follow)
_IDLE_S = 0.5


class Bridge:
    """The live process without its socket.

    Args:
        session: What stays the same while the server runs.
        tracks: All instruments.
        outbox: Where messages go.
        handlers: Answer everything but controls and what is asked of the connection itself.
        jobs: Where slow work goes.
        observe: Returns the observer for a parameter space, at the start and when the space changes.
        controllers: What MIDI controllers do, where there are any.
        listener: Who is told of each frame besides the clients.
        sketcher: Answers sketches.
    """

    def __init__(
        self,
        session: Session,
        tracks: Tracks,
        outbox: Outbox,
        handlers: MessageHandlers,
        jobs: JobQueue,
        observe: MakeObserver | None = None,
        controllers: "Controllers | None" = None,
        listener: FrameListener | None = None,
        sketcher: "Sketcher | None" = None,
    ) -> None:
        self.tracks = tracks
        self.clients = outbox.clients
        self.connections = Connections(session, self.clients, tracks, handlers, sketcher)
        self.health = self.connections.health
        self.outbox = outbox
        self.observation = Observation(observe, self.instrument.model.space, jobs)
        self.handlers = handlers
        self._jobs = jobs
        self._controllers = controllers
        self._listener = listener
        self._sketcher = sketcher
        if listener is not None:  # a synth outside is to hold what plays from the start
            listener.frame(self.instrument.model.space, self.instrument.patch)
        self._hand = Client(("", 0), 0.0)  # the player's, on controllers: it is not sent anything
        self._swept_at = 0.0

    @property
    def instrument(self) -> Instrument:
        """The instrument that has the focus."""
        return self.tracks.focus.instrument

    @property
    def out(self) -> list[tuple[bytes, Endpoint]]:
        """What is to be sent, and where; the transport empties it."""
        return self.outbox.waiting

    # -- in

    def receive(self, datagram: bytes, sender: Endpoint, now: float) -> None:
        """Read one datagram; controls wait for `finish`, everything else is answered."""
        self.health.n_received += 1
        control = self.tracks.hot.read(datagram)
        if control is not None:
            client = self.clients.heard(sender, now)
            track = self.tracks.of(client)
            if track.instrument.can_play(control.address):
                self._control(control, client, track)
                return
        try:
            messages = split(datagram)
        except Malformed as error:
            self._refuse("", error, sender, now)
            return
        for raw in messages:
            self._receive_message(raw, sender, now)

    def _receive_message(self, raw: bytes, sender: Endpoint, now: float) -> None:
        try:
            self._dispatch(read_message(raw), sender, now)
        except Malformed as error:
            self._refuse(address_or_empty(raw), error, sender, now)
        except Exception as error:
            address = address_or_empty(raw)
            if isinstance(error, ProtocolError):
                self.health.n_refused += 1
                if address in TO_CLIENTS and address not in TO_SERVER:  # two servers must not argue
                    return
            elif not isinstance(error, BridgeError):
                logger.exception("%s failed; this is a bug of the server", address)
            self._error(address, error, self.clients.heard(sender, now), now)

    def _dispatch(self, message: Message, sender: Endpoint, now: float) -> None:
        row, values = row_of(message)
        if row is None:
            if self._controllers is not None and self._controllers.foreign(message.address, values):
                self.clients.heard(sender, now)
                return
            raise ProtocolError(f"there is no such address; {did_you_mean(message.address, TO_SERVER)}")
        fitted = fit(row, values, self.instrument.loaded.sizes)
        if row.address in self.connections.addresses:
            self._catch_up()
            client, answers = self.connections.handle(row.address, fitted, sender, now)
            self._answer(answers, row.address, client, self.tracks.of(client))
        elif row.local and not is_loopback(sender[0]):
            raise ProtocolError("this is only answered on the server's own computer.")
        else:
            client = self.clients.heard(sender, now)
            self._handle(row, fitted, client, self.tracks.of(client))

    def _handle(self, row: Address, values: list[Value], client: Client, track: Track) -> None:
        if row.role == "control":
            track.instrument.check(row.address)  # tells the sender, now, that there is no path or no map
            numbers = tuple(v for v in values if not isinstance(v, str))
            self._control(ControlMessage(row.address, numbers), client, track)
            return
        self._catch_up()
        logger.debug("%s %s", row.address, values)
        self._answer(self.handlers.handle(row.address, values, track), row.address, client, track)

    def _control(self, control: ControlMessage, client: Client, track: Track) -> None:
        track.coalescer.add(control)
        if control.address in _KNOBS_FOLLOW:
            track.knobs.jumped()
        else:
            track.knobs.turned(client)

    def _catch_up(self) -> None:
        """Apply the controls that came before a message whose place in the order matters."""
        for track in self.tracks:
            track.apply_waiting()

    # -- errors

    def _refuse(self, address: str, error: Malformed, sender: Endpoint, now: float) -> None:
        """Count a datagram that is not OSC; only a known client is told, once a second."""
        self.health.n_refused += 1
        client = self.clients.known(sender)
        if client is not None and client.may_hear_malformed(now):
            self.outbox.error(address, error, client)

    def _error(self, address: str, error: Exception, client: Client, now: float) -> None:
        if not client.may_hear_error(now):
            return
        if client is self._hand:  # a controller cannot show it, so every client does
            logger.warning("%s", error)
            self._answer([status(error_text(error), "all")], address, client, self.tracks.focus)
        else:
            self.outbox.error(address, error, client)

    # -- out

    def finish(self, now: float) -> bool:
        """Apply what waits, compute once, and put out one frame of each instrument whose point was set.

        Returns:
            Whether there is a frame in `out`.
        """
        with self._restoring(self.tracks.focus, now):
            if self._controllers is not None and self._controllers.waiting:
                self._play_controllers(self._controllers, now)
            if self._sketcher is not None and self._sketcher.waiting:
                self._catch_up()
                self._carry_out(self._sketcher.collect(), now)
        framed = False
        for track in self.tracks:
            if track.is_waiting:
                with self._restoring(track, now):
                    framed |= self._finish_track(track, now)
        return framed

    def _finish_track(self, track: Track, now: float) -> bool:
        track.apply_waiting()
        if not track.instrument.moved:
            return False
        track.send([track.instrument.frame()])
        if track.has_focus:
            if self._listener is not None:
                self._listener.frame(track.instrument.model.space, track.instrument.patch)
            if self._controllers is not None:
                self._controllers.macros_moved(now)
        track.knobs.frame_sent(now)
        return True

    def _play_controllers(self, controllers: "Controllers", now: float) -> None:
        """Carry out what was moved on controllers; macros wait for the frame, as those of clients do."""
        self._catch_up()  # a control has to know where its macro is
        dials, names = self.instrument.dials.tolist(), self.instrument.model.macros.names
        self._carry_out(controllers.collect(dials, names, now, lambda: self.instrument.place), now)

    def _carry_out(self, answers: list[Answer], now: float) -> None:
        """Carry out what no client asked for; if one answer fails, the others still go ahead."""
        for answer in answers:
            try:
                self._answer([answer], "", self._hand, self.tracks.focus)
            except BridgeError as error:
                self._error("", error, self._hand, now)

    @contextmanager
    def _restoring(self, track: Track, now: float) -> Iterator[None]:
        """Return to the last good point of an instrument if something fails, and tell its listeners."""
        try:
            yield
        except Exception as error:
            if not isinstance(error, BridgeError):
                logger.error("a point could not be played; this is a bug", exc_info=error)
            track.instrument.restore_last_good()
            for client in track.listeners:
                self._error("/flow/latent", error, client, now)
            track.knobs.restored()

    def _answer(self, answers: list[Answer], address: str, client: Client, track: Track) -> None:
        for answer in answers:
            match answer:
                case Reply(datagram, "sender"):
                    self.outbox.send(datagram, client)
                case Reply(datagram, "listeners"):
                    track.send([datagram])
                case Reply(datagram, _):
                    self.outbox.send_all([datagram])
                case Listing(datagrams):
                    self.outbox.enlist(datagrams, address, client)
                case Work():
                    self._work(answer, address, client, track)
                case Follow():
                    track.knobs.jumped()
                case ModelChanged():
                    self._model_changed()
                case FocusChanged():
                    self._focus_changed()
                case Order(ordered, values):
                    row = TO_SERVER[ordered]
                    self._handle(row, fit(row, values, self.instrument.loaded.sizes), client, track)

    def _model_changed(self) -> None:
        """Send every client the welcome of the model that plays now; every instrument has jumped."""
        self.observation.space_changed(self.instrument.model.space)
        for track in self.tracks:
            track.knobs.jumped()
        for client, answers in self.connections.welcome_again():
            self._answer(answers, "/flow/hello", client, self.tracks.of(client))

    def _focus_changed(self) -> None:
        """Tell whoever acts on the focus the state of the instrument that has it now."""
        focus = self.tracks.focus
        for client in self.clients:
            if not client.instrument:
                state = self.connections.present_state(focus, every_macro=True)
                self._answer(state, "/flow/focus", client, focus)
        if self._listener is not None:
            self._listener.frame(focus.instrument.model.space, focus.instrument.patch)
        if self._controllers is not None:
            self._controllers.macros_moved(0.0)

    def _work(self, work: Work, address: str, client: Client, track: Track) -> None:
        def land(result: object) -> None:
            try:
                self._answer(work.land(result), address, client, track)
            except Exception as error:
                fail(error)

        def fail(error: Exception) -> None:
            if not isinstance(error, BridgeError):
                logger.error("%s failed; this is a bug", address, exc_info=error)
            self._error(address, error, client, client.heard)

        job = Job(key=(client.address, work.key), work=work.work, land=land, fail=fail)
        if not self._jobs.submit(job):
            raise ProtocolError("the server is busy with other work; try again in a moment.")

    # -- time

    def tick(self, now: float) -> None:
        """Do what time asks for: lists, silent clients, a point that has come to rest."""
        self.outbox.pace(now)
        if self._controllers is not None:
            self._show_controllers(self._controllers, now)
        if now - self._swept_at >= _IDLE_S:
            self._swept_at = now
            gone = self.clients.forget_silent(now)
            for client in gone:
                logger.info("%s:%d was silent and is forgotten", *client.address)
            self._answer(self.connections.left(gone), "/flow/bye", self._hand, self.tracks.focus)
        for track in self.tracks:
            if track.knobs.settles(now) and track.has_focus:
                self.observation.settled(track.instrument.patch)

    def _show_controllers(self, controllers: "Controllers", now: float) -> None:
        """Send rings and motors the macros' positions, and clients those of the controls."""
        if controllers.shows(now):
            controllers.show(self.instrument.dials.tolist(), now)
        if controllers.statuses.is_due(now):
            present = controllers.binding_statuses(self.instrument.dials.tolist())
            self.outbox.send_all(controllers.statuses.news(present))

    def rest_s(self, now: float) -> float:
        """Return how long the transport may wait before `tick`, if nothing arrives."""
        if self.outbox.is_listing:
            return PACE_S
        rest = min(track.knobs.rest_s(_IDLE_S, now) for track in self.tracks)
        return rest if self._controllers is None else self._controllers.rest_s(rest, now)
