"""From datagram to datagrams: guard, clients, newest wins, instrument, one frame. No socket.

The transport gives it what arrives, calls `finish` once the socket is empty, and sends `out`.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.errors import BridgeError, ProtocolError
from core.nearest import did_you_mean
from core.space import ParameterSpace
from server.handlers import Answer, Follow, Listing, MessageHandlers, Reply, Work
from server.health import Latency
from server.instrument.instrument import Instrument
from server.jobs import Job
from server.midi.actions import Go, Load, Say, Store, Turn
from server.midi.profile import Profile, write_profile
from server.osc.addresses import MACRO_BRANCH, PROTOCOL, TO_CLIENTS, TO_SERVER, Value
from server.osc.clients import Client, Clients, Endpoint
from server.osc.coalescer import Coalescer
from server.osc.fitting import fit
from server.osc.guard import Malformed, address_of, inspect, split
from server.osc.loopback import is_loopback
from server.osc.outbox import PACE_S, Outbox
from server.osc.wire import ControlMessage, arguments, build, floats
from server.session import Session

if TYPE_CHECKING:  # who plays without controllers needs no MIDI library
    from server.midi.controllers import Controllers
    from server.sketch.sketcher import Sketcher

__all__ = ["Bridge", "FrameListener", "JobQueue", "Observer"]

logger = logging.getLogger(__name__)

_CONTROLS = ("/flow/macro", "/flow/macros", "/flow/latent", "/flow/patch", "/flow/place", "/flow/path/play")
_SETTLED_S = 0.12  # the point has rested this long: observers and clients are told
_IDLE_S = 0.5


class Observer(Protocol):
    """Who hears each patch that has come to rest, such as the audition."""

    def settled(self, vector: np.ndarray) -> None:
        """Take a patch `(P,)` that has rested for 0.12 s; called in the worker."""
        ...

    def close(self) -> None:
        """Let go of what is held; another model comes, or the end."""
        ...


class FrameListener(Protocol):
    """Who is told of each frame besides the clients, such as a synth that speaks MIDI."""

    def frame(self, space: ParameterSpace, patch: np.ndarray) -> None:
        """Take a patch `(P,)`; called on the loop, so it has to return at once."""
        ...


class JobQueue(Protocol):
    """Where slow work goes."""

    def submit(self, job: Job) -> bool:
        """Queue a job; False if the queue is full."""
        ...


class Bridge:
    """The live process without its socket.

    Args:
        session: What stays the same.
        instrument: The player's instrument.
        handlers: What answers everything but controls.
        jobs: Where slow work goes.
        observe: Gives the observer for a parameter space, at the start and when the space changes.
        controllers: What MIDI controllers do, where there are any.
        listener: Who is told of each frame besides the clients.
        sketcher: What answers sketches.
    """

    def __init__(
        self,
        session: Session,
        instrument: Instrument,
        handlers: MessageHandlers,
        jobs: JobQueue,
        observe: Callable[[ParameterSpace], Observer] | None = None,
        controllers: "Controllers | None" = None,
        listener: FrameListener | None = None,
        sketcher: "Sketcher | None" = None,
    ) -> None:
        self.session = session
        self.instrument = instrument
        self.clients = Clients(session.reply_port)
        self.latency = Latency()
        self.outbox = Outbox()
        self.n_received = 0
        self.n_refused = 0
        self._handlers = handlers
        self._jobs = jobs
        self._observe = observe
        self._observer = observe(instrument.model.space) if observe else None  # the worker's, from now on
        self._observed = instrument.model.space.names
        self._controllers = controllers
        self._listener = listener
        self._sketcher = sketcher
        if listener is not None:  # a synth outside is to hold what plays from the start
            listener.frame(instrument.model.space, instrument.patch)
        self._on_controllers = Client(("", 0), 0.0)  # their hand: everybody else is told
        self._coalescer = Coalescer()
        self._hot = instrument.hot
        self._hands: list[Client] = []  # who turned macros since the last frame
        self._follow = False
        self._moved_at: float | None = None
        self._knobs_rest = True
        self._swept_at = 0.0

    @property
    def n_coalesced(self) -> int:
        """Count the values that a newer one replaced before they were computed."""
        return self._coalescer.n_superseded

    @property
    def out(self) -> list[tuple[bytes, Endpoint]]:
        """What is to be sent, and where; the transport empties it."""
        return self.outbox.waiting

    # -- in

    def receive(self, datagram: bytes, sender: Endpoint, now: float) -> None:
        """Take one datagram in; controls wait for `finish`, the rest is answered."""
        self.n_received += 1
        vector = self._hot.read(datagram)
        if vector is not None:
            self._control(vector, self.clients.heard(sender, now))
            return
        try:
            messages = split(datagram)
        except Malformed as error:
            self._refuse("", error, sender, now)
            return
        for message in messages:
            self._receive_message(message, sender, now)

    def _receive_message(self, message: bytes, sender: Endpoint, now: float) -> None:
        address = ""
        try:
            address = address_of(message)
            values = arguments(message) if inspect(message) else []
            self._dispatch(address, values, sender, now)
        except Malformed as error:
            self._refuse(address, error, sender, now)
        except ProtocolError as error:
            self.n_refused += 1
            if address not in TO_CLIENTS or address in TO_SERVER:  # two servers must not argue
                self._error(address, error, self.clients.heard(sender, now), now)
        except BridgeError as error:
            self._error(address, error, self.clients.heard(sender, now), now)
        except Exception as error:
            logger.exception("%s failed; this is a bug of the server", address)
            self._error(address, error, self.clients.heard(sender, now), now)

    def _dispatch(self, address: str, values: list[Value], sender: Endpoint, now: float) -> None:
        row = TO_SERVER.get(address)
        if row is None and (k := _branch(address)) is not None:
            address, values, row = "/flow/macro", [k, *values], TO_SERVER["/flow/macro"]
        if row is None:
            if self._controllers is not None and self._controllers.foreign(address, values):
                self.clients.heard(sender, now)
                return
            raise ProtocolError(f"there is no such address; {did_you_mean(address, TO_SERVER)}")
        if row.later:
            raise ProtocolError("not in this version yet; docs/osc-api.md lists what is.")
        fitted = fit(row, values, self.instrument.loaded.sizes)
        if address in _CONTROLS:
            self.instrument.check(address)  # says now, to the sender, that there is no path or no map
            numbers = tuple(v for v in fitted if not isinstance(v, str))
            self._control(ControlMessage(address, numbers), self.clients.heard(sender, now))
            return
        self._catch_up()
        logger.debug("%s %s", address, fitted)
        match address:
            case "/flow/hello":
                self._hello(fitted, sender, now)
            case "/flow/bye":
                self.clients.bye(sender, int(fitted[0]))
            case "/flow/ping":
                client = self.clients.heard(sender, now)
                self._send(build("/flow/pong", "ii", fitted[0], self.session.run), client)
            case "/flow/health":
                self._health(self.clients.heard(sender, now), now)
            case "/flow/clients":
                self._list_clients(self.clients.heard(sender, now))
            case "/flow/sketch/take" if not is_loopback(sender[0]):
                raise ProtocolError("what was sung is only ever lent on the server's own computer.")
            case _:
                client = self.clients.heard(sender, now)
                self._answer(self._handlers.handle(address, fitted), address, client)

    def _control(self, vector: ControlMessage, client: Client) -> None:
        self._coalescer.add(vector)
        if vector.address.startswith("/flow/macro"):
            if client not in self._hands:
                self._hands.append(client)
        else:
            self._follow = True

    def _catch_up(self) -> None:
        """Apply the controls that came before a message whose place in the order matters."""
        for vector in self._coalescer.take():
            self.instrument.apply(vector)

    def _hello(self, values: list[Value], sender: Endpoint, now: float) -> None:
        nonce, port, protocol = int(values[0]), int(values[1]), int(values[2])
        if protocol != PROTOCOL:
            raise ProtocolError(
                f"this server speaks protocol {PROTOCOL}, the client {protocol}; update the older."
            )
        own_host, own_port = self.session.own
        if port == own_port and sender[0] in (own_host, "127.0.0.1"):
            raise ProtocolError(f"port {port} is the server's own; listen on another.")
        client, new = self.clients.hello(sender, port, nonce, str(values[3]), str(values[4]), now)
        self._welcome(client)
        if new:
            logger.info("%s '%s' listens on %s:%d", client.kind, client.name, *client.address)
            if client.kind != "device":
                for message in (*self.instrument.knobs(), self.instrument.last_frame()):
                    self._send(message, client)
                self._answer(self._handlers.present(), "/flow/hello", client)
                if self._controllers is not None:
                    self._answer(self._handlers.handle("/flow/bindings", []), "/flow/bindings", client)
            self._tell_sketch(client)

    def _welcome(self, client: Client) -> None:
        self._send(self.session.welcome(client.nonce, self.instrument.loaded), client)

    def _tell_sketch(self, client: Client) -> None:
        """Let a client that comes after a sketch see what can be picked."""
        for message in self._sketcher.present() if self._sketcher is not None else ():
            self._send(message, client)

    def _health(self, client: Client, now: float) -> None:
        p50, p99 = self.latency.percentiles_ms(now)
        counters = (self.n_received, self.n_coalesced, self.n_refused)
        wrapped = (n & 0x7FFFFFFF for n in counters)
        self._send(build("/flow/health", "ffiii", p50, p99, *wrapped), client)

    def _list_clients(self, client: Client) -> None:
        known = list(self.clients)
        items = [
            build("/flow/client", "iiss", k, len(known), other.kind, other.name)
            for k, other in enumerate(known)
        ]
        self.outbox.enlist(iter(items), "/flow/clients", client)

    # -- controllers

    def _play(self, controllers: "Controllers", now: float) -> None:
        """Take in what was moved on controllers; macros wait for `finish` like everybody's."""
        self._catch_up()  # a control has to know where its macro stands
        instrument = self.instrument
        moves = controllers.take(
            instrument.dials.tolist(), instrument.model.macros.names, now, lambda: self.instrument.place
        )
        for action in moves:
            match action:
                case Turn(k, value):
                    self._control(ControlMessage("/flow/macro", (k, value)), self._on_controllers)
                case Go(x, y):
                    self._go(x, y, now)
                case Load(name):
                    self._load(name)
                case Say(text):
                    self._say(text)
                case Store(profile):
                    self._store(controllers, profile)

    def _go(self, x: float, y: float, now: float) -> None:
        try:
            self.instrument.check("/flow/place")
        except ProtocolError as error:
            if self._on_controllers.may_hear_error(now):
                self._say(str(error))
        else:
            self._control(ControlMessage("/flow/place", (x, y)), self._on_controllers)

    def _load(self, name: str) -> None:
        self._catch_up()
        try:
            self.instrument.load_preset(name)
        except ProtocolError as error:
            self._say(str(error))
        else:
            self._follow = True

    def _store(self, controllers: "Controllers", profile: Profile) -> None:
        def fail(error: Exception) -> None:
            logger.warning("%s", error)
            self._say(str(error))

        self._jobs.submit(
            Job(
                key=("controllers", profile.device),
                work=lambda: write_profile(controllers.folder, profile),
                land=lambda _: None,
                fail=fail,
            )
        )

    def _say(self, text: str) -> None:
        logger.info("%s", text)
        self._to_all([build("/flow/status", "s", text)])

    # -- errors

    def _refuse(self, address: str, error: Malformed, sender: Endpoint, now: float) -> None:
        """Count a datagram that is not OSC; only somebody known is told, once a second."""
        self.n_refused += 1
        client = self.clients.known(sender)
        if client is not None and client.may_hear_malformed(now):
            self._send(build("/flow/error", "ss", address, str(error)), client)

    def _error(self, address: str, error: Exception, client: Client, now: float) -> None:
        if not client.may_hear_error(now):
            return
        text = str(error)
        if not isinstance(error, BridgeError):
            text = f"the server failed on this ({error!r}); its log says more. Try again."
        self._send(build("/flow/error", "ss", address[:128], text), client)

    # -- out

    def finish(self, now: float) -> bool:
        """Apply what waits, compute once, and put one frame out if the point was set.

        Returns:
            Whether there is a frame in `out`.
        """
        try:
            if self._controllers is not None and self._controllers.waiting:
                self._play(self._controllers, now)
            self._catch_up()
            if self._sketcher is not None and self._sketcher.waiting:
                self._answer(self._sketcher.take(), "", self._on_controllers)
            if not self.instrument.moved:
                return False
            frame = self.instrument.frame()
        except Exception as error:
            self._step_back(error, now)
            return False
        for client in self.clients:
            self._send(frame, client)
        if self._listener is not None:
            self._listener.frame(self.instrument.model.space, self.instrument.patch)
        if self._controllers is not None:
            self._controllers.macros_moved(now)
        if self._follow:
            self._to_all(self.instrument.knobs())
        elif self._hands:
            self._to_others()
        self._knobs_rest = not self._hands or self._follow
        self._follow, self._hands = False, []
        self._moved_at = now
        return True

    def _step_back(self, error: Exception, now: float) -> None:
        """Take the last good point again, and tell everybody."""
        if not isinstance(error, BridgeError):
            logger.error("a point could not be played; this is a bug", exc_info=error)
        self.instrument.restore_last_good()
        self._follow, self._hands = False, []
        for client in self.clients:
            self._error("/flow/latent", error, client, now)
        self._to_all(self.instrument.knobs())

    def _to_others(self) -> None:
        listeners = [c for c in self.clients if self._hands != [c]]
        if listeners:
            macros = floats("/flow/macros", self.instrument.dials)
            for client in listeners:
                self._send(macros, client)

    def _to_all(self, messages: list[bytes]) -> None:
        for client in self.clients:
            for message in messages:
                self._send(message, client)

    def say_goodbye(self, datagram: bytes) -> None:
        """Put a last message out to every client."""
        self._to_all([datagram])

    def _send(self, datagram: bytes, client: Client) -> None:
        self.outbox.waiting.append((datagram, client.address))

    def _answer(self, answers: list[Answer], address: str, client: Client) -> None:
        for answer in answers:
            match answer:
                case Reply(datagram, "sender"):
                    self._send(datagram, client)
                case Reply(datagram, _):
                    self._to_all([datagram])
                case Listing(datagrams):
                    self.outbox.enlist(datagrams, address, client)
                case Work():
                    self._work(answer, address, client)
                case Follow(welcome):
                    self._follow = True
                    if welcome:
                        self._greet_again()

    def _greet_again(self) -> None:
        self._hot = self.instrument.hot
        space = self.instrument.model.space
        if self._observe is not None and space.names != self._observed:
            self._observed = space.names
            self._aside("observe", partial(self._change_observer, self._observe, space))
        for client in self.clients:
            if not client.anonymous:
                self._welcome(client)
                self._tell_sketch(client)

    def _change_observer(self, observe: Callable[[ParameterSpace], Observer], space: ParameterSpace) -> None:
        self.close_observer()
        self._observer = observe(space)

    def close_observer(self) -> None:
        """Let the observer go; not on the loop, for it may take its time."""
        if self._observer is not None:
            self._observer.close()
            self._observer = None

    def _aside(self, key: str, work: Callable[[], None]) -> None:
        """Run something in the worker that nobody waits for."""

        def fail(error: Exception) -> None:
            logger.error("the audition failed", exc_info=error)

        self._jobs.submit(Job(key=key, work=work, land=lambda _: None, fail=fail))

    def _work(self, work: Work, address: str, client: Client) -> None:
        def land(result: object) -> None:
            try:
                self._answer(work.land(result), address, client)
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
        if self._controllers is not None and self._controllers.shows(now):
            self._controllers.show(self.instrument.dials.tolist(), now)
        if self._controllers is not None and self._controllers.standings.is_due(now):
            present = self._controllers.stand(self.instrument.dials.tolist())
            self._to_all(self._controllers.standings.news(present))
        if now - self._swept_at >= _IDLE_S:
            self._swept_at = now
            for client in self.clients.forget_silent(now):
                logger.info("%s:%d was silent and is forgotten", *client.address)
        if self._moved_at is not None and now - self._moved_at >= _SETTLED_S:
            self._moved_at = None
            if not self._knobs_rest:
                self._knobs_rest = True
                self._to_all(self.instrument.latent_messages())
            self._tell_observer()

    def _tell_observer(self) -> None:
        if self._observe is None:
            return
        patch = self.instrument.patch.copy()

        def tell() -> None:
            if self._observer is not None:
                self._observer.settled(patch)

        self._aside("settled", tell)

    def rest_s(self, now: float) -> float:
        """Say how long the transport may wait before `tick`, if nothing arrives."""
        if self.outbox.is_listing:
            return PACE_S
        rest = _IDLE_S
        if self._moved_at is not None:
            rest = max(0.001, self._moved_at + _SETTLED_S - now)
        return rest if self._controllers is None else self._controllers.rest_s(rest, now)


def _branch(address: str) -> int | None:
    """Give the macro that an address of its own names, such as `/flow/macro/3`."""
    number = address.removeprefix(MACRO_BRANCH)
    return int(number) if number != address and number.isdigit() and len(number) < 5 else None
