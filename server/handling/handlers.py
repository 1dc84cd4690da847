"""What each message that is not a control does: plain functions, message to answers."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ProtocolError
from models.folder import ModelFolder
from server.handling.control_handlers import ControlHandlers
from server.handling.library_handlers import LibraryHandlers
from server.handling.macro_messages import MacroMessages
from server.handling.model_handlers import ModelHandlers
from server.handling.own_handlers import OwnHandlers
from server.handling.play_handlers import PlayHandlers
from server.handling.preset_handlers import PresetHandlers
from server.instrument.curves import curves
from server.instrument.names import names
from server.instrument.presets import PresetStore
from server.osc.addresses import Value
from server.osc.answers import Answer, Follow, Listing, Reply, Work, status
from server.osc.builder import osc_message
from server.tracks.remembered_models import RememberedModels
from server.tracks.track import Track
from server.tracks.tracks import Tracks
from server.words.messages import WordMessages

if TYPE_CHECKING:  # without controllers, no MIDI library is needed
    from server.midi.controllers import Controllers
    from server.sketch.sketcher import Sketcher

__all__ = ["MessageHandlers"]


class MessageHandlers:
    """Answers messages with an instrument, the presets and the models.

    Attributes:
        presets: Answers those about presets.
        models: Answers those about models.
        own: Answers those about people's own presets, if anything does.
        library: Answers those about people's own presets.

    Args:
        tracks: All instruments; each message acts on one of them.
        store: The player's presets.
        models: Model folders by name.
        remembered: Which model each instrument plays.
        exports: Folder for the synth's own preset files.
        backend: As on the command line, for models loaded later.
        controllers: What MIDI controllers do, where the server listens to them.
        sketcher: What answers sketches.
        adjust: As for `load_model`, for models loaded later.
        make_own: Makes what answers messages about people's own presets, of tracks and models; None for
            nothing.
        library: Answers messages about people's own presets, where there are folders of them.
    """

    def __init__(
        self,
        tracks: Tracks,
        store: PresetStore,
        models: dict[str, Path],
        remembered: RememberedModels,
        exports: Path,
        backend: str = "auto",
        controllers: "Controllers | None" = None,
        sketcher: "Sketcher | None" = None,
        adjust: Callable[[ModelFolder], ModelFolder] = lambda model: model,
        make_own: Callable[[Tracks, ModelHandlers], OwnHandlers] | None = None,
        library: LibraryHandlers | None = None,
    ) -> None:
        self._controls = ControlHandlers(tracks, controllers)
        self.presets = PresetHandlers(tracks, store, exports)
        self.models = ModelHandlers(tracks, store, self.presets, models, remembered, backend, adjust)
        self.own = None if make_own is None else make_own(tracks, self.models)
        self.library = library or LibraryHandlers(tracks)
        if self.own is not None:
            self.own.paths.names_like = self.library.names_like
            if sketcher is not None:
                sketcher.elsewhere.go = self.own.go_to_answer
        self._handlers: dict[str, Callable[..., list[Answer]]] = {
            "/flow/names": self._names,
            "/flow/vary": self._vary,
            "/flow/freeze": self._freeze,
            **self.presets.by_address,
            **self.library.by_address,
            "/flow/path/add": self._path_add,
            "/flow/path/clear": self._path_clear,
            "/flow/path/space": self._path_space,
            "/flow/curves": self._curves,
            "/flow/sketch/gestures": self._switch_gestures,
            **MacroMessages(tracks).handlers,
            **WordMessages(tracks.models).handlers,
            **({} if sketcher is None else _sketches(sketcher)),
            **self._controls.by_address,
            **PlayHandlers(tracks, sketcher).by_address,
            **self.models.by_address,
            **({} if self.own is None else self.own.by_address),
        }

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses that are answered here."""
        return frozenset(self._handlers)

    def handle(self, address: str, values: list[Value], track: Track) -> list[Answer]:
        """Answer a message whose arguments fit the table.

        Args:
            address: A row of the table.
            values: Its arguments.
            track: The instrument that the sender plays.

        Raises:
            BridgeError: It cannot be done; nothing has changed.
        """
        if address not in self._handlers:
            what = "sketches" if address.startswith("/flow/sketch") else "presets of your own"
            raise ProtocolError(f"this server takes no {what}.")
        return self._handlers[address](track, *values)

    def _names(self, track: Track) -> list[Answer]:
        listed = Listing(iter(names(track.instrument)))
        if not track.frames_owed:
            return [listed]
        track.frames_owed -= 1  # the first frame of another model may have come before its length was known
        return [listed, Reply(track.instrument.frame())]

    def _vary(self, track: Track, amount: float) -> list[Answer]:
        track.instrument.vary(amount)
        return [Follow()]

    def _freeze(self, track: Track, k: int, on: int) -> list[Answer]:
        if on:
            track.instrument.frozen.add(k)
        else:
            track.instrument.frozen.discard(k)
        name = track.instrument.model.macros.names[k]
        text = f"macro {k} '{name}' is {'frozen' if on else 'free'}"
        return [Reply(osc_message("/flow/frozen", k, on), "listeners"), status(text, "listeners")]

    def _switch_gestures(self, track: Track, on: int) -> list[Answer]:
        track.instrument.gestures.switch(bool(on))
        return [Reply(datagram, "listeners") for datagram in track.instrument.gestures.news()]

    def present_state(self, track: Track, *, every_macro: bool = False) -> list[Answer]:
        """Return what a client that connects later has not been told: frozen macros, path and more.

        Args:
            track: What it plays.
            every_macro: Whether macros that are free are told, too, to one that has heard of another.
        """
        frozen = [
            Reply(osc_message("/flow/frozen", k, int(k in track.instrument.frozen)))
            for k in range(len(track.instrument.model.macros))
            if every_macro or k in track.instrument.frozen
        ]
        gestures = track.instrument.gestures
        curves = [Reply(datagram) for datagram in gestures.messages() if every_macro or gestures.are_told]
        path = [Reply(datagram) for datagram in track.instrument.path.messages()]
        handfuls = track.instrument.handfuls
        gathered = [Reply(osc_message("/flow/own", *handfuls.counts))] if any(handfuls.counts) else []
        return [*frozen, *path, *gathered, *curves, *self._controls.present_state(track)]

    # -- paths

    def _path_add(self, track: Track) -> list[Answer]:
        path, instrument = track.instrument.path, track.instrument
        path.add(instrument.latent, instrument.current_patch(), instrument.place)
        return [Reply(datagram, "listeners") for datagram in path.messages(len(path) - 1)]

    def _path_clear(self, track: Track) -> list[Answer]:
        track.instrument.path.clear()
        return [Reply(datagram, "listeners") for datagram in track.instrument.path.messages()]

    def _path_space(self, track: Track, space: int) -> list[Answer]:
        path = track.instrument.path
        path.in_parameters = bool(space)
        return [Reply(datagram, "listeners") for datagram in path.messages(len(path))]

    # -- curves

    def _curves(self, track: Track, k: int, n: int) -> list[Answer]:
        loaded, z = track.instrument.loaded, track.instrument.latent.copy()
        return [
            Work(
                f"curves {k}",
                lambda: curves(loaded, z, k, n),
                lambda messages: [Listing(iter(messages))],
            )
        ]


def _sketches(sketcher: "Sketcher") -> dict[str, Callable[..., list[Answer]]]:
    return {
        "/flow/sketch/record": sketcher.record,
        "/flow/sketch/live": sketcher.live,
        "/flow/sketch/file": sketcher.file,
        "/flow/sketch/pick": sketcher.pick,
        "/flow/sketch/take": sketcher.export_take,
        "/flow/sketch/microphones": sketcher.list_microphones,
        "/flow/sketch/microphone": sketcher.choose_microphone,
    }
