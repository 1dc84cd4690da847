"""The presets that the loaded model can play, and the map they lie on: its own, and the player's on top."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from time import monotonic
from unicodedata import normalize

import numpy as np

from core.errors import ProtocolError
from core.nearest import did_you_mean
from core.playing.gestures import Gestures
from server.instrument.blend import blend
from server.instrument.loaded_model import LoadedModel
from server.instrument.preset_file import Preset
from server.osc.builder import osc_message

__all__ = ["Point", "PresetMap", "Visit"]

_HINT_EVERY_S = 0.05  # seconds between two searches for a name that was probably meant
_SAME = 2e-3  # a saved latent still decodes to its patch this closely, or the model has changed


Visit = tuple[tuple[float, float], np.ndarray]  # a place somebody went to, and the latent (D,) found there


@dataclass(frozen=True, kw_only=True)
class Point:
    """A named place: latent `(D,)`, patch `(P,)`, where it is on the map, 0 to 1, and its gestures."""

    name: str
    latent: np.ndarray
    patch: np.ndarray
    x: float
    y: float
    gestures: Gestures | None = None


class PresetMap:
    """Presets by name; one that was saved hides one of the map with the same name.

    Args:
        loaded: What plays.
        saved: The player's presets; those of another space are left out.
    """

    def __init__(self, loaded: LoadedModel, saved: Iterable[Preset]) -> None:
        self._loaded = loaded
        presets = loaded.model.presets
        self._models: dict[str, Point] = {}
        for k, name in enumerate(presets.names):
            x, y = presets.places[k]
            self._models.setdefault(
                name,
                Point(
                    name=name,
                    latent=presets.latents[k],
                    patch=presets.patches[k],
                    x=float(x),
                    y=float(y),
                ),
            )
        self._points = dict(self._models)
        self._made_of: dict[str, Preset] = {}  # the player's, by name
        self._unsaved: dict[str, Point] = {}
        self._hinted_at = -_HINT_EVERY_S
        self._set(self._places_of(saved))
        self._survey()

    def __len__(self) -> int:
        """Count the presets."""
        return len(self._points)

    def __contains__(self, name: object) -> bool:
        """Whether the player saved a preset of that name."""
        return name in self._made_of

    def find(self, name: str) -> Point:
        """Return the preset of that name.

        Raises:
            ProtocolError: There is none.
        """
        for key in (name, normalize("NFC", name)):
            point = self._unsaved.get(key) or self._points.get(key)
            if point is not None:
                return point
        raise ProtocolError(f"there is no preset '{name}'; {self._hint(name)}")

    def nearest(self, latent: np.ndarray) -> str:
        """Return the name of the preset whose latent is the nearest to a latent `(D,)`; there are presets."""
        distances = np.linalg.norm(self._latents[: len(self._points)] - latent, axis=1)
        return self.names[int(distances.argmin())]

    def alike(self, patches: Iterable[np.ndarray]) -> list[str]:
        """Return for each patch `(P,)` the preset it is most like; each is named once, then it is empty."""
        points = list(self._points.values())
        known = np.array([point.patch for point in points])
        free = np.ones(len(points), bool)
        names = []
        for patch in patches:
            if not free.any():
                names.append("")
                continue
            distances = np.linalg.norm(known - patch, axis=1)
            k = int(np.where(free, distances, np.inf).argmin())
            free[k] = False
            names.append(points[k].name)
        return names

    def _hint(self, name: str) -> str:
        if not self._points:
            return "save one first."
        if monotonic() - self._hinted_at < _HINT_EVERY_S:  # a datagram may ask for 150 of them
            return "/flow/presets lists what there is."
        hint = did_you_mean(name, self._points)
        self._hinted_at = monotonic()
        return hint

    # -- what the player saves

    def hold(self, preset: Preset) -> None:
        """Let a preset be found that is about to be saved; it is not listed yet."""
        self._unsaved.update({one.name: point for one, point in self._places_of([preset])})

    def release(self, name: str) -> None:
        """Note that a preset that was held is saved: what `become` brings is found from now on."""
        self._unsaved.pop(name, None)

    def become(self, saved: Mapping[str, Preset]) -> bool:
        """Have exactly these presets of the player; return whether one is gone, so that indices changed."""
        changed = [preset for name, preset in saved.items() if self._made_of.get(name) is not preset]
        placed = self._places_of(changed)
        unplaced = {preset.name for preset in changed} - {preset.name for preset, _ in placed}
        gone = [name for name in self._made_of if name not in saved or name in unplaced]
        for name in gone:
            del self._made_of[name], self._points[name]
        self._set(placed)
        if gone:  # the model's own come first, as at the start, and one that was hidden is back
            self._points = {**self._models, **self._points}
            self._survey()
        else:
            self._add([point for _, point in placed])
        return bool(gone)

    def _set(self, placed: "list[tuple[Preset, Point]]") -> None:
        for preset, point in placed:
            self._points[preset.name] = point
            self._made_of[preset.name] = preset

    # -- the map

    def at(self, x: float, y: float) -> np.ndarray:
        """Return the latent `(D,)` at a place of the map: a preset's own where one lies, else a blend.

        Raises:
            ProtocolError: There are no presets.
        """
        if not self._points:
            raise ProtocolError("there are no presets, so there is no map; save one first.")
        n = len(self._points)
        return blend(np.array((x, y)), self._places[:n], self._latents[:n])

    def place_of(self, latent: np.ndarray, visited: Visit | None = None) -> tuple[float, float]:
        """Estimate where on the map a latent `(D,)` lies: the same blend the other way round.

        The middle, where there is nothing to go by.

        Args:
            latent: `(D,)`.
            visited: Counts as one more preset, so that turning a macro leads on from there.
        """
        n = len(self._points)
        if visited is not None:
            self._places[n], self._latents[n] = visited
            n += 1
        if not n:
            return 0.5, 0.5
        x, y = np.clip(blend(latent, self._latents[:n], self._places[:n]), 0.0, 1.0)
        return float(x), float(y)

    def _survey(self) -> None:
        """Lay out places `(N + 1, 2)` and latents `(N + 1, D)`; the last row is for a place visited last."""
        self._index: dict[str, int] = {}
        self._places = np.zeros((1, 2), order="F")  # a column in one piece: twice as fast
        self._latents = np.zeros((1, self._loaded.sizes.n_latent))
        self._add(list(self._points.values()))

    def _add(self, points: list[Point]) -> None:
        """Lay out points that are new or lie elsewhere now."""
        n = len(self._index)
        self._index.update(
            {p.name: k for k, p in enumerate((p for p in points if p.name not in self._index), n)}
        )
        more = len(self._index) - n
        if more:
            self._places = np.asfortranarray(np.pad(self._places, ((0, more), (0, 0))))
            self._latents = np.pad(self._latents, ((0, more), (0, 0)))
        rows = [self._index[point.name] for point in points]
        if rows:
            self._places[rows] = [(point.x, point.y) for point in points]
            self._latents[rows] = [point.latent for point in points]

    # -- the list

    @property
    def names(self) -> list[str]:
        """The names of all, in order."""
        return list(self._points)

    def item(self, name: str) -> bytes:
        """Return the `/flow/preset` message of one preset."""
        return self._item(self._index[name], self._points[name])

    def items(self) -> Iterator[bytes]:
        """Yield the `/flow/preset` message of every preset."""
        for k, point in enumerate(list(self._points.values())):
            yield self._item(k, point)

    def kinds(self) -> Iterator[bytes]:
        """Yield a `/flow/kind` message for each run of presets of one kind; the player's own have none."""
        presets = self._loaded.model.presets
        of_name = dict(zip(presets.names, presets.kinds, strict=True))
        listed = [of_name.get(name, "") if name not in self._made_of else "" for name in self._points]
        first = 0
        for kind, run in groupby(listed):
            n = len(list(run))
            if kind:
                yield osc_message("/flow/kind", kind, first, n)
            first += n

    @staticmethod
    def _item(k: int, point: Point) -> bytes:
        return osc_message("/flow/preset", k, point.name, point.x, point.y)

    def _places_of(self, saved: Iterable[Preset]) -> "list[tuple[Preset, Point]]":
        """Return where presets lie; those of other parameters, or of another base patch, are left out."""
        model, n = self._loaded.model, self._loaded.sizes.n_latent
        names = set(model.space.names)
        has_base = model.space.base is not None  # its own: the same values sound otherwise on another
        mine = [
            preset
            for preset in saved
            if set(preset.patch) == names and (not has_base or preset.space == model.space.name)
        ]
        if not mine:
            return []
        patches = np.array([[preset.patch[n] for n in model.space.names] for preset in mine], np.float32)
        is_kept = np.array([len(preset.latent) == n for preset in mine])
        latents = np.array([p.latent if kept else [0.0] * n for p, kept in zip(mine, is_kept, strict=True)])
        latents = np.where(np.abs(latents) < np.finfo(np.float32).max, latents, 0.0).astype(np.float32)
        # A saved latent that no longer decodes to its patch is of another model, or of one trained again.
        with np.errstate(over="ignore", invalid="ignore"):
            error = np.abs(model.flow.decode(latents) - patches).max(axis=1)
        is_kept &= error <= _SAME
        if not is_kept.all():
            latents[~is_kept] = model.flow.invert(patches[~is_kept])
        placed = []
        for k, preset in enumerate(mine):
            x, y = preset.place if is_kept[k] and preset.place else self._beside(latents[k])
            point = Point(
                name=preset.name, latent=latents[k], patch=patches[k], x=x, y=y, gestures=preset.gestures
            )
            placed.append((preset, point))
        return placed

    def _beside(self, latent: np.ndarray) -> tuple[float, float]:
        """Return a place for a point that has none, by the model's own map."""
        presets = self._loaded.model.presets
        if not len(presets):
            return 0.5, 0.5
        x, y = np.clip(blend(latent, presets.latents, presets.places), 0.0, 1.0)
        return float(x), float(y)
