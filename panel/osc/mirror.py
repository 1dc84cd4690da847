"""What the server last said, as the panel shows it. No socket."""

import struct
from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

import numpy as np

from core.errors import BridgeError
from server.osc.addresses import TO_CLIENTS, Value
from server.osc.parser import read_message

__all__ = ["Binding", "Candidate", "Curve", "Health", "Mirror", "PresetItem", "Notice", "Topic", "Welcome"]

Topic = Literal[
    "welcome",
    "pong",
    "params",
    "macros",
    "latent",
    "place",
    "names",
    "presets",
    "preset",
    "models",
    "clients",
    "frozen",
    "path",
    "notices",
    "curves",
    "health",
    "sketch",
    "lent",
    "bound",
    "bindings",
]
_FRAME = b"/flow/params\0"
_MACROS = b"/flow/macros\0\0\0\0,f"
_PRESET = b"/flow/preset\0\0\0\0,isff\0\0\0"
_MOST_PRESETS = 100_000
_MAX_NOTICES = 60  # kept to be read again


@dataclass(frozen=True)
class Welcome:
    """Who the server is; see `/flow/welcome`."""

    nonce: int
    run: int
    protocol: int
    version: str
    model: str
    synth: str
    n_macros: int
    n_latent: int
    n_parameters: int
    sketches: str


@dataclass(frozen=True)
class PresetItem:
    """One preset and where it is on the map."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Curve:
    """What a macro does to one parameter or descriptor, at 50 places of the dial."""

    kind: str
    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Candidate:
    """One answer to a sketch."""

    closeness: float
    label: str


@dataclass(frozen=True)
class Binding:
    """A control that moves a macro; see `/flow/binding`."""

    macro: int
    control: str
    takeover: str
    where: float
    holds: bool


@dataclass(frozen=True)
class Health:
    """See `/flow/health`."""

    p50_ms: float = 0.0
    p99_ms: float = 0.0
    n_received: int = 0
    n_coalesced: int = 0
    n_refused: int = 0


@dataclass(frozen=True)
class Notice:
    """A status or an error, numbered as it came; the panel's clock says when."""

    serial: int
    wrong: bool
    text: str
    at: float = 0.0


@dataclass
class Mirror:
    """The server's state, as far as it was told.

    Attributes:
        welcome: None until the server has answered.
        names, macro_names: By index.
        macros: Dials `(M,)`.
        latent: `(D,)`.
        place: On the map; None if it is not known.
        revision: Grows with each frame.
        presets: By index.
        preset_patch: Name and patch `(P,)` of the preset that was asked for last.
        models: Name by index.
        playing: Name of the model that plays.
        clients: Kind and name of who listens, by index.
        bindings: Controls that move macros, by their number in the server's list.
        frozen: Macros that keep their place.
        path_points: Length of the path.
        curves: Of the macro asked for last.
        notices: Newest last.
        sketch_state, sketch_progress, candidates, pitch: See `/flow/sketch/...`.
        exported_take: Name of the file that holds the sketch's sound for a moment.
    """

    welcome: Welcome | None = None
    names: dict[int, str] = field(default_factory=dict)
    macro_names: dict[int, str] = field(default_factory=dict)
    macros: tuple[float, ...] = ()
    latent: tuple[float, ...] = ()
    place: tuple[float, float] | None = None
    revision: int = 0
    presets: dict[int, PresetItem] = field(default_factory=dict)
    presets_revision: int = 0
    preset_patch: tuple[str, np.ndarray] | None = None
    models: dict[int, str] = field(default_factory=dict)
    playing: str = ""
    clients: dict[int, tuple[str, str]] = field(default_factory=dict)
    bindings: dict[int, Binding] = field(default_factory=dict)
    frozen: set[int] = field(default_factory=set)
    path_points: int = 0
    curves: list[Curve] = field(default_factory=list)
    health: Health = Health()
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=_MAX_NOTICES))
    sketch_state: str = "idle"
    sketch_progress: float = 0.0
    candidates: dict[int, Candidate] = field(default_factory=dict)
    pitch: tuple[int, float] | None = None
    exported_take: str = ""
    _serial: int = 0
    _sequence: int | None = None
    _frame: bytes = b""  # the values alone: hundreds come in a second, and few are looked at

    @property
    def patch(self) -> np.ndarray:
        """The newest frame, float32 `(P,)`."""
        return np.frombuffer(self._frame, ">f4").astype(np.float32)

    def receive(self, datagram: bytes) -> Topic | None:
        """Take in what the server sent; what it was about, or None for what is not for us."""
        if datagram.startswith(_FRAME):
            return self._receive_frame(datagram)
        if datagram.startswith(_MACROS):
            return self._receive_macros(datagram)
        if datagram.startswith(_PRESET):  # ten thousand in a second
            return self._receive_preset(datagram)
        try:
            address, values = read_message(datagram)
        except BridgeError:
            return None
        if address not in TO_CLIENTS:
            return None
        try:
            return self._message(address, values)
        except (ValueError, TypeError, IndexError):  # a server of another version: what we know still works
            return None

    def add_notice(self, text: str, *, wrong: bool = False) -> Topic:
        """Add a line of the panel's own."""
        self._serial += 1
        self.notices.append(Notice(self._serial, wrong, text, monotonic()))
        return "notices"

    def forget_model(self) -> None:
        """Drop what belonged to the last model; its names and presets come again."""
        self.names, self.macro_names, self.presets, self.curves = {}, {}, {}, []
        self.frozen, self.path_points, self.place = set(), 0, None
        self.candidates, self.pitch = {}, None
        self.presets_revision += 1

    def _receive_frame(self, datagram: bytes) -> Topic | None:
        n = datagram.find(b"\0", 16) - 18  # `,i` from byte 16 on, and then an f for each
        values_from = len(datagram) - 4 * n
        if n < 0 or values_from < 24 or datagram[16:18] != b",i":
            return None
        sequence = struct.unpack_from(">i", datagram, values_from - 4)[0]
        if self._sequence is not None and 0 <= self._sequence - sequence < 1000:
            return None  # came late
        self._sequence = sequence
        self._frame = datagram[values_from:]
        self.revision += 1
        return "params"

    def _receive_macros(self, datagram: bytes) -> Topic | None:
        n = datagram.find(b"\0", 16) - 17
        if n < 1 or len(datagram) != 16 + 4 * (1 + (n + 1) // 4) + 4 * n:
            return None
        self.macros = struct.unpack_from(f">{n}f", datagram, len(datagram) - 4 * n)
        return "macros"

    def _receive_preset(self, datagram: bytes) -> Topic | None:
        at = len(_PRESET)
        if len(datagram) < at + 4 + 4 + 8 or (end := datagram.find(b"\0", at + 4, -8)) < 0:
            return None
        (k,) = struct.unpack_from(">i", datagram, at)
        x, y = struct.unpack_from(">ff", datagram, len(datagram) - 8)
        name = datagram[at + 4 : end].decode("utf-8", "replace")
        if not (0 <= k < _MOST_PRESETS and 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            return None
        self.presets[k] = PresetItem(name, x, y)
        self.presets_revision += 1
        return "presets"

    @property
    def lacks_presets(self) -> bool:
        """Whether an item of the list was lost on the way."""
        return len(self.presets) < max(self.presets, default=-1) + 1

    def _message(self, address: str, values: list[Value]) -> Topic | None:
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
                x, y = values
                self.place = float(x), float(y)
                return "place"
            case "name":
                self.names[int(values[0])] = str(values[1])
                return "names"
            case "macroname":
                self.macro_names[int(values[0])] = str(values[1])
                return "names"
            case "preset/patch":
                self.preset_patch = str(values[0]), np.array(values[1:], np.float32)
                return "preset"
            case "model":
                k, name, playing = values
                self.models[int(k)] = str(name)
                if playing:
                    self.playing = str(name)
                return "models"
            case "client":
                k, n, kind, name = values
                self.clients = {j: c for j, c in self.clients.items() if j < int(n)}
                self.clients[int(k)] = str(kind), str(name)
                return "clients"
            case "bindings":
                self.bindings = {j: b for j, b in self.bindings.items() if j < int(values[0])}
                return "bound"
            case "binding":
                j, k, control, takeover, where, holds = values
                self.bindings[int(j)] = Binding(
                    int(k), str(control), str(takeover), round(float(where), 3), bool(holds)
                )
                return "bindings"
            case "curve":
                self.curves.append(Curve(str(values[0]), str(values[1]), tuple(float(v) for v in values[2:])))
                return "curves"
            case "health":
                a, b, *counts = values
                self.health = Health(float(a), float(b), *(int(n) for n in counts))
                return "health"
            case "status":
                return self.add_notice(str(values[0]))
            case "frozen":
                k, on = values
                self.frozen = self.frozen | {int(k)} if on else self.frozen - {int(k)}
                return "frozen"
            case "path":
                self.path_points = int(values[0])
                return "path"
            case "error" if values[0] == "/flow/sketch/take":
                return None  # nobody asked but the panel itself: then there is nothing to hear
            case "error":
                return self.add_notice(str(values[1]), wrong=True)
            case "sketch/state":
                state = str(values[0])
                if state != self.sketch_state and state in ("recording", "hearing"):
                    self.candidates, self.pitch = {}, None  # a new take begins
                self.sketch_state, self.sketch_progress = state, float(values[1])
                return "sketch"
            case "sketch/take":
                self.exported_take = str(values[0])
                return "lent"
            case "sketch/candidate":
                k, closeness, label = values
                self.candidates[int(k)] = Candidate(float(closeness), str(label))
                return "sketch"
            case "pitch":
                self.pitch = int(values[0]), float(values[1])
                return "sketch"
        return None
