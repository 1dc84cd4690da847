"""Carries out messages, and the answers that they, controllers and sketches bring about."""

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from core.errors import BridgeError, ProtocolError
from server.connections import Connections
from server.handling.handlers import MessageHandlers
from server.instrument.names import holds, macro_names
from server.osc.addresses import TO_SERVER, Address, Value
from server.osc.answers import (
    Answer,
    FocusChanged,
    Follow,
    InstrumentsChanged,
    Listing,
    MacrosChanged,
    ModelChanged,
    Order,
    Reply,
    ToPlayers,
    Work,
    status,
)
from server.osc.clients import Client
from server.osc.fitting import fit
from server.osc.hot_reader import ControlMessage
from server.osc.outbox import Outbox, error_text
from server.outputs import Outputs
from server.running.jobs import Job, JobQueue
from server.tracks.listing import instrument_messages
from server.tracks.track import Track
from server.tracks.tracks import Tracks

if TYPE_CHECKING:  # without controllers, no MIDI library is needed
    from server.midi.controllers import Controllers

__all__ = ["Responder"]

logger = logging.getLogger(__name__)

_KNOBS_FOLLOW = frozenset(row.address for row in TO_SERVER.values() if row.knobs_follow)
# Each of these is answered, however many there are: a player has to know what is kept.
_KEEPING = frozenset(f"/flow/preset/{word}" for word in ("save", "rename", "delete", "restore", "export"))


class Responder:
    """Carries out messages and answers, on the instrument that they are for.

    Args:
        tracks: All instruments.
        outbox: Where messages go.
        handlers: Answer everything but controls and what is asked of the connection itself.
        connections: Know what clients are told of a model or a focus that changed.
        outputs: Synths outside that play instruments.
        jobs: Where slow work goes.
        controllers: What MIDI controllers do, where there are any.
    """

    def __init__(
        self,
        tracks: Tracks,
        outbox: Outbox,
        handlers: MessageHandlers,
        connections: Connections,
        outputs: Outputs,
        jobs: JobQueue,
        controllers: "Controllers | None",
    ) -> None:
        self._tracks = tracks
        self._outbox = outbox
        self._handlers = handlers
        self._connections = connections
        self._outputs = outputs
        self._jobs = jobs
        self._controllers = controllers
        if handlers.own is not None:
            handlers.own.carry_out = self.carry_out
        self._hand = Client(("", 0), 0.0)  # the player's, on controllers: it is not sent anything
        self._get_vocabulary: dict[str, Callable[[], Iterable[bytes]]] = {}  # of models whose macros changed

    def handle(self, row: Address, values: list[Value], client: Client, track: Track) -> None:
        """Carry out a message whose arguments fit its row."""
        if row.role == "control":
            track.instrument.check(row.address)  # tells the sender, now, that there is no path or no map
            numbers = tuple(v for v in values if not isinstance(v, str))
            self.control(ControlMessage(row.address, numbers), client, track)
            return
        self.catch_up()
        logger.debug("%s %s", row.address, values)
        self.answer(self._handlers.handle(row.address, values, track), row.address, client, track)

    def control(self, control: ControlMessage, client: Client, track: Track) -> None:
        """Put a value of a control where it waits for the frame."""
        track.coalescer.add(control)
        if control.address in _KNOBS_FOLLOW:
            track.knobs.jumped()
        else:
            track.knobs.turned(client)

    def catch_up(self) -> None:
        """Apply the controls that came before a message whose place in the order matters."""
        for track in self._tracks.active:
            track.apply_waiting()

    def carry_out(self, answers: list[Answer], now: float, track: Track | None = None) -> None:
        """Carry out what no client asked for; if one answer fails, the others still go ahead.

        Args:
            answers: In order.
            now: Seconds of the server's clock.
            track: The instrument they are about; the one that has the focus, if not given.
        """
        for answer in answers:
            try:
                self.answer([answer], "", self._hand, track or self._tracks.focus)
            except BridgeError as error:
                self.error("", error, self._hand, now)

    def answer(self, answers: list[Answer], address: str, client: Client, track: Track) -> None:
        """Carry out answers to a message, in order."""
        for answer in answers:
            match answer:
                case Reply(datagram, "sender"):
                    self._outbox.reply(datagram, client)
                case Reply(datagram, "listeners"):
                    track.send([datagram])
                case Reply(datagram, _):
                    self._outbox.send_all([datagram])
                case Listing(datagrams):
                    self._outbox.enlist(datagrams, address, client)
                case Work():
                    self._work(answer, address, client, track)
                case Follow():
                    track.knobs.jumped()
                case ToPlayers(model, datagrams):
                    for playing in self._tracks.playing_model(model):
                        playing.send(datagrams)
                case ModelChanged(changed):
                    self._model_changed(changed)
                case MacrosChanged(model, get_vocabulary):
                    self._get_vocabulary[model] = get_vocabulary
                case FocusChanged():
                    self._focus_changed()
                case InstrumentsChanged():
                    self._instruments_changed()
                case Order(ordered, values, instrument):
                    row, to = TO_SERVER[ordered], self._tracks.wanted(instrument) if instrument else track
                    self.handle(row, fit(row, values, to.instrument.loaded.sizes), client, to)

    def _model_changed(self, track: Track) -> None:
        """Send those who hear an instrument the welcome of its model; it has jumped."""
        track.knobs.jumped()
        for client in track.listeners:
            self.answer(self._connections.welcome_again(client, track), "/flow/hello", client, track)
        if self._controllers is not None:
            self._controllers.instruments_changed()  # their macros are other ones, at other positions

    def finish(self) -> None:
        """Send clients what is on the dials now, where it stands, and what is frozen of it.

        That is forty datagrams each, so it happens once a turn, however often it has changed.
        """
        if not self._get_vocabulary:
            return
        changed, self._get_vocabulary = self._get_vocabulary, {}
        for model, get_vocabulary in changed.items():
            vocabulary = list(get_vocabulary())
            for track in self._tracks.playing_model(model):
                instrument = track.instrument
                shown = [*macro_names(instrument), *holds(instrument), *instrument.knobs()]
                track.send([*vocabulary, *shown])
        if self._controllers is not None:
            self._controllers.instruments_changed()  # their macros are other ones, at other positions

    def _focus_changed(self) -> None:
        """Send the state of the instrument that has the focus now to all who act on the focus."""
        focus = self._tracks.focus
        for client in self._outbox.clients:
            if not client.plays:
                state = self._connections.welcome_if_another(client, focus)
                state += self._connections.present_state(focus, is_another=True)
                state += self._connections.last_sketch(focus)
                self.answer(state, "/flow/focus", client, focus)

    def _instruments_changed(self) -> None:
        """Send every client the list; controllers and synths outside may play others than before."""
        self._outbox.announce("/flow/instruments", lambda: instrument_messages(self._tracks))
        self._outputs.instruments_changed()
        if self._controllers is not None:
            self._controllers.instruments_changed()

    def _work(self, work: Work, address: str, client: Client, track: Track) -> None:
        def land(result: object) -> None:
            try:
                self.answer(work.land(result), address, client, track)
            except Exception as error:
                fail(error)

        def fail(error: Exception) -> None:
            if not isinstance(error, BridgeError):
                logger.error("%s failed; this is a bug", address, exc_info=error)
            self.error(address, error, client, client.heard)

        job = Job(key=(client.address, work.key), work=work.work, land=land, fail=fail, keeps=work.keeps)
        if not self._jobs.submit(job):
            raise ProtocolError("the server is busy with other work; try again in a moment.")

    def error(self, address: str, error: Exception, client: Client, now: float) -> None:
        """Send a client what was wrong, if it may hear more errors."""
        if address not in _KEEPING and not client.may_hear_error(now):
            return
        if client is self._hand:  # a controller cannot show it, so every client does
            logger.warning("%s", error)
            self.answer([status(error_text(error), "all")], address, client, self._tracks.focus)
        else:
            self._outbox.error(address, error, client)
