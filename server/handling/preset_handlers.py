"""What the messages about presets do. What is kept is said, and then listed, once it is on disk."""

from collections.abc import Callable
from pathlib import Path

from core.errors import BridgeError, ProtocolError
from core.store.folder_lock import locked
from core.store.kept_files import free_path, stem_of
from server.instrument.preset_file import Preset, check_name
from server.instrument.preset_folder import Change
from server.instrument.preset_map import PresetMap
from server.instrument.presets import PresetStore
from server.osc.answers import Answer, Follow, Listing, Receivers, Reply, ToPlayers, Work, status
from server.osc.builder import osc_message
from server.tracks.track import Track
from server.tracks.tracks import Tracks
from synths.catalog import facts_of

__all__ = ["PresetHandlers"]


class PresetHandlers:
    """Answers messages about presets.

    Args:
        tracks: All instruments; those that play one model have one map.
        store: The player's presets.
        exports: Folder for the synth's own preset files.
    """

    def __init__(self, tracks: Tracks, store: PresetStore, exports: Path) -> None:
        self._models = tracks.models
        self._store = store
        self._exports = exports
        self.by_address: dict[str, Callable[..., list[Answer]]] = {
            "/flow/preset/load": self._load,
            "/flow/preset/save": self._save,
            "/flow/preset/rename": self._rename,
            "/flow/preset/delete": self._delete,
            "/flow/preset/restore": self._restore,
            "/flow/preset/bin": self._bin,
            "/flow/preset/export": self._export,
            "/flow/preset/patch": self._patch,
            "/flow/presets": self._list,
            "/flow/kinds": self._kinds,
        }

    def adopted(self, preset_map: PresetMap) -> None:
        """Bring the map of another model up to date with what was kept while it was made."""
        preset_map.become(self._store.presets)
        for preset in self._store.unsaved.values():
            preset_map.hold(preset)

    def look(self) -> Work:
        """Return the work of looking whether other programs have changed the folder of presets."""

        def land(change: Change) -> list[Answer]:
            return self._apply(change) if change else []

        return Work("look at presets", self._store.folder.refresh_if_touched, land, keeps="")

    @property
    def unsaved(self) -> list[str]:
        """Names of the presets that are not on disk: what a full one has refused, and what still waits."""
        return list(self._store.unsaved)

    def _apply(self, change: Change) -> list[Answer]:
        """Take over what is other on disk, and return what clients are told of it."""
        self._store.apply(change)
        return [ToPlayers(played.name, self._changed(played.preset_map, change)) for played in self._models]

    def _changed(self, preset_map: PresetMap, change: Change) -> tuple[bytes, ...]:
        """Bring a map up to date, and return what is told to clients that see it."""
        if preset_map.become(self._store.presets):
            return (osc_message("/flow/preset/count", len(preset_map)),)
        return tuple(preset_map.item(name) for name in change.there if name in preset_map)

    def _keeping(
        self, what: str, work: Callable[[], Change], text: str, to: Receivers = "sender"
    ) -> list[Answer]:
        """Return the work of changing the folder, which is answered once it is done."""
        return [Work(what, work, lambda change: [status(text, to), *self._apply(change)], keeps=what)]

    def _load(self, track: Track, name: str) -> list[Answer]:
        track.instrument.load_preset(name)
        return [Follow()]

    def _save(self, track: Track, name: str) -> list[Answer]:
        space = track.instrument.model.space
        preset = Preset(
            name=check_name(name),
            model=track.instrument.model.name,
            space=space.name,
            latent=track.instrument.latent.tolist(),
            patch=space.decode(track.instrument.current_patch()),
            place=track.instrument.place,
            gestures=track.instrument.gestures.played,
        )
        work = self._store.hold(preset)
        for played in self._models:
            played.preset_map.hold(preset)

        def land(change: Change) -> list[Answer]:
            return [status(f"'{preset.name}' is saved"), *self._apply_over(preset, change)]

        return [Work(f"save {preset.name}", work, land, keeps=f"preset '{preset.name}'")]

    def _apply_over(self, held: Preset, change: Change) -> list[Answer]:
        """Apply what is other on disk, in place of what was held in memory."""
        self._store.release(held)
        told = self._apply(change)
        if held.name not in self._store.unsaved:
            for played in self._models:
                played.preset_map.release(held.name)
        return told

    def _saved_name(self, track: Track, name: str) -> str:
        """Return a name as it is kept.

        Raises:
            ProtocolError: It is none of a preset that the player has saved.
        """
        name = check_name(name)
        if name not in self._store.presets:
            if name in self._store.unsaved:
                raise ProtocolError(f"'{name}' is not saved yet; try again in a moment.")
            track.instrument.preset_map.find(name)
            raise ProtocolError(f"'{name}' belongs to the model, and stays; only your own can be changed.")
        return name

    def _rename(self, track: Track, name: str, new: str) -> list[Answer]:
        name, new = self._saved_name(track, name), check_name(new)
        text = f"'{name}' is called '{new}' now"
        return self._keeping(f"new name of '{name}'", lambda: self._store.folder.rename(name, new), text)

    def _delete(self, track: Track, name: str) -> list[Answer]:
        name = self._saved_name(track, name)
        text = f"'{name}' is in the bin; /flow/preset/restore brings it back"
        held = self._store.unsaved.get(name)  # what waits is saved before; what the disk refused goes, too

        def land(change: Change) -> list[Answer]:
            told = self._apply(change) if held is None else self._apply_over(held, change)
            return [status(text), *told]

        what = f"removal of '{name}'"
        return [Work(what, lambda: self._store.folder.delete(name), land, keeps=what)]

    def _restore(self, track: Track, name: str) -> list[Answer]:
        name = check_name(name)
        text = f"'{name}' is back"
        return self._keeping(f"return of '{name}'", lambda: self._store.folder.restore(name), text)

    def _bin(self, track: Track) -> list[Answer]:
        def land(names: list[str]) -> list[Answer]:
            if not names:
                return [status("the bin is empty")]
            return [
                Listing(
                    osc_message("/flow/preset/binned", k, len(names), name) for k, name in enumerate(names)
                )
            ]

        return [Work("bin", self._store.folder.binned, land, keeps="")]

    def _export(self, track: Track, name: str) -> list[Answer]:
        name = check_name(name)
        space, patch = track.instrument.model.space, track.instrument.current_patch().copy()
        gestures = track.instrument.gestures.played
        preset_file = facts_of(space).preset_file
        if preset_file is None:
            raise ProtocolError(f"there is no preset file for {space.synth}; save it here instead.")

        def work() -> Path:
            try:
                with locked(self._exports):
                    path = free_path(self._exports, stem_of(name), preset_file.suffix)
                    preset_file.write(path, space, patch, name, gestures)
            except OSError as error:
                raise BridgeError(
                    f"'{name}' cannot be written to {self._exports}: {error.strerror}. Start the server with "
                    "--data FOLDER."
                ) from error
            return path

        def land(path: Path) -> list[Answer]:
            return [status(f"'{name}' is in {path.as_posix()}")]

        return [Work(f"export {name}", work, land, keeps=f"export of '{name}'")]

    def _patch(self, track: Track, name: str) -> list[Answer]:
        return [Reply(osc_message("/flow/preset/patch", name, track.instrument.preset_map.find(name).patch))]

    def _list(self, track: Track) -> list[Answer]:
        return [Listing(track.instrument.preset_map.items())]

    def _kinds(self, track: Track) -> list[Answer]:
        return [Listing(track.instrument.preset_map.kinds())]
