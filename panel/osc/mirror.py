"""The server's state, as far as its messages have said it. No socket."""

from collections import deque
from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from core.errors import BridgeError
from panel.osc.gestures import ReceivedGestures
from panel.osc.hot_messages import RunReader, TextReader
from panel.osc.library_mirror import LibraryMirror
from panel.osc.messages import (
    Binding,
    CommandBinding,
    Curve,
    Health,
    Heard,
    Instrument,
    KnownMacro,
    Notice,
    PresetItem,
    Said,
    Sound,
    Stream,
    Topic,
    Welcome,
)
from panel.osc.sketch_mirror import SketchMirror
from server.osc.addresses import TO_CLIENTS, Value
from server.osc.parser import read_message

__all__ = ["Mirror", "Topic"]

_FRAMES = RunReader("/flow/params")
_MACROS = RunReader("/flow/macros")
_PRESETS = TextReader("/flow/preset")
_MAX_PRESETS = 100_000
_MAX_NOTICES = 60  # kept to be read again


@dataclass
class Mirror(SketchMirror, LibraryMirror):
    """The server's state, as far as its messages have said it.

    Attributes:
        welcome: None until the server has answered.
        names, macro_names: By index.
        macros: Positions of the dials, `(M,)`.
        known: The vocabulary, by index.
        gathered, said: Sounds on both sides of a new macro; what was made of the last sentence.
        latent: The point, `(D,)`.
        place: On the preset map; None if it is not known.
        revision: Grows with each frame, and with gestures.
        presets: By index.
        kinds: Of the presets that the model brings, by index; the player's own have none.
        presets_revision: Grows with each preset.
        preset_patch: Name and patch `(P,)` of the preset that was asked for last.
        models: Name by index.
        playing: Name of the model that plays.
        clients: Kind and name of each connected client, by index.
        instruments: Those of the server, by index.
        bindings: Controls that move macros, by their index in the server's list.
        learning: The macro that waits for a control, -1 for none, and of which instrument; see
            `/flow/learning`.
        learning_command: The command that waits for a control; empty for none.
        heard: Controls that are heard meanwhile, the likeliest first, by index.
        commands: Controls that give commands or load presets, by index.
        frozen: Macros that keep their position.
        path_points: Length of the path.
        path_places: Where its points are on the map, by number.
        path_space: 0 travels in sound, 1 in parameters.
        curves: Of the macro asked for last.
        sound: How the built-in instrument is.
        stream: Where it is heard; None until the panel has asked.
        unable: Why the server cannot do something, by what: `learn`, or `record`.
        notices: Newest last.
    """

    welcome: Welcome | None = None
    names: dict[int, str] = field(default_factory=dict)
    macro_names: dict[int, str] = field(default_factory=dict)
    macros: tuple[float, ...] = ()
    known: dict[int, KnownMacro] = field(default_factory=dict)
    gathered: tuple[int, int] = 0, 0
    said: Said | None = None
    latent: tuple[float, ...] = ()
    place: tuple[float, float] | None = None
    presets: dict[int, PresetItem] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    presets_revision: int = 0
    preset_patch: tuple[str, np.ndarray] | None = None
    models: dict[int, str] = field(default_factory=dict)
    playing: str = ""
    clients: dict[int, tuple[str, str]] = field(default_factory=dict)
    instruments: dict[int, Instrument] = field(default_factory=dict)
    bindings: dict[int, Binding] = field(default_factory=dict)
    learning: tuple[int, str] = -1, ""
    learning_command: str = ""
    heard: dict[int, Heard] = field(default_factory=dict)
    commands: dict[int, CommandBinding] = field(default_factory=dict)
    frozen: set[int] = field(default_factory=set)
    path_points: int = 0
    path_places: dict[int, tuple[float, float]] = field(default_factory=dict)
    path_space: int = 0
    curves: list[Curve] = field(default_factory=list)
    health: Health = Health()
    sound: Sound = Sound()
    stream: Stream | None = None
    unable: dict[str, str] = field(default_factory=dict)
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=_MAX_NOTICES))
    _serial: int = 0
    _sequence: int | None = None
    _frame: bytes = b""  # values only: hundreds come in a second, and few are looked at

    @property
    def patch(self) -> np.ndarray:
        """The newest frame, float32 `(P,)`."""
        return np.frombuffer(self._frame, ">f4").astype(np.float32)

    @property
    def focus(self) -> str:
        """Identity of the instrument that has the focus; empty if that is not known, or it has none."""
        return next((one.identity for one in self.instruments.values() if one.has_focus), "")

    @property
    def lacks_presets(self) -> bool:
        """Whether an item of the list was lost on the way."""
        return len(self.presets) < max(self.presets, default=-1) + 1

    def receive(self, datagram: bytes) -> Topic | None:
        """Update the state from a message of the server.

        Returns:
            What the message was about; None for one that changes nothing.
        """
        if datagram.startswith(_FRAMES.start):
            return self._receive_frame(datagram)
        if datagram.startswith(_MACROS.start):
            return self._receive_macros(datagram)
        if datagram.startswith(_PRESETS.start):  # ten thousand in a second
            return self._receive_preset(datagram)
        try:
            address, values = read_message(datagram)
        except BridgeError:
            return None
        if address not in TO_CLIENTS:
            return None
        try:
            return self._receive_message(address, values)
        except (ValueError, TypeError, IndexError):  # a server of another version: the rest still works
            return None

    def add_notice(self, text: str, *, wrong: bool = False, address: str = "") -> Topic:
        """Add a line for players; see `Notice`."""
        self._serial += 1
        self.notices.append(Notice(self._serial, wrong, text, monotonic(), address))
        return "notices"

    def forget_run(self) -> None:
        """Drop what belonged to a server that has restarted and may not be said again."""
        self.learning, self.bindings, self.following = (-1, ""), {}, False
        self.gestures = ReceivedGestures()
        self.learning_command, self.heard, self.commands = "", {}, {}
        self.sound, self.stream, self.unable = Sound(), None, {}

    def forget_model(self) -> None:
        """Drop what belonged to the last model; its names and presets come again."""
        self.names, self.macro_names, self.presets, self.curves = {}, {}, {}, []
        self.known, self.gathered, self.said, self.kinds = {}, (0, 0), None, {}
        self.frozen, self.place = set(), None
        self.path_points, self.path_space, self.path_places = 0, 0, {}
        self.candidates, self.pitch = {}, None
        self.gestures = ReceivedGestures()
        self.presets_revision += 1

    def _receive_frame(self, datagram: bytes) -> Topic | None:
        found = _FRAMES.split(datagram)
        if found is None:
            return None
        (sequence,), values = found
        if self._sequence is not None and 0 <= self._sequence - sequence < 1000:
            return None  # came late
        self._sequence = int(sequence)
        self._frame = values
        self.revision += 1
        return "params"

    def _receive_macros(self, datagram: bytes) -> Topic | None:
        macros = _MACROS.read(datagram)
        if macros is None:
            return None
        self.macros = macros
        return "macros"

    def _receive_preset(self, datagram: bytes) -> Topic | None:
        found = _PRESETS.read(datagram)
        if found is None:
            return None
        (k,), name, (x, y) = found
        if k >= _MAX_PRESETS:
            return None
        self.presets[int(k)] = PresetItem(name, x, y)
        self.presets_revision += 1
        return "presets"

    def _receive_message(self, address: str, values: list[Value]) -> Topic | None:
        match address.removeprefix("/flow/"):
            case "welcome":
                self.welcome = Welcome(*values)  # type: ignore[arg-type]
                self._sequence = None
                return "welcome"
            case "pong":
                return "pong"
            case "latent":
                self.latent = tuple(float(v) for v in values)
                return "latent"
            case "place":
                self.place = float(values[0]), float(values[1])
                return "place"
            case "frozen":
                k, on = values
                self.frozen = self.frozen | {int(k)} if on else self.frozen - {int(k)}
                return "frozen"
            case "path":
                self.path_points, self.path_space = (int(value) for value in values)
                self.path_places = {k: at for k, at in self.path_places.items() if k < self.path_points}
                return "path"
            case "path/point":
                k, x, y = values
                self.path_places[int(k)] = float(x), float(y)
                return "path"
            case "own":
                self.gathered = int(values[0]), int(values[1])
                return "own"
            case "said":
                self.said = Said(*(str(value) for value in values))
                return "said"
            case "health":
                p50_ms, p99_ms, *counts = values
                self.health = Health(float(p50_ms), float(p99_ms), *(int(n) for n in counts))
                return "health"
            case "sound":
                self.sound = Sound(*values)  # type: ignore[arg-type]  # checked by the table
                return "sound"
            case "sound/stream":
                self.stream = Stream(*values)  # type: ignore[arg-type]  # checked by the table
                return "stream"
            case "can":
                what, can, text = str(values[0]), bool(values[1]), str(values[2])
                self.unable = {key: why for key, why in self.unable.items() if key != what}
                if not can:
                    self.unable[what] = text[:1].upper() + text[1:]
                if what == "record" and not can:
                    self.microphones = {}
                return "can"
            case "status" if str(values[0]).lower() == self.unable.get("record", "-").lower():
                return None  # it stands beside the button that records
            case "status":
                return self.add_notice(str(values[0]))
            case "error" if values[0] == "/flow/sketch/take":
                return None  # the panel asked by itself: there is no sound, and no player misses it
            case "error":
                return self.add_notice(str(values[1]), wrong=True, address=str(values[0]))
            case "learning":
                self.learning = int(values[0]), str(values[1])
                self.learning_command = str(values[2]) if len(values) > 2 else ""
                return "learning"
            case "pitch":
                self.pitch = int(values[0]), float(values[1])
                return "sketch"
            case part if part.startswith("sketch/"):
                return self.receive_sketch(part, values)
            case part if part.startswith("library/"):
                return self.receive_library(part, values)
            case item:
                return self._receive_item(item, values)

    def _receive_item(self, address: str, values: list[Value]) -> Topic | None:
        """Update one item of a list."""
        match address:
            case "name":
                self.names[int(values[0])] = str(values[1])
                return "names"
            case "macroname":
                self.macro_names[int(values[0])] = str(values[1])
                return "names"
            case "preset/count":  # one has gone: the others have other indices, and are asked for
                self.presets, self.kinds = {}, {}
                self.presets_revision += 1
                return "presets_gone"
            case "kind":
                first, last = int(values[1]), int(values[1]) + min(int(values[2]), _MAX_PRESETS)
                self.kinds |= dict.fromkeys(range(first, last), str(values[0]).title())
                self.presets_revision += 1
                return "presets"
            case "macro/known":
                j, n, name, dial, models_name = values
                self.known = {i: macro for i, macro in self.known.items() if i < int(n)}
                self.known[int(j)] = KnownMacro(str(name), int(dial), models_name == "")
                return "vocabulary"
            case "preset/patch":
                self.preset_patch = str(values[0]), np.array(values[1:], np.float32)
                return "preset_patch"
            case "model":
                k, name, playing = values
                self.models[int(k)] = str(name)
                self.playing = str(name) if playing else self.playing
                return "models"
            case "client":
                k, n, kind, name = values
                self.clients = {j: c for j, c in self.clients.items() if j < int(n)}
                self.clients[int(k)] = str(kind), str(name)
                return "clients"
            case "instrument":
                k, n, identity, name, alive, focus, link = values
                self.instruments = {j: i for j, i in self.instruments.items() if j < int(n)}
                one = Instrument(str(identity), str(name), bool(alive), bool(focus), str(link))
                self.instruments[int(k)] = one
                return "instruments"
            case "bindings":  # how many there are
                self.bindings = {j: b for j, b in self.bindings.items() if j < int(values[0])}
                return "bindings"
            case "binding":
                j, k, control, takeover, control_value, engaged, instrument = values
                at, to = round(float(control_value), 3), str(instrument)
                self.bindings[int(j)] = Binding(int(k), str(control), str(takeover), at, bool(engaged), to)
                return "binding"
            case "heard":
                j, n, control, kind, travel = values
                self.heard = {i: one for i, one in self.heard.items() if i < int(n)}
                if n:
                    self.heard[int(j)] = Heard(str(control), str(kind), float(travel))
                return "heard"
            case "commands":  # how many there are
                self.commands = {j: one for j, one in self.commands.items() if j < int(values[0])}
                return "commands"
            case "command":
                self.commands[int(values[0])] = CommandBinding(*(str(value) for value in values[1:]))
                return "commands"
            case "curve":
                self.curves.append(Curve(str(values[0]), str(values[1]), tuple(float(v) for v in values[2:])))
                return "curves"
        return None
