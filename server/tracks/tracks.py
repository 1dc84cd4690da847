"""All instruments of a server, one of which has the focus."""

import secrets
from collections.abc import Iterator, Sequence

from core.errors import ProtocolError
from server.instrument.instrument import Instrument
from server.instrument.loaded_model import LoadedModel
from server.instrument.played_model import MOST_LOADED, PlayedModel, PlayedModels
from server.midi.bindings.control_targets import ControlTargets, FindTargets
from server.osc.clients import Client, Clients
from server.osc.fitting import Sizes
from server.osc.hot_reader import HotReader
from server.osc.outbox import Outbox
from server.tracks.track import Track

__all__ = ["MAX_TRACKS", "Tracks"]

MAX_TRACKS = 64  # a Set with more Flow Synths is not one that a computer plays
_MAX_AWAY = 256  # kept without a client, beyond those


class Tracks:
    """Instruments by identity.

    There is always one: until a device names its own, a nameless one, which the first device takes over. So
    a client of protocol 1 beside a single device plays the same sound as the device.

    Args:
        models: Those that are loaded; new instruments play the default.
        clients: All clients.
        outbox: Where messages go.
        seed: Of the nameless one, for variations; None: any.

    Attributes:
        models: Those that are loaded.
        focus: The instrument that has the focus.
        hot: Reads controls of every loaded model.
    """

    def __init__(
        self, models: PlayedModels, clients: Clients, outbox: Outbox, seed: int | None = None
    ) -> None:
        self.models = models
        self._clients = clients
        self._outbox = outbox
        self._tracks: dict[str, Track] = {}
        self._away: dict[str, Track] = {}  # made room for others; oldest first
        self._active: dict[Track, None] = {}
        self._known_as: dict[str, str] = {}  # identities by the names that controls and synths call them by
        self.focus = self._add("", self._new_instrument(seed))
        self.focus.has_focus = True
        self._models_changed()

    def __iter__(self) -> Iterator[Track]:
        """Iterate over all, in the order in which they came."""
        return iter(list(self._tracks.values()))

    def __len__(self) -> int:
        """Count them."""
        return len(self._tracks)

    @property
    def _all(self) -> list[Track]:
        """Those that made room for others, too."""
        return [*self._tracks.values(), *self._away.values()]

    @property
    def active(self) -> list[Track]:
        """Those that have something to compute, or whose knobs have not come to rest: of many, a few."""
        return list(self._active)

    @property
    def are_owned(self) -> bool:
        """Whether devices have instruments of their own."""
        return "" not in self._tracks

    def leave_if_at_rest(self, track: Track) -> None:
        """Stop looking after an instrument that has nothing left to do."""
        if track.is_at_rest:
            self._active.pop(track, None)

    def of(self, client: Client) -> Track:
        """Return what a client plays: the instrument it is linked to, its own, or the one that has the focus.

        Raises:
            ProtocolError: There is no room for the client, or for its instrument, which made room for another
                while the client was silent.
        """
        if client.refused:
            raise ProtocolError(client.refused)
        if client.link in self._tracks:
            return self._tracks[client.link]
        if not client.instrument:
            return self.focus
        track = self._tracks.get(client.instrument)
        if track is None:
            try:
                track = self._bring_back(client.instrument)
            except ProtocolError as error:
                self._clients.turn_away(client, str(error))
                raise
        return track

    def playing(self, instrument: Instrument) -> Track | None:
        """Return the track of an instrument; None where it has made room for another."""
        return next((track for track in self if track.instrument is instrument), None)

    def named(self, reference: str) -> Track | None:
        """Return the instrument that a control or a synth outside is bound to, if it is there.

        A name stays with the instrument that it was first found for, also when that is renamed, until nobody
        plays it any more and another one has the name. Where its client is linked to another, it is that one.

        Args:
            reference: Its identity, else its name; empty for whatever has the focus.
        """
        found = self._named(reference) if reference else self.focus
        return None if found is None else self._shared(found)

    def _shared(self, track: Track) -> Track:
        """Return what the client of an instrument plays: that one, or the one that it is linked to."""
        return self._tracks.get(track.link, track) if track.link else track

    def _named(self, reference: str) -> Track | None:
        track = self._tracks.get(reference)
        if track is not None:
            return track
        known = self._known_as.get(reference)
        known_track = None if known is None else self._tracks.get(known)
        if known_track is not None and known_track.is_alive:
            return known_track
        same = [track for track in self if track.name == reference]
        found = next((track for track in same if track.is_alive), known_track or next(iter(same), None))
        if found is not None:
            self._known_as[reference] = found.identity
        return found

    def wanted(self, reference: str) -> Track:
        """Return the instrument of an identity or a name, as `named`.

        Raises:
            ProtocolError: It is not there.
        """
        track = self.named(reference)
        if track is None:
            raise ProtocolError(f"there is no instrument '{reference}'; /flow/instruments lists them.")
        return track

    def targets_finder(self) -> FindTargets:
        """Return what finds, in one turn of the loop, the targets of controls on each instrument."""
        found: dict[Track, ControlTargets] = {}

        def find(reference: str) -> ControlTargets | None:
            track = self.named(reference)
            if track is None:
                return None
            if track not in found:
                instrument = track.instrument
                found[track] = ControlTargets(
                    track.identity, instrument.dials.tolist(), lambda: instrument.place, track.is_on
                )
            return found[track]

        return find

    def link(self, client: Client, identity: str) -> None:
        """Have a client play the instrument of another, or its own again.

        A client with an instrument of its own is linked if the other is being played; if its link ends, its
        own instrument becomes a copy of what it has shared. A client without one waits for what is not there.

        Args:
            client: Registered.
            identity: The other's; empty for its own.
        """
        before = self._tracks.get(client.link)
        if client.instrument:
            other = self._tracks.get(identity)
            if other is None or identity == client.instrument or not other.is_alive:
                identity = ""
        self._clients.share(client, identity)
        if client.instrument and identity and self.focus.identity == client.instrument:
            self.set_focus(identity)
        if before is not None and client.plays == client.instrument != "":
            own = self.of(client)
            own.apply_waiting()
            own.instrument.become(before.instrument)
            own.knobs.jumped()
            self._models_changed()

    def heard_by(self, client: Client) -> Track | None:
        """Return the instrument whose frames a client is sent; None while it waits for another's."""
        return None if client.link and client.link not in self._tracks else self.of(client)

    @property
    def newest_sequence(self) -> int:
        """The highest number that a frame has had."""
        return max(track.instrument.sequence for track in self)

    def join(self, client: Client, identity: str, *, is_new: bool) -> Track:
        """Assign a client the instrument that it names, created if there is none.

        A second client that comes with an identity in use, as a duplicated track does, is given a copy with
        an identity of its own: `client.instrument` afterwards. A new one takes the focus if that lies on one
        that nobody plays any more, as after another Set was opened.

        Args:
            client: Just registered, or renewed.
            identity: From its hello, not empty.
            is_new: Whether it has registered just now.

        Raises:
            ProtocolError: There are too many.
        """
        if not is_new and client.instrument and client.instrument in self._tracks:
            own = self._tracks[client.instrument]  # it may not have heard yet that it has another identity
            own.name = client.name
            return own
        is_known = self.knows(identity)
        is_taken = any(c.instrument == identity for c in self._clients if c is not client)
        track = self._tracks.get(identity)
        if track is not None and is_taken:
            # A letter first: Max reads 12e4567 as a number.
            identity, original = f"i{secrets.token_hex(8)}", track
            track = self._add(identity, original.instrument.copy())
            track.sketch = original.sketch.copy(track.instrument)
        elif track is not None:
            pass  # it comes back
        elif identity in self._away:
            track = self._bring_back(identity)
        elif "" in self._tracks:
            track = self._tracks.pop("")
            track.identity = identity
            self._tracks[identity] = track
        else:
            track = self._add(identity, self._new_instrument())
        self._clients.assign(client, identity)
        track.name = client.name
        track.is_awaited = not is_known and client.kind == "device"
        if not is_known and not self.focus.is_alive:
            self.set_focus(identity)
        return track

    def set_focus(self, identity: str) -> Track:
        """Move the focus.

        Raises:
            ProtocolError: There is no such instrument.
        """
        track = self._tracks.get(identity)
        if track is None:
            raise ProtocolError(f"there is no instrument '{identity}'; /flow/instruments lists them.")
        self.focus.has_focus = False
        self.focus = self._shared(track)
        self.focus.has_focus = True
        return self.focus

    def knows(self, identity: str) -> bool:
        """Whether an instrument of that identity is there, or has made room for another."""
        return identity in self._tracks or identity in self._away

    def sizes_for(self, client: Client | None) -> Sizes:
        """Return the counts of the model that a client plays; None is one that is new."""
        plays = "" if client is None else client.plays
        track = self._tracks.get(plays) or self._away.get(plays) if plays else self.focus
        return (track or self.focus).instrument.loaded.sizes

    def playing_model(self, name: str) -> list[Track]:
        """Return the instruments that play the model of that name."""
        return [track for track in self if track.instrument.model.name == name]

    def play(self, track: Track, played: PlayedModel) -> None:
        """Have an instrument played by another model; models that nobody plays any more are unloaded."""
        track.adopt(played)
        self._models_changed()

    def exchange(self, played: PlayedModel) -> None:
        """Have every instrument of a model played by what has replaced it."""
        for track in self._all:
            if track.instrument.model.name == played.name:
                track.adopt(played)
        self._models_changed()

    def use_macros(self, loaded: LoadedModel, came_from: Sequence[int]) -> None:
        """Have the same macros on the dials of every instrument that plays a model; see `Instrument`."""
        for track in self._all:
            if track.instrument.model.name == loaded.model.name:
                track.instrument.use_macros(loaded, came_from)

    def make_room_for_model(self) -> None:
        """Forget instruments that made room for others, oldest first, until one more model can be loaded.

        Raises:
            ProtocolError: There are too many that are being played.
        """
        while len(self.models) >= MOST_LOADED and self._away:
            del self._away[next(iter(self._away))]
            self._models_changed()
        self.models.check_room()

    def _models_changed(self) -> None:
        """Unload what nobody plays, and read controls of what is loaded."""
        self.models.unload_all_but({track.instrument.model.name for track in self._all})
        self.hot = HotReader(*{played.loaded.sizes for played in self.models})

    def _new_instrument(self, seed: int | None = None) -> Instrument:
        default = self.models.default
        return Instrument(default.loaded, default.preset_map, seed)

    def _add(self, identity: str, instrument: Instrument) -> Track:
        self._make_room()
        track = self._tracks[identity] = Track(
            identity, instrument, self._clients, self._outbox, self._active
        )
        return track

    def _bring_back(self, identity: str) -> Track:
        """Play an instrument again that made room for another."""
        if identity not in self._away:
            return self._add(identity, self._new_instrument())
        self._make_room()
        track = self._tracks[identity] = self._away.pop(identity)
        track.activate()
        return track

    def _make_room(self) -> None:
        """Put the oldest instrument that no client plays aside, if there are too many.

        Raises:
            ProtocolError: All are being played.
        """
        if len(self) < MAX_TRACKS:
            return
        for identity, track in self._tracks.items():
            if not track.has_focus and not track.is_alive:
                self._away[identity] = self._tracks.pop(identity)
                self._away = dict(list(self._away.items())[-_MAX_AWAY:])
                self._active.pop(track, None)
                return
        raise ProtocolError(
            f"{MAX_TRACKS} instruments are being played. Delete a Flow Synth, and this one plays."
        )
