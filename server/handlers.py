"""What each message that is not a control does: plain functions, message to answers."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BridgeError, ProtocolError
from core.nearest import did_you_mean
from models.folder import ModelFolder
from server.answers import Answer, Follow, Listing, Reply, Work, status
from server.instrument.curves import curves
from server.instrument.instrument import Instrument
from server.instrument.loaded_model import LoadedModel, load_model
from server.instrument.preset_map import PresetMap
from server.instrument.presets import Preset, PresetStore, can_be_named, check_name, file_stem
from server.osc.addresses import Value
from server.osc.builder import osc_message

if TYPE_CHECKING:  # without controllers, no MIDI library is needed
    from server.midi.controllers import Controllers
    from server.sketch.sketcher import Sketcher

__all__ = ["MessageHandlers"]


class MessageHandlers:
    """Answers messages with the instrument, the presets and the models.

    Args:
        instrument: The player's instrument.
        store: The player's presets.
        models: Model folders by name.
        exports: Folder for the synth's own preset files.
        backend: As on the command line, for models loaded later.
        controllers: What MIDI controllers do, where the server listens to them.
        sketcher: What answers sketches.
        adjust: As for `load_model`, for models loaded later.
    """

    def __init__(
        self,
        instrument: Instrument,
        store: PresetStore,
        models: dict[str, Path],
        exports: Path,
        backend: str = "auto",
        controllers: "Controllers | None" = None,
        sketcher: "Sketcher | None" = None,
        adjust: Callable[[ModelFolder], ModelFolder] = lambda model: model,
    ) -> None:
        self._instrument = instrument
        self._adjust = adjust
        self._controllers = controllers
        self._store = store
        self._models = models
        self._exports = exports
        self._backend = backend
        self._handlers: dict[str, Callable[..., list[Answer]]] = {
            "/flow/names": self._names,
            "/flow/vary": self._vary,
            "/flow/freeze": self._freeze,
            "/flow/preset/load": self._preset_load,
            "/flow/preset/save": self._preset_save,
            "/flow/preset/export": self._preset_export,
            "/flow/preset/patch": self._preset_patch,
            "/flow/presets": self._presets,
            "/flow/path/add": self._path_add,
            "/flow/path/clear": self._path_clear,
            "/flow/path/space": self._path_space,
            "/flow/curves": self._curves,
            **({} if sketcher is None else _sketches(sketcher)),
            "/flow/learn": self._learn,
            "/flow/unlearn": self._unlearn,
            "/flow/bindings": self._bindings,
            "/flow/model": self._model,
            "/flow/models": self._list_models,
        }

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses that are answered here."""
        return frozenset(self._handlers)

    def handle(self, address: str, values: list[Value]) -> list[Answer]:
        """Answer a message whose arguments fit the table.

        Raises:
            BridgeError: It cannot be done; nothing has changed.
        """
        if address not in self._handlers:
            raise ProtocolError("this server takes no sketches.")
        return self._handlers[address](*values)

    def _names(self) -> list[Answer]:
        return [Listing(iter(self._instrument.names()))]

    def _vary(self, amount: float) -> list[Answer]:
        self._instrument.vary(amount)
        return [Follow()]

    def _freeze(self, k: int, on: int) -> list[Answer]:
        if on:
            self._instrument.frozen.add(k)
        else:
            self._instrument.frozen.discard(k)
        name = self._instrument.model.macros.names[k]
        text = f"macro {k} '{name}' is {'frozen' if on else 'free'}"
        return [Reply(osc_message("/flow/frozen", k, on), "all"), status(text, "all")]

    def present_state(self) -> list[Answer]:
        """Return what a client that connects later has not been told: frozen macros, the path, bindings."""
        frozen = [Reply(osc_message("/flow/frozen", k, 1)) for k in sorted(self._instrument.frozen)]
        bindings = [] if self._controllers is None else self._bindings()
        return [*frozen, Reply(self._path_state()), *bindings]

    # -- controllers

    def _learn(self, k: int) -> list[Answer]:
        return [status(self._listening().learn(k, self._instrument.model.macros.names[k]))]

    def _unlearn(self, k: int) -> list[Answer]:
        return [status(self._listening().unlearn(k, self._instrument.model.macros.names[k]), "all")]

    def _bindings(self) -> list[Answer]:
        if self._controllers is None:
            return [Reply(osc_message("/flow/bindings", 0))]
        from server.midi.binding_status import messages  # only here: see above

        statuses = self._controllers.binding_statuses(self._instrument.dials.tolist())
        return [Listing(iter(messages(statuses)))]

    def _listening(self) -> "Controllers":
        if self._controllers is None:
            raise ProtocolError("the server listens to no controllers; start it with --midi or --oscquery.")
        return self._controllers

    # -- presets

    def _preset_load(self, name: str) -> list[Answer]:
        self._instrument.load_preset(name)
        return [Follow()]

    def _preset_save(self, name: str) -> list[Answer]:
        space = self._instrument.model.space
        preset = Preset(
            name=check_name(name),
            model=self._instrument.model.name,
            space=space.name,
            latent=self._instrument.latent.tolist(),
            patch=space.decode(self._instrument.current_patch()),
            place=self._instrument.place,
        )
        self._store.put(preset)
        self._instrument.preset_map.put(preset)
        item = self._instrument.preset_map.item(name)

        def land(path: Path) -> list[Answer]:
            return [Reply(item, "all"), status(f"'{name}' is saved")]

        return [Work(f"save {name}", lambda: self._store.write(preset), land)]

    def _preset_export(self, name: str) -> list[Answer]:
        space, patch = self._instrument.model.space, self._instrument.current_patch().copy()
        if space.synth != "vital":
            raise ProtocolError(f"there is no preset file for {space.synth}; save it here instead.")
        path = self._exports / f"{file_stem(check_name(name))}.vital"

        def work() -> Path:
            from synths.vital_preset import write_preset  # only here: knobs need no synth

            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_preset(path, space, patch, name)
            except OSError as error:
                raise BridgeError(
                    f"{path} cannot be written: {error.strerror}. Start with --data FOLDER."
                ) from error
            return path

        return [Work(f"export {name}", work, lambda p: [status(f"'{name}' is in {p.as_posix()}")])]

    def _preset_patch(self, name: str) -> list[Answer]:
        return [Reply(osc_message("/flow/preset/patch", name, self._instrument.preset_map.find(name).patch))]

    def _presets(self) -> list[Answer]:
        return [Listing(self._instrument.preset_map.items())]

    # -- paths

    def _path_add(self) -> list[Answer]:
        self._instrument.path.add(self._instrument.latent, self._instrument.current_patch())
        return [Reply(self._path_state(), "all")]

    def _path_clear(self) -> list[Answer]:
        self._instrument.path.clear()
        return [Reply(self._path_state(), "all")]

    def _path_space(self, space: int) -> list[Answer]:
        self._instrument.path.in_parameters = bool(space)
        return [Reply(self._path_state(), "all")]

    def _path_state(self) -> bytes:
        path = self._instrument.path
        return osc_message("/flow/path", len(path), int(path.in_parameters))

    # -- curves and models

    def _curves(self, k: int, n: int) -> list[Answer]:
        loaded, z = self._instrument.loaded, self._instrument.latent.copy()
        return [
            Work(
                f"curves {k}",
                lambda: curves(loaded, z, k, n),
                lambda messages: [Listing(iter(messages))],
            )
        ]

    def _model(self, name: str) -> list[Answer]:
        path = self._models.get(check_name(name))
        if path is None:
            raise ProtocolError(f"there is no model '{name}'; {did_you_mean(name, self._models)}")
        saved = list(self._store.presets.values())

        def work() -> tuple[LoadedModel, PresetMap]:
            loaded = load_model(path, self._backend, self._adjust)
            return loaded, PresetMap(loaded, saved)

        def land(result: tuple[LoadedModel, PresetMap]) -> list[Answer]:
            loaded, preset_map = result
            for preset in self._store.presets.values():  # saved while the model was loading
                if preset.name not in preset_map:
                    preset_map.put(preset)
            self._instrument.adopt(loaded, preset_map)
            backend = loaded.backend
            text = f"model {name}: {backend.name} on {backend.device}, {backend.decode_ms:.2f} ms"
            listed = [Reply(item, "all") for item in self._model_items()]
            return [Follow(welcome=True), *listed, status(text, "all")]

        return [Work("model", work, land)]

    def _list_models(self) -> list[Answer]:
        return [Listing(iter(self._model_items()))]

    def _model_items(self) -> list[bytes]:
        playing = self._instrument.model.name
        return [
            osc_message("/flow/model", k, name, int(name == playing))
            for k, name in enumerate(n for n in self._models if can_be_named(n))
        ]


def _sketches(sketcher: "Sketcher") -> dict[str, Callable[..., list[Answer]]]:
    return {
        "/flow/sketch/record": sketcher.record,
        "/flow/sketch/live": sketcher.live,
        "/flow/sketch/file": sketcher.file,
        "/flow/sketch/pick": sketcher.pick,
        "/flow/sketch/take": sketcher.export_take,
    }
