"""The state of an instrument: one point, its patch, and what moves it. No socket, no clock."""

import secrets
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from core.errors import ProtocolError
from core.playing.gestures import Gestures
from models.folder import ModelFolder
from models.macros import Macro
from models.steering.point import Point
from server.instrument.answer_gestures import AnswerGestures
from server.instrument.entangled import entangled
from server.instrument.loaded_model import LoadedModel
from server.instrument.own_macro import Handfuls
from server.instrument.preset_map import PresetMap, Visit
from server.instrument.sound_path import SoundPath
from server.osc.builder import FrameBuilder, osc_message
from server.osc.hot_reader import ControlMessage

__all__ = ["Instrument"]

_SEQUENCE_END = 2**31


class Instrument:
    """Latent in, frame out.

    The point is kept in float64, so that hours of turning do not let it drift; backends see
    float32. A frozen macro keeps its *place* along its direction, also where its dial is at an end.

    Args:
        loaded: What plays.
        preset_map: Its presets.
        seed: For variations; the same seed and messages give the same sounds. None: any.

    Attributes:
        entangled: Macros that move others along when they are turned.
    """

    def __init__(self, loaded: LoadedModel, preset_map: PresetMap, seed: int | None = None) -> None:
        self._rng = np.random.default_rng(secrets.randbits(64) if seed is None else seed)
        self.sequence = 0
        self.path = SoundPath()
        self.frozen: set[int] = set()
        self.gestures = AnswerGestures()
        self.handfuls = Handfuls()
        self._exact: np.ndarray | None = None  # the patch that was given, where one was
        self._visited: Visit | None = None  # the place of the map that was gone to last
        self._preset = ""  # the one that was loaded last
        self._moved = False
        self.controls: dict[str, Callable[..., None]] = {
            "/flow/macro": self._turn,
            "/flow/macros": self._turn_all,
            "/flow/latent": self._go_to_latent,
            "/flow/patch": self._go_to_patch,
            "/flow/place": self.go_to_place,
            "/flow/path/play": self.play_path,
        }
        self._install(loaded, preset_map)
        self._rest()
        self.patch = self._decoded()

    def _install(self, loaded: LoadedModel, preset_map: PresetMap) -> None:
        self.loaded = loaded
        self.preset_map = preset_map
        macros = loaded.model.macros
        self._macros = tuple(macros)
        self.entangled = entangled(macros)
        self._decode = loaded.backend.decode
        self._frames = FrameBuilder(loaded.sizes.n_parameters)
        self._visited = None
        # The flow makes free values where the model has a chart, and is not asked otherwise.
        self._good = Point(loaded.model.macros.flow, macros.resting.astype(np.float64))

    def at_rest(self) -> "Instrument":
        """Return another instrument of the same model, at the model's resting point."""
        return Instrument(self.loaded, self.preset_map)

    def copy(self) -> "Instrument":
        """Return another instrument with the same point, frozen macros and path."""
        other = self.at_rest()
        other.become(self)
        return other

    def become(self, other: "Instrument") -> None:
        """Set the model, the point, the frozen macros and the path to those of another instrument."""
        if self.loaded is not other.loaded:
            self._install(other.loaded, other.preset_map)
            self.handfuls = Handfuls()
        self.path = other.path.copy()
        self.frozen = set(other.frozen)
        self.gestures.become(other.gestures)
        self._go_to(other._point, other._exact)
        self._visited = other._visited
        self.patch = other.patch

    @property
    def model(self) -> ModelFolder:
        """The loaded model."""
        return self.loaded.model

    # -- where it stands

    @property
    def moved(self) -> bool:
        """Whether the point has moved since the last frame."""
        return self._moved

    @property
    def latent(self) -> np.ndarray:
        """The point, float64 `(D,)`."""
        return self._point.latent

    @property
    def dials(self) -> np.ndarray:
        """Positions of the macros, `(M,)`, each within 0 to 1."""
        return self.model.macros.positions_of(self._point)

    def current_patch(self) -> np.ndarray:
        """The patch `(P,)` of the point, decoded if it has moved.

        Raises:
            ProtocolError: The point cannot be decoded; `restore_last_good` takes the last good one again.
        """
        if self._moved:
            self.patch = self._decoded()
        return self.patch

    def _decoded(self) -> np.ndarray:
        point = self._point
        if self._exact is not None:
            patch = self._exact
        elif point.is_free:  # a dial of the chart was turned, and the patch is known without the flow
            patch = self.model.flow.patch_of(point.free)
        else:
            patch = self._decode(point.latent)
        # Backends stay within 0 to 1; NaN compares as false, and one makes a whole product NaN.
        if not (0.0 <= float(patch.dot(patch)) <= len(patch) and point.is_finite):
            raise ProtocolError("no patch belongs to that point; choose one nearer to 0.")
        self._good = point  # a point is replaced, never written into
        self._moved = False
        return patch

    def restore_last_good(self) -> None:
        """Return to the last good point."""
        self._point, self._exact = self._good, self.patch
        self._moved = False

    def frame(self) -> bytes:
        """Return the next frame, with the current patch.

        Raises:
            ProtocolError: As `current_patch`.
        """
        patch = self.current_patch()
        self.sequence = (self.sequence + 1) % _SEQUENCE_END
        return self._frames.build(self.sequence, patch)

    def last_frame(self) -> bytes:
        """Return the latest frame again, for a client that has just registered."""
        return self._frames.build(self.sequence, self.patch)

    def count_on_from(self, sequence: int) -> None:
        """Number its frames from here on as newer than another instrument's, which a client has played."""
        self.sequence = (max(self.sequence, sequence) + 1) % _SEQUENCE_END

    @property
    def place(self) -> tuple[float, float]:
        """Where the point is on the preset map: exact if a client went there by place, else estimated."""
        return self.preset_map.place_of(self.latent, self._visited)

    def knobs(self) -> list[bytes]:
        """Return `/flow/macros`, `/flow/latent` and `/flow/place` of the current point."""
        return [osc_message("/flow/macros", self.dials), *self.latent_messages()]

    def latent_messages(self) -> list[bytes]:
        """Return `/flow/latent` and `/flow/place` of the current point."""
        return [osc_message("/flow/latent", self.latent), osc_message("/flow/place", *self.place)]

    # -- what moves it

    def apply(self, control: ControlMessage) -> None:
        """Apply a checked control value."""
        self.controls[control.address](*control.values)

    def can_play(self, address: str) -> bool:
        """Whether a control has what it needs: the map its presets, the path two points."""
        if address == "/flow/place":
            return len(self.preset_map) > 0
        return address != "/flow/path/play" or len(self.path) > 1

    def check(self, address: str) -> None:
        """Check that a control has what it needs.

        Raises:
            ProtocolError: The path has fewer than two points, or the map no presets.
        """
        if address == "/flow/path/play":
            self.path.at(0.0)
        elif address == "/flow/place":
            self.preset_map.at(0.0, 0.0)

    def _turn_all(self, *values: float) -> None:
        shown = self.dials
        for k, value in enumerate(values):
            if abs(value - shown[k]) > 1e-6:
                self._turn(k, value)

    def _go_to_latent(self, *latent: float) -> None:
        self._go(np.array(latent))

    def _go_to_patch(self, *values: float) -> None:
        patch = np.array(values, np.float32)
        self._go(self.model.flow.invert(patch), patch)

    def _turn(self, k: int, value: float) -> None:
        turned = self._macros[k].turned(self._point, value)
        self._go_to(self._holding(turned, self.frozen - {k}) if k in self.entangled else turned)

    def _go(self, latent: np.ndarray, patch: np.ndarray | None = None) -> None:
        self._go_to(self._good.at_latent(latent.astype(np.float64)), patch)

    def _go_to(self, point: Point, patch: np.ndarray | None = None) -> None:
        self._point = point
        self._exact = patch
        self._moved = True

    def _go_frozen(self, latent: np.ndarray, patch: np.ndarray | None = None) -> None:
        """Go to a point, while frozen macros stay where they are."""
        if not self.frozen:
            self._go(latent, patch)
            return
        self._go_to(self._holding(self._good.at_latent(latent.astype(np.float64)), self.frozen))

    def _holding(self, there: Point, held: Iterable[int]) -> Point:
        """Return another point with some macros where they are at the present one."""
        for k in sorted(held):
            there = self._macros[k].turned(there, self._macros[k].position_of(self._point))
        return there

    def vary(self, amount: float) -> None:
        """Draw a point nearby, as loud: Gaussian, `amount` standard deviations in each dimension."""
        step = self._rng.standard_normal(self.latent.shape)
        if self.model.flow.has_level:
            step[-1] = 0.0
        self._go_frozen(self.latent + amount * step)

    def load_preset(self, name: str) -> None:
        """Go to a preset.

        Raises:
            ProtocolError: There is none of that name.
        """
        point = self.preset_map.find(name)
        self.gestures.set(point.gestures)
        self._preset = name
        self._go_frozen(point.latent.astype(np.float64), point.patch)
        if not self.frozen:  # else it is not the preset, but near it
            self._visited = (point.x, point.y), self.latent

    def preset_at(self, by: int) -> str:
        """Return the name of the preset so many after the one that was loaded last, or that is the nearest.

        Raises:
            ProtocolError: There are no presets.
        """
        names = self.preset_map.names
        if not names:
            raise ProtocolError("there are no presets; save one first.")
        name = self._preset if self._preset in names else self.preset_map.nearest(self.latent)
        return names[(names.index(name) + by) % len(names)]

    def go_back(self, latent: Sequence[float]) -> None:
        """Go to a point where it was before; frozen macros stay where they are."""
        self._go_frozen(np.array(latent))

    def go_to_answer(self, patch: np.ndarray, gestures: Gestures | None = None) -> None:
        """Go to a patch `(P,)` that answers a sketch, and play the gestures of this answer."""
        self.gestures.set(gestures)
        self._go_frozen(self.model.flow.invert(patch).astype(np.float64), patch)

    def go_to_place(self, x: float, y: float) -> None:
        """Go to a place of the map of presets.

        Raises:
            ProtocolError: There are no presets.
        """
        self.gestures.set(None)  # as a preset's, which is what lies there
        self._go_frozen(self.preset_map.at(x, y))
        self._visited = (x, y), self.latent

    def play_path(self, position: float) -> None:
        """Go to a place along the path.

        Raises:
            ProtocolError: The path has fewer than two points.
        """
        place = self.path.at(position)
        if self.path.in_parameters:
            patch = np.clip(place, 0.0, 1.0).astype(np.float32)
            self._go_frozen(self.model.flow.invert(patch).astype(np.float64), patch)
        else:
            self._go_frozen(place)

    def turn_macros(self, turns: Iterable[tuple[Macro, float]]) -> None:
        """Turn macros, which need not be on dials, to positions; frozen ones stay where they are."""
        point = self._point
        for macro, position in turns:
            point = macro.turned(point, position)
        self._go_to(self._holding(point, self.frozen))

    def use_macros(self, loaded: LoadedModel, came_from: Sequence[int]) -> None:
        """Have other macros of the same model on the dials; the point stays, and so do those that are held.

        Args:
            loaded: The model with those macros.
            came_from: For each dial, on which one its macro was before; -1 for none.
        """
        self.loaded, self._macros = loaded, tuple(loaded.model.macros)
        self.entangled = entangled(loaded.model.macros)
        self.frozen = {k for k, before in enumerate(came_from) if before in self.frozen}

    def adopt(self, loaded: LoadedModel, preset_map: PresetMap) -> None:
        """Change to another model: the sound stays if it has the same parameters over the same base patch.

        Frozen macros, the path and other points belong to the old one and are forgotten; the path stays if a
        model is only replaced by another version of it.
        """
        space, before = loaded.model.space, self.model.space
        same = (space.names, space.base) == (before.names, before.base)
        is_version = loaded.model.name == self.model.name and loaded.model is not self.model
        patch = self.patch
        self._install(loaded, preset_map)
        self.frozen.clear()
        kept = self.path if same and is_version else SoundPath()
        self.path = kept.moved(loaded.model.flow.invert, self.preset_map.place_of)
        self.handfuls = Handfuls()
        if same:
            self._go(self.model.flow.invert(patch), patch)
        else:
            self.gestures.set(None)
            self._rest()

    def _rest(self) -> None:
        """Go to where the model rests; somebody's own preset is played exactly as it is."""
        space = self.model.space
        self._go(self.model.macros.resting, None if space.base is None else space.neutral)
