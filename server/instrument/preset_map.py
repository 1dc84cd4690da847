"""The presets that the loaded model can play, and the map they lie on: its own, and the player's on top."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from core.errors import ProtocolError
from core.nearest import did_you_mean
from core.playing.gestures import Gestures
from server.instrument.blend import blend
from server.instrument.loaded_model import LoadedModel
from server.instrument.presets import Preset
from server.osc.builder import osc_message

__all__ = ["Point", "PresetMap", "Visit"]

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
        self._points: dict[str, Point] = {}
        for k, name in enumerate(presets.names):
            x, y = presets.places[k]
            self._points.setdefault(
                name,
                Point(
                    name=name,
                    latent=presets.latents[k],
                    patch=presets.patches[k],
                    x=float(x),
                    y=float(y),
                ),
            )
        self._saved: set[str] = set()
        for preset in saved:
            self._add(preset)
        self._survey()

    def __len__(self) -> int:
        """Count the presets."""
        return len(self._points)

    def __contains__(self, name: object) -> bool:
        """Whether the player saved a preset of that name."""
        return name in self._saved

    def find(self, name: str) -> Point:
        """Return the preset of that name.

        Raises:
            ProtocolError: There is none.
        """
        point = self._points.get(name)
        if point is None:
            hint = did_you_mean(name, self._points) if self._points else "save one first."
            raise ProtocolError(f"there is no preset '{name}'; {hint}")
        return point

    def nearest(self, latent: np.ndarray) -> str:
        """Return the name of the preset whose latent is the nearest to a latent `(D,)`; there are presets."""
        distances = np.linalg.norm(self._latents[: len(self._points)] - latent, axis=1)
        return self.names[int(distances.argmin())]

    def put(self, preset: Preset) -> bool:
        """Add a saved preset; False if it is of other parameters."""
        added = self._add(preset)
        if added:
            self._survey()
        return added

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
        points = list(self._points.values())
        self._places = np.zeros((len(points) + 1, 2), order="F")  # a column in one piece: twice as fast
        self._latents = np.zeros((len(points) + 1, self._loaded.sizes.n_latent))
        for k, point in enumerate(points):
            self._places[k], self._latents[k] = (point.x, point.y), point.latent

    # -- the list

    @property
    def names(self) -> list[str]:
        """The names of all, in order."""
        return list(self._points)

    def item(self, name: str) -> bytes:
        """Return the `/flow/preset` message of one preset."""
        return self._item(list(self._points).index(name), self._points[name])

    def items(self) -> Iterator[bytes]:
        """Yield the `/flow/preset` message of every preset."""
        for k, point in enumerate(list(self._points.values())):
            yield self._item(k, point)

    def kinds(self) -> Iterator[bytes]:
        """Yield a `/flow/kind` message for each run of presets of one kind; the player's own have none."""
        presets = self._loaded.model.presets
        of_name = dict(zip(presets.names, presets.kinds, strict=True))
        listed = [of_name.get(name, "") if name not in self._saved else "" for name in self._points]
        first = 0
        for kind, run in groupby(listed):
            n = len(list(run))
            if kind:
                yield osc_message("/flow/kind", kind, first, n)
            first += n

    @staticmethod
    def _item(k: int, point: Point) -> bytes:
        return osc_message("/flow/preset", k, point.name, point.x, point.y)

    def _add(self, preset: Preset) -> bool:
        point = self._place(preset)
        if point is None:
            return False
        self._points[preset.name] = point
        self._saved.add(preset.name)
        return True

    def _place(self, preset: Preset) -> Point | None:
        model = self._loaded.model
        if set(preset.patch) != set(model.space.names):
            return None
        patch = np.array([preset.patch[n] for n in model.space.names], np.float32)
        latent = np.array(preset.latent, np.float32)
        if not (np.isfinite(patch).all() and patch.min() >= 0.0 and patch.max() <= 1.0):
            return None
        kept = latent.shape == (self._loaded.sizes.n_latent,) and np.isfinite(latent).all()
        if not kept or float(np.abs(model.flow.decode(latent) - patch).max()) > _SAME:
            latent = model.flow.invert(patch)  # another model, or one trained again
            kept = False
        x, y = preset.place if kept and preset.place else self._beside(latent)
        return Point(name=preset.name, latent=latent, patch=patch, x=x, y=y, gestures=preset.gestures)

    def _beside(self, latent: np.ndarray) -> tuple[float, float]:
        """Return a place for a point that has none, by the model's own map."""
        presets = self._loaded.model.presets
        if not len(presets):
            return 0.5, 0.5
        x, y = np.clip(blend(latent, presets.latents, presets.places), 0.0, 1.0)
        return float(x), float(y)
