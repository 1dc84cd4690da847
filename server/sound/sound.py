"""The built-in instrument as the loop sees it: notes of clients and keyboards, patches, and how it fares."""

import logging
from collections.abc import Callable, Iterable
from itertools import count
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np

from core.errors import ProtocolError
from core.system.restarts import Restarts
from server.instrument.instrument import Instrument
from server.osc.addresses import Value
from server.osc.answers import Answer, Reply, status
from server.osc.builder import osc_message
from server.osc.clients import Client
from server.osc.hosts.ports import Endpoint
from server.sound.known_spaces import KnownSpaces
from server.sound.midi_keys import KeyPressed, MidiKeys
from sounding.keyboard import Key
from sounding.master import FULL
from sounding.orders import (
    AddSpace,
    Bend,
    Leave,
    Order,
    Panic,
    Pedal,
    Press,
    Release,
    SetVolume,
    SoundEnded,
    SoundOptions,
    SoundReport,
)

__all__ = ["Sound", "SoundProcessLink"]

logger = logging.getLogger(__name__)

_AUDITION = "audition"
_AUDITION_NOTE, _AUDITION_VELOCITY, _AUDITION_S = 60, 100, 1.5
_PLAYED_S = 3.0  # whoever has played this lately hears turns in what they play
_COUNTER_MASK = 0x7FFFFFFF
_MOST_RESTARTS, _WITHIN_S = 3, 60.0
_AGAIN = "the sound process %s and starts again. Keys that are down have to be pressed again."
_NOT_AGAIN = "the sound process %s, again and again. %s"
_HEAR_IT = "Start the server again to hear it."
_WITHOUT_PLUGIN = "Try the plug-in in a host, or start the server without --play-through."


class SoundProcessLink(Protocol):
    """The process that sounds; see `server.sound.sound_link.SoundLink`."""

    @property
    def is_started(self) -> bool:
        """Whether it runs, or has run."""
        ...

    @property
    def waiting(self) -> bool:
        """Whether there are reports to collect."""
        ...

    def start(self, options: SoundOptions) -> None:
        """Start it, or start it again once it has ended."""
        ...

    def send(self, order: Order) -> None:
        """Send an order."""
        ...

    def set_patch(self, instrument: int, patch: np.ndarray, space: int = 0) -> None:
        """Set an instrument's patch `(P,)`, and the number of its space."""
        ...

    def collect(self) -> list[SoundReport | SoundEnded]:
        """Return what was reported."""
        ...


class Sound:
    """Plays instruments in the sound process.

    Args:
        link: To that process.
        speakers: Whether it plays through this computer's speakers.
        plugin: Path of a plug-in that plays instead of the engine; empty for none.
        keys: MIDI keyboards, if any.
    """

    def __init__(
        self, link: SoundProcessLink, speakers: bool = False, plugin: str = "", keys: MidiKeys | None = None
    ) -> None:
        self._link = link
        self._speakers, self._plugin = speakers, plugin
        self._keys = keys
        # Of those that have been played and are still there.
        self._numbers: WeakKeyDictionary[Instrument, int] = WeakKeyDictionary()
        self._next_numbers = count()
        self._spaces = KnownSpaces()  # those that the process knows
        self._report = SoundReport()
        self._restarts = Restarts(_MOST_RESTARTS, _WITHIN_S)
        self._volume = FULL
        self._auditions = True
        self._told = b""  # of its state
        self._asked: list[Client] = []  # wait for the stream
        self._sources: dict[str, Endpoint] = {}  # clients that have played
        self._played_at = float("-inf")
        self._audition_ends: float | None = None
        self._by_address: dict[str, Callable[..., list[Answer]]] = {
            "/flow/note": self._note,
            "/flow/pedal": self._pedal,
            "/flow/bend": self._bend,
            "/flow/panic": self._panic,
            "/flow/volume": self._set_volume,
            "/flow/audition": self._set_audition,
            "/flow/sound": self._state,
            "/flow/sound/listen": self._listen,
        }
        self.addresses = frozenset(self._by_address)

    # -- messages

    def handle(
        self, address: str, values: list[Value], client: Client, instrument: Instrument, now: float
    ) -> list[Answer]:
        """Answer a message whose arguments fit the table.

        Args:
            address: One of `addresses`.
            values: Its arguments.
            client: That sent it.
            instrument: That the client plays.
            now: Seconds.

        Raises:
            ProtocolError: Nothing sounds here.
        """
        if address in ("/flow/note", "/flow/pedal", "/flow/bend"):
            self._check()
            self._sources[_source(client)] = client.address
            self._played_at = now
        return self._by_address[address](client, instrument, *values)

    def start(self, instrument: Instrument) -> None:
        """Start the process, if that has not been done, with the space of an instrument."""
        if not self._link.is_started:
            self._start_process(instrument)
        self.frame(instrument, has_focus=True)

    def _start_process(self, instrument: Instrument) -> None:
        self._spaces = KnownSpaces()
        self._spaces.number(instrument.model.space)
        space = instrument.model.space.to_dict()
        self._link.start(SoundOptions(space=space, speakers=self._speakers, plugin=self._plugin))
        self._link.send(SetVolume(self._volume))

    def _start_again(self, ended: SoundEnded, focus: Instrument, now: float) -> None:
        """Have what was played sound again, after a process that ended by itself."""
        what = "did not answer any more" if ended.was_frozen else "ended unexpectedly"
        self._audition_ends = None
        if not self._restarts.allow(now):
            then = _WITHOUT_PLUGIN if self._plugin else _HEAR_IT
            self._report = SoundReport(state="failed", text=_NOT_AGAIN % (what, then))
            return
        self._report = SoundReport(text=_AGAIN % what)
        self._start_process(focus)
        for instrument in (focus, *self._numbers):
            self.frame(instrument, has_focus=True)

    def _note(self, client: Client, instrument: Instrument, note: int, velocity: int) -> list[Answer]:
        if velocity == 0:
            self._link.send(Release(_source(client), note))
        else:
            self._press(_source(client), instrument, note, velocity)
        return []

    def _pedal(self, client: Client, _: Instrument, on: int) -> list[Answer]:
        self._link.send(Pedal(_source(client), bool(on)))
        return []

    def _bend(self, client: Client, _: Instrument, semitones: float) -> list[Answer]:
        self._link.send(Bend(_source(client), semitones))
        return []

    def _panic(self, _: Client, __: Instrument) -> list[Answer]:
        self._audition_ends = None
        if self._link.is_started:
            self._link.send(Panic())
        return []

    def _set_volume(self, _: Client, __: Instrument, position: float) -> list[Answer]:
        self._volume = position
        if self._link.is_started:
            self._link.send(SetVolume(position))
        return [Reply(self._message(), "all")]

    def _set_audition(self, _: Client, __: Instrument, on: int) -> list[Answer]:
        self._auditions = bool(on)
        return [Reply(self._message(), "all")]

    def _state(self, _: Client, __: Instrument) -> list[Answer]:
        return [Reply(self._message())]

    def _listen(self, client: Client, instrument: Instrument) -> list[Answer]:
        self.start(instrument)
        if self._report.state == "failed":
            raise ProtocolError(self._report.text)
        if self._report.port == 0:
            self._asked.append(client)
            return []
        return [Reply(self._stream())]

    def _check(self) -> None:
        """Check that there is something to play.

        Raises:
            ProtocolError: There is not.
        """
        if not self._link.is_started:
            raise ProtocolError(
                "nothing sounds here yet. Start the server with --audition, or switch the sound on in the "
                "panel."
            )
        if self._report.state == "failed":
            raise ProtocolError(self._report.text)

    # -- what the loop tells it

    @property
    def waiting(self) -> bool:
        """Whether `collect` has something to do."""
        return self._link.waiting or (self._keys is not None and self._keys.waiting)

    def collect(self, focus: Instrument, now: float) -> list[tuple[Client | None, list[Answer]]]:
        """Play what keyboards played, and return what clients are told; None stands for all of them.

        Args:
            focus: The instrument that keyboards play.
            now: Seconds.
        """
        for event in self._keys.collect() if self._keys is not None else ():
            if not self._link.is_started or self._report.state == "failed":
                continue
            self._played_at = now
            if isinstance(event, KeyPressed):
                source, note, velocity = event
                self._press(source, focus, note, velocity)
            else:
                self._link.send(event)
        answers: list[Answer] = []
        for report in self._link.collect():
            before = self._report.text
            if isinstance(report, SoundEnded):
                self._start_again(report, focus, now)
            else:
                self._report = report
            if self._report.text not in ("", before):
                logger.warning("%s", self._report.text)
                answers.append(status(self._report.text, "all"))
        message = self._message()
        if message != self._told:
            self._told = message
            answers.append(Reply(message, "all"))
        told: list[tuple[Client | None, list[Answer]]] = [(None, answers)] if answers else []
        if self._report.port:
            asked, self._asked = self._asked, []
            told += [(client, [Reply(self._stream())]) for client in asked]
        return told

    def frame(self, instrument: Instrument, *, has_focus: bool) -> None:
        """Follow a frame of an instrument; this returns at once."""
        if not self._link.is_started or not (has_focus or instrument in self._numbers):
            return
        space = instrument.model.space
        number, is_new = self._spaces.number(space)
        if is_new:
            self._link.send(AddSpace(number, space.to_dict()))
        self._link.set_patch(self._number(instrument), instrument.patch.copy(), number)

    def settled(self, instrument: Instrument, now: float) -> None:
        """Play a note of a patch that has come to rest, unless somebody plays."""
        if not (self._link.is_started and self._auditions) or now - self._played_at < _PLAYED_S:
            return
        self._press(_AUDITION, instrument, _AUDITION_NOTE, _AUDITION_VELOCITY)
        self._audition_ends = now + _AUDITION_S

    def tick(self, now: float) -> None:
        """Let the note of the audition go when it is over."""
        if self._audition_ends is not None and now >= self._audition_ends:
            self._audition_ends = None
            self._link.send(Release(_AUDITION, _AUDITION_NOTE))

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon `tick` wants to be called, seconds."""
        if self._audition_ends is None:
            return longest
        return min(longest, max(0.001, self._audition_ends - now))

    def sweep(self, clients: Iterable[Client]) -> None:
        """Let go of the keys of clients that are gone."""
        there = {client.address for client in clients}
        for source, address in list(self._sources.items()):
            if address not in there:
                del self._sources[source]
                self._link.send(Leave(source))

    def _press(self, source: str, instrument: Instrument, note: int, velocity: int) -> None:
        self.frame(instrument, has_focus=True)  # it may not have been played before
        self._link.send(Press(Key(self._number(instrument), source, note), velocity))

    def _number(self, instrument: Instrument) -> int:
        if instrument not in self._numbers:
            self._numbers[instrument] = next(self._next_numbers)
        return self._numbers[instrument]

    # -- what clients are told

    def _message(self) -> bytes:
        report = self._report
        state = report.state if self._link.is_started else "off"
        return osc_message(
            "/flow/sound",
            state,
            int(self._speakers),
            report.n_voices,
            report.n_gaps & _COUNTER_MASK,
            report.n_late & _COUNTER_MASK,
            self._volume,
            int(self._auditions),
            report.text,
        )

    def _stream(self) -> bytes:
        return osc_message(
            "/flow/sound/stream", self._report.port, self._report.token, self._report.sample_rate
        )


def _source(client: Client) -> str:
    host, port = client.address
    return f"client {host}:{port}"
