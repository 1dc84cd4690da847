"""Renders a player's own presets in a render worker, as they are and with their controls moved."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adopting.preset import read_own
from core.errors import BridgeError
from core.mel import MelConfig
from sketching.rendering.render_worker import INAUDIBLE, Renderer, RenderMeasurement
from synths.engine import Note

__all__ = ["OwnMeasurement", "OwnRenderer"]

_MOST_LOADED = 2  # presets at once: an engine with a large one takes 85 MB


@dataclass(frozen=True, eq=False)
class OwnMeasurement:
    """What was measured of one render of a preset.

    Attributes:
        patch: The controls that were rendered, `(P,)` of the space `vital-adopted`.
        audible: Indices of those that may be heard in this preset.
        measurement: Of the render.
    """

    patch: np.ndarray
    audible: tuple[int, ...]
    measurement: RenderMeasurement


class OwnRenderer:
    """Renders presets and compares them with one sound; see `sketching.rendering.render_worker.Renderer`."""

    def __init__(self, mel: MelConfig, audio: np.ndarray | None, note: Note, target_lufs: float) -> None:
        self._how = mel, audio, note, target_lufs
        self._loaded: dict[Path, tuple[Renderer, tuple[int, ...]]] = {}

    def measure(self, path: Path, patch: np.ndarray | None) -> OwnMeasurement:
        """Render a preset; one that cannot be read or played is infinitely far away.

        Args:
            path: Of its file.
            patch: Its controls `(P,)`; None for the preset as it is.
        """
        try:
            renderer, audible = self._renderer(path)
            played = renderer.space.neutral if patch is None else patch
            return OwnMeasurement(played, audible, renderer.measure(played))
        except (BridgeError, RuntimeError, ValueError):  # the engine's own kinds for what a file may hold
            return OwnMeasurement(np.zeros(0, np.float32), (), INAUDIBLE)

    def _renderer(self, path: Path) -> tuple[Renderer, tuple[int, ...]]:
        from synths.vital_own import OwnVitalEngine  # loads the engine

        if path not in self._loaded:
            own = read_own(path)
            space = own.space(path.stem, path)
            engine = OwnVitalEngine(self._how[0].sample_rate, path, own.content)
            names = space.names
            audible = tuple(k for k, name in enumerate(names) if name != "volume" and own.may_be_heard(name))
            self._loaded = dict([*self._loaded.items()][1 - _MOST_LOADED :])
            self._loaded[path] = Renderer(space, *self._how, engine), audible
        return self._loaded[path]
