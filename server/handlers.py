"""What each message that is not a control does: plain functions, message to answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.errors import BridgeError, ProtocolError
from core.nearest import did_you_mean
from models.folder import ModelFolder
from server.instrument.curves import curves
from server.instrument.instrument import Engine
from server.instrument.loaded_model import Instrument, load_instrument
from server.instrument.preset_map import Bank
from server.instrument.presets import Preset, PresetStore, can_be_named, check_name, file_stem
from server.osc.addresses import Value
from server.osc.wire import build

if TYPE_CHECKING:  # who plays without controllers needs no MIDI library
    from server.midi.controllers import Controllers
    from server.sketch.sketcher import Sketcher

__all__ = ["Answer", "Desk", "Follow", "Listing", "Reply", "Work"]


@dataclass(frozen=True, slots=True)
class Reply:
    """A datagram for the sender, or for every client."""

    datagram: bytes
    to: Literal["sender", "all"] = "sender"


@dataclass(frozen=True, slots=True)
class Listing:
    """Many datagrams for the sender, sent at a pace that its socket can hold."""

    datagrams: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Work:
    """Slow work; `land` runs on the loop with what `work` returned, and gives further answers."""

    key: str
    work: Callable[[], Any]
    land: Callable[[Any], "list[Answer]"]


@dataclass(frozen=True, slots=True)
class Follow:
    """The point has moved: frame, macros and latent go to every client."""

    welcome: bool = False  # the model is another one: welcome everybody again


Answer = Reply | Listing | Work | Follow


class Desk:
    """Answers messages with the engine, the presets and the models.

    Args:
        engine: The instrument's state.
        store: The player's presets.
        models: Model folders by name.
        exports: Folder for the synth's own preset files.
        backend: As on the command line, for models loaded later.
        controllers: What MIDI controllers do, where the server listens to them.
        sketcher: What answers sketches.
        adjust: As for `load_instrument`, for models loaded later.
    """

    def __init__(
        self,
        engine: Engine,
        store: PresetStore,
        models: dict[str, Path],
        exports: Path,
        backend: str = "auto",
        controllers: "Controllers | None" = None,
        sketcher: "Sketcher | None" = None,
        adjust: Callable[[ModelFolder], ModelFolder] = lambda model: model,
    ) -> None:
        self._engine = engine
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

    def handle(self, address: str, values: list[Value]) -> list[Answer]:
        """Answer a message whose arguments fit the table.

        Raises:
            BridgeError: It cannot be done; nothing has changed.
        """
        if address not in self._handlers:
            raise ProtocolError("this server takes no sketches.")
        return self._handlers[address](*values)

    def _names(self) -> list[Answer]:
        return [Listing(iter(self._engine.names()))]

    def _vary(self, amount: float) -> list[Answer]:
        self._engine.vary(amount)
        return [Follow()]

    def _freeze(self, k: int, on: int) -> list[Answer]:
        if on:
            self._engine.frozen.add(k)
        else:
            self._engine.frozen.discard(k)
        name = self._engine.model.macros.names[k]
        return [_status(_frozen(k, name, bool(on)), "all")]

    def present(self) -> list[Answer]:
        """Say what a client that comes later has not heard: which macros are frozen, and the path."""
        names, n = self._engine.model.macros.names, len(self._engine.path)
        frozen = [_status(_frozen(k, names[k], True)) for k in sorted(self._engine.frozen)]
        return [*frozen, *([_status(f"the path has {n} points")] if n else [])]

    # -- controllers

    def _learn(self, k: int) -> list[Answer]:
        return [_status(self._listening().learn(k, self._engine.model.macros.names[k]))]

    def _unlearn(self, k: int) -> list[Answer]:
        return [_status(self._listening().unlearn(k, self._engine.model.macros.names[k]), "all")]

    def _bindings(self) -> list[Answer]:
        if self._controllers is None:
            return [Reply(build("/flow/bindings", "i", 0))]
        from server.midi.binding_status import messages  # only here: see above

        return [Listing(iter(messages(self._controllers.stand(self._engine.dials.tolist()))))]

    def _listening(self) -> "Controllers":
        if self._controllers is None:
            raise ProtocolError("the server listens to no controllers; start it with --midi or --oscquery.")
        return self._controllers

    # -- presets

    def _preset_load(self, name: str) -> list[Answer]:
        self._engine.load_preset(name)
        return [Follow()]

    def _preset_save(self, name: str) -> list[Answer]:
        space = self._engine.model.space
        preset = Preset(
            name=check_name(name),
            model=self._engine.model.name,
            space=space.name,
            latent=self._engine.latent.tolist(),
            patch=space.decode(self._engine.present()),
            place=self._engine.place,
        )
        self._store.put(preset)
        self._engine.bank.put(preset)
        item = self._engine.bank.item(name)

        def land(path: Path) -> list[Answer]:
            return [Reply(item, "all"), _status(f"'{name}' is saved")]

        return [Work(f"save {name}", lambda: self._store.write(preset), land)]

    def _preset_export(self, name: str) -> list[Answer]:
        space, patch = self._engine.model.space, self._engine.present().copy()
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

        return [Work(f"export {name}", work, lambda p: [_status(f"'{name}' is in {p.as_posix()}")])]

    def _preset_patch(self, name: str) -> list[Answer]:
        patch = self._engine.bank.find(name).patch.tolist()
        return [Reply(build("/flow/preset/patch", "s" + "f" * len(patch), name, *patch))]

    def _presets(self) -> list[Answer]:
        return [Listing(self._engine.bank.items())]

    # -- paths

    def _path_add(self) -> list[Answer]:
        self._engine.path.add(self._engine.latent, self._engine.present())
        return [_status(f"the path has {len(self._engine.path)} points", "all")]

    def _path_clear(self) -> list[Answer]:
        self._engine.path.clear()
        return [_status("the path has 0 points", "all")]

    def _path_space(self, space: int) -> list[Answer]:
        self._engine.path.in_parameters = bool(space)
        return [_status(f"the path runs in {'parameters' if space else 'sound'}", "all")]

    # -- curves and models

    def _curves(self, k: int, n: int) -> list[Answer]:
        instrument, z = self._engine.instrument, self._engine.latent.copy()
        return [
            Work(
                f"curves {k}",
                lambda: curves(instrument, z, k, n),
                lambda messages: [Listing(iter(messages))],
            )
        ]

    def _model(self, name: str) -> list[Answer]:
        path = self._models.get(check_name(name))
        if path is None:
            raise ProtocolError(f"there is no model '{name}'; {did_you_mean(name, self._models)}")
        saved = list(self._store.presets.values())

        def work() -> tuple[Instrument, Bank]:
            instrument = load_instrument(path, self._backend, self._adjust)
            return instrument, Bank(instrument, saved)

        def land(loaded: tuple[Instrument, Bank]) -> list[Answer]:
            instrument, bank = loaded
            for preset in self._store.presets.values():  # saved while the model was loading
                if preset.name not in bank:
                    bank.put(preset)
            self._engine.adopt(instrument, bank)
            backend = instrument.backend
            text = f"model {name}: {backend.name} on {backend.device}, {backend.decode_ms:.2f} ms"
            listed = [Reply(item, "all") for item in self._model_items()]
            return [Follow(welcome=True), *listed, _status(text, "all")]

        return [Work("model", work, land)]

    def _list_models(self) -> list[Answer]:
        return [Listing(iter(self._model_items()))]

    def _model_items(self) -> list[bytes]:
        playing = self._engine.model.name
        return [
            build("/flow/model", "isi", k, name, int(name == playing))
            for k, name in enumerate(n for n in self._models if can_be_named(n))
        ]


def _sketches(sketcher: "Sketcher") -> dict[str, Callable[..., list[Answer]]]:
    return {
        "/flow/sketch/record": sketcher.record,
        "/flow/sketch/live": sketcher.live,
        "/flow/sketch/file": sketcher.file,
        "/flow/sketch/pick": sketcher.pick,
        "/flow/sketch/take": sketcher.lend,
    }


def _frozen(k: int, name: str, on: bool) -> str:
    return f"macro {k} '{name}' is {'frozen' if on else 'free'}"


def _status(text: str, to: Literal["sender", "all"] = "sender") -> Reply:
    return Reply(build("/flow/status", "s", text), to)
