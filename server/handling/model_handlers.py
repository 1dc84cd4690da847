"""What the messages about models do: each instrument plays one, and is remembered with it."""

from collections.abc import Callable
from pathlib import Path

from core.errors import ProtocolError
from models.folder import ModelFolder
from server.handling.preset_handlers import PresetHandlers
from server.instrument.loaded_model import LoadedModel, load_model
from server.instrument.played_model import PlayedModel
from server.instrument.preset_file import can_be_named, check_name
from server.instrument.preset_map import PresetMap
from server.instrument.presets import PresetStore
from server.osc.answers import Answer, Listing, MacrosChanged, ModelChanged, Reply, Work, status
from server.osc.builder import osc_message
from server.osc.hints import hint
from server.tracks.remembered_models import RememberedModels
from server.tracks.track import Track
from server.tracks.tracks import Tracks

__all__ = ["ModelHandlers"]


class ModelHandlers:
    """Answers messages about models.

    Args:
        tracks: All instruments.
        store: The player's presets.
        presets: Answers messages about presets.
        folders: Model folders by name.
        remembered: Which model each instrument plays, for a server that is started later.
        backend: As on the command line.
        adjust: As for `load_model`.

    Attributes:
        by_address: The handlers.
    """

    def __init__(
        self,
        tracks: Tracks,
        store: PresetStore,
        presets: PresetHandlers,
        folders: dict[str, Path],
        remembered: RememberedModels,
        backend: str,
        adjust: Callable[[ModelFolder], ModelFolder],
    ) -> None:
        self._tracks = tracks
        self._store = store
        self._presets = presets
        self._folders = folders
        self._remembered = remembered
        self._backend = backend
        self._adjust = adjust
        self.by_address: dict[str, Callable[..., list[Answer]]] = {
            "/flow/model": self._model,
            "/flow/models": self._list,
        }

    def came(self, track: Track) -> list[Answer]:
        """Return the work of having a new instrument played by the model that is remembered for it."""
        name = self._remembered.model_of(track.identity)
        if not name:  # it may be a copy, or have taken over what played
            return self.remember(track)
        if name == track.instrument.model.name or name not in self._folders:
            return []
        return self._change(track, name, is_return=True)

    def _model(self, track: Track, name: str) -> list[Answer]:
        name = check_name(name)
        if name not in self._folders:
            raise ProtocolError(f"there is no model '{name}'; {hint(name, self._folders)}")
        return self.change(track, name)

    def _change(self, track: Track, name: str, *, is_return: bool) -> list[Answer]:
        """Return the work of loading a model; one that is loaded plays at once.

        Args:
            track: That is to play it.
            name: Of a model.
            is_return: Whether nobody has asked for it: another that was chosen meanwhile stays.
        """
        played = self._tracks.models.get(name)
        if played is not None:
            return self._play(track, played)
        self._tracks.make_room_for_model()
        path, saved, before = self._folders[name], list(self._store.presets.values()), track.instrument.loaded

        def work() -> tuple[LoadedModel, PresetMap]:
            loaded = load_model(path, self._backend, self._adjust)
            return loaded, PresetMap(loaded, saved)

        def land(result: tuple[LoadedModel, PresetMap]) -> list[Answer]:
            if is_return and track.instrument.model is not before.model:
                return []
            loaded = self._tracks.models.get(name)
            if loaded is None:
                self._tracks.make_room_for_model()
                loaded = self._tracks.models.add(*result)
                self._presets.adopted(loaded.preset_map)  # with what was saved while the model was loading
            return self._play(track, loaded)

        return [Work("model", work, land)]

    def exchange(self, name: str) -> list[Answer]:
        """Return the work of reading a model's folder again, for those who play it; their patches stay.

        Their macros are other ones afterwards.
        """
        path, saved = self._folders[name], list(self._store.presets.values())

        def work() -> tuple[LoadedModel, PresetMap]:
            loaded = load_model(path, self._backend, self._adjust)
            return loaded, PresetMap(loaded, saved)

        def land(result: tuple[LoadedModel, PresetMap]) -> list[Answer]:
            # Only now: it may have been loading until this moment.
            if self._tracks.models.get(name) is None:
                return []
            self._presets.adopted(result[1])
            played = self._tracks.models.exchange(*result)
            self._tracks.exchange(played)
            changed = [ModelChanged(track) for track in self._tracks.playing_model(name)]
            return [*changed, MacrosChanged(name, played.choices.items)]

        return [Work(f"exchange {name}", work, land)]

    def add_folder(self, folder: Path) -> None:
        """Add a model, which is asked for by the name of its folder."""
        self._folders[folder.name] = folder

    def change(self, track: Track, name: str) -> list[Answer]:
        """Return the work of having an instrument played by a model of that name, which is there."""
        return self._change(track, name, is_return=False)

    def _play(self, track: Track, played: PlayedModel) -> list[Answer]:
        """Have an instrument played by a loaded model, and tell its listeners."""
        self._tracks.play(track, played)
        backend = played.loaded.backend
        text = f"model {played.name}: {backend.name} on {backend.device}, {backend.decode_ms:.2f} ms"
        listed = [Reply(item, "listeners") for item in self._items(track)]
        return [ModelChanged(track), *listed, status(text, "listeners"), *self.remember(track)]

    def remember(self, track: Track) -> list[Answer]:
        """Return the work of remembering what an instrument plays, if that is news."""
        name = track.instrument.model.name
        default = self._tracks.models.default.name
        if not self._remembered.note(track.identity, "" if name == default else name):
            return []
        return [Work("remembered models", self._remembered.write, lambda _: [])]

    def _list(self, track: Track) -> list[Answer]:
        return [Listing(iter(self._items(track)))]

    def _items(self, track: Track) -> list[bytes]:
        playing = track.instrument.model.name
        return [
            osc_message("/flow/model", k, name, int(name == playing))
            for k, name in enumerate(n for n in self._folders if can_be_named(n))
        ]
