"""From datagram to datagrams: guard, clients, newest wins, instrument, one frame. No socket.

The transport gives it what arrives, calls `finish` once the socket is empty, and sends `out`.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.errors import BridgeError, ProtocolError
from server.connections import Connections
from server.handling.handlers import MessageHandlers
from server.instrument.instrument import Instrument
from server.observing import MakeObserver, Observation
from server.osc.addresses import TO_CLIENTS, TO_SERVER
from server.osc.clients import Client
from server.osc.fitting import fit
from server.osc.guard import Malformed, split
from server.osc.hints import hint
from server.osc.hosts.loopback import is_loopback
from server.osc.hosts.ports import Endpoint
from server.osc.hot_reader import ControlMessage
from server.osc.outbox import Outbox
from server.osc.parser import Message, address_or_empty, read_message
from server.osc.patterns import is_pattern
from server.osc.permissions import check_allowed
from server.osc.servers import BOTH, check_asked, is_only_answer
from server.osc.tolerance import PatternsOfDatagram, row_of, understood
from server.outputs import Output, Outputs
from server.refusals import Refusals
from server.responder import Responder
from server.running.jobs import JobQueue
from server.session import Session
from server.tracks.track import Track
from server.tracks.tracks import Tracks

if TYPE_CHECKING:  # without controllers, no MIDI library is needed
    from server.midi.controllers import Controllers
    from server.sketch.sketcher import Sketcher
    from server.sound.sound import Sound

__all__ = ["Bridge"]

logger = logging.getLogger(__name__)

_IDLE_S = 0.5
_LOOK_EVERY_S = 2.0
_RETURNING_S = 3.0  # after a restart, devices notice it by their heartbeats, once a second


class Bridge:
    """The live process without its socket.

    Args:
        session: What stays the same while the server runs.
        tracks: All instruments.
        outbox: Where messages go.
        handlers: Answer everything but controls and what is asked of the connection itself.
        jobs: Where slow work goes.
        observe: Returns the observer for a parameter space.
        controllers: What MIDI controllers do, where there are any.
        outputs: Synths outside that play instruments.
        sketcher: Answers sketches.
        sound: The built-in instrument.
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
        outputs: Sequence[Output] = (),
        sketcher: "Sketcher | None" = None,
        sound: "Sound | None" = None,
    ) -> None:
        self._session = session
        self.tracks = tracks
        self.clients = outbox.clients
        connections = Connections(session, self.clients, tracks, handlers, sketcher is not None)
        self.connections, self.health = connections, connections.health
        self.outbox = outbox
        self.observation = Observation(observe, self.instrument.model.space, jobs)
        self._outputs = Outputs(outputs, tracks)
        self.handlers = handlers
        self._controllers = controllers
        self._sketcher = sketcher
        self.sound = sound
        self._responder = Responder(tracks, outbox, handlers, connections, self._outputs, jobs, controllers)
        self._refusals = Refusals(outbox, connections, self._responder)
        self._swept_at = 0.0
        self._looked_at: float | None = None
        self._began: float | None = None
        self._patterns = PatternsOfDatagram()

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
        if self.connections.is_own(*sender):
            self.health.n_refused += 1  # what we said ourselves
            return
        if is_loopback(sender[0]):
            self._receive(datagram, sender, now)
        else:
            self.clients.proofs.came(sender[0], len(datagram))
            self._receive(datagram, sender, now)
            self.outbox.ask_for_proof(sender, now)

    def _receive(self, datagram: bytes, sender: Endpoint, now: float) -> None:
        control = self.tracks.hot.read(datagram)
        if control is not None and not (control.address in BOTH and sender in self.clients.servers):
            if self._play(control, self._heard(control.address, sender, now), now):
                return
        try:
            messages = split(datagram)
        except Malformed as error:
            self._refusals.malformed("", error, sender, now)
            return
        self._patterns.begin()
        for raw in messages:
            self._receive_message(raw, sender, now)

    def _heard(self, address: str, sender: Endpoint, now: float) -> Client:
        """Return the client that sent a message; what no server ever sends shows that it is one."""
        return self.clients.heard(sender, now, asks=address not in TO_CLIENTS)

    def _track_of(self, client: Client, now: float) -> Track:
        """Return what a client plays.

        Raises:
            ProtocolError: There is no room for it, or it may be a device that has not noticed a restart: its
                values would move the instrument of another.
        """
        if self._began is None:
            self._began = now
        if client.anonymous and now - self._began < _RETURNING_S and self.tracks.are_owned:
            raise ProtocolError(
                "the server has just started, and Flow Synths are coming back. Say hello, or wait "
                f"{_RETURNING_S:g} s."
            )
        return self.tracks.of(client)

    def _play(self, control: ControlMessage, client: Client, now: float) -> bool:
        """Put a control where it waits for the frame; return False where something has to be explained."""
        try:
            track = self._track_of(client, now)
        except ProtocolError:
            return False
        instrument = track.instrument
        fits = self.tracks.hot.takes(control, instrument.loaded.sizes)
        if not (fits and instrument.can_play(control.address)):
            return False
        self._responder.control(control, client, track)
        return True

    def _receive_message(self, raw: bytes, sender: Endpoint, now: float) -> None:
        try:
            self._dispatch(read_message(raw), sender, now)
        except Malformed as error:
            self._refusals.malformed(address_or_empty(raw), error, sender, now)
        except Exception as error:
            self._refusals.failed(raw, error, sender, now)

    def _dispatch(self, message: Message, sender: Endpoint, now: float, by_pattern: bool = False) -> None:
        sizes = self.tracks.sizes_for(self.clients.speaking(sender))
        if is_pattern(message.address):
            for address in self._patterns.addresses(message.address, sizes):
                self._dispatch(Message(address, message.values), sender, now, True)
            return
        if is_only_answer(message.address) or (message.address in BOTH and sender in self.clients.servers):
            self.health.n_refused += 1
            self.clients.answered(sender, now)
            return
        row, values = row_of(message)
        if row is None:
            if self._controllers is not None and self._controllers.receive_osc(message.address, values, now):
                client = self._heard(message.address, sender, now)
                self._controllers.osc_feedback.heard(message.address, values, client.endpoints, now)
                return
            self._patterns.check()
            raise ProtocolError(f"there is no such address; {hint(message.address, TO_SERVER)}")
        meant = understood(row, values, sizes)
        if meant is None:
            self._heard(row.address, sender, now)
            return
        fitted = fit(row, meant, sizes)
        if row.role != "control" and not by_pattern:  # patterns have a limit of their own
            self._patterns.check()
        if row.address in self.connections.addresses:
            self._responder.catch_up()
            client, answers = self.connections.handle(row.address, fitted, sender, now)
            self._responder.answer(answers, row.address, client, self.tracks.of(client))
        else:
            client = self._heard(row.address, sender, now)
            check_allowed(row, sender, client, self._session.allowed)
            check_asked(message, client)
            track = self._track_of(client, now)
            if self.sound is not None and row.address in self.sound.addresses:
                self._responder.catch_up()  # a note sounds as the turns before it want it
                answers = self.sound.handle(row.address, fitted, client, track.instrument, now)
                self._responder.answer(answers, row.address, client, track)
            else:
                self._responder.handle(row, fitted, client, track)

    # -- out

    def finish(self, now: float) -> bool:
        """Apply what waits, compute once, and put out one frame of each instrument whose point was set.

        Returns:
            Whether there is a frame in `out`.
        """
        if (self._controllers is not None and self._controllers.waiting) or (
            self._sketcher is not None and self._sketcher.waiting
        ):
            self._carry_out_reports(now)
        if self.sound is not None and self.sound.waiting:
            self._carry_out_sound(self.sound, now)
        self._responder.finish()
        framed = False
        for track in self.tracks.active:
            if track.is_waiting:
                try:
                    framed |= self._finish_track(track, now)
                except Exception as error:
                    self._restore_last_good(track, error, now)
        return framed

    def _carry_out_reports(self, now: float) -> None:
        """Carry out what controllers and the processes of sketches report."""
        try:
            if self._controllers is not None and self._controllers.waiting:
                self._play_controllers(self._controllers, now)
            if self._sketcher is not None and self._sketcher.waiting:
                self._responder.catch_up()
                for instrument, answers in self._sketcher.collect():
                    track = self.tracks.playing(instrument)
                    if track is not None:
                        self._responder.carry_out(answers, now, track)
        except Exception as error:
            self._restore_last_good(self.tracks.focus, error, now)

    def _carry_out_sound(self, sound: "Sound", now: float) -> None:
        """Play what MIDI keyboards play, and tell clients how the sound is."""
        focus = self.tracks.focus
        for client, answers in sound.collect(focus.instrument, now):
            if client is None:
                self._responder.carry_out(answers, now)
            else:
                self._responder.answer(answers, "/flow/sound/listen", client, focus)

    def _finish_track(self, track: Track, now: float) -> bool:
        track.apply_waiting()
        if not track.instrument.moved:
            return False
        track.send_frame()
        self._outputs.frame(track)
        if self.sound is not None:
            self.sound.frame(track.instrument, has_focus=track.has_focus)
        if self._controllers is not None:
            self._controllers.macros_moved(now)
        track.knobs.frame_sent(now)
        return True

    def _play_controllers(self, controllers: "Controllers", now: float) -> None:
        """Carry out what was moved on controllers; macros wait for the frame, as those of clients do."""
        self._responder.catch_up()  # a control has to know where its macro is
        names = self.instrument.model.macros.names
        self._responder.carry_out(controllers.collect(self.tracks.targets_finder(), names, now), now)

    def _restore_last_good(self, track: Track, error: Exception, now: float) -> None:
        """Return to the last good point of an instrument, and tell its listeners."""
        if not isinstance(error, BridgeError):
            logger.error("a point could not be played; this is a bug", exc_info=error)
        track.instrument.restore_last_good()
        for client in track.listeners:
            self._responder.error("/flow/latent", error, client, now)
        track.knobs.restored()

    # -- time

    def tick(self, now: float) -> None:
        """Do what time asks for: lists, silent clients, a point that has come to rest."""
        if self._began is None:
            self._began = now
        if self._controllers is not None:
            self._show_controllers(self._controllers, now)
        if now - self._swept_at >= _IDLE_S:
            self._swept_at = now
            for client in self.clients.forget_silent(now):
                logger.info("%s:%d was silent and is forgotten", *client.address)
            news = self.handlers.library.news(now)
            self._responder.carry_out([*self.connections.came_and_went(), *news], now)
            if self.sound is not None:
                self.sound.sweep(self.clients)
            self._look_at_presets(now)
        for track in self.tracks.active:
            track.move_along_path(now)
            if track.knobs.settles(now):
                track.history.rested(track.instrument.latent)
                if track.has_focus:
                    self.observation.settled(track.instrument)
                    if self.sound is not None:
                        self.sound.settled(track.instrument, now)
            self.tracks.leave_if_at_rest(track)
        if self.sound is not None:
            self.sound.tick(now)
        self.outbox.pace(now)

    def _look_at_presets(self, now: float) -> None:
        """Learn now and then what another server, or a person, has changed in the folder of presets."""
        if self._looked_at is None:
            self._looked_at = now
        elif now - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = now
            self._responder.carry_out([self.handlers.presets.look()], now)

    def _show_controllers(self, controllers: "Controllers", now: float) -> None:
        """Send rings and motors the macros' positions, and clients those of the controls."""
        if controllers.osc_feedback.is_due(now):
            self.outbox.waiting += controllers.osc_messages(self.tracks.targets_finder(), now)
        if controllers.feedback_is_due(now):
            controllers.send_feedback(self.tracks.targets_finder(), now)
        if controllers.statuses.is_due(now):
            current = controllers.binding_statuses(self.tracks.targets_finder())
            self.outbox.send_all(controllers.statuses.updates(current) + controllers.changed_commands())

    def rest_s(self, now: float) -> float:
        """Return how long the transport may wait before `tick`, if nothing arrives."""
        rest = self.outbox.rest_s(_IDLE_S, now)
        for track in self.tracks.active:
            rest = track.rest_s(rest, now)
        if self.sound is not None:
            rest = self.sound.rest_s(rest, now)
        return rest if self._controllers is None else self._controllers.rest_s(rest, now)
