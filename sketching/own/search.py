"""A search among a player's own presets, and then in the controls of the nearest of them.

What a library heard of its presets tells without a render which may be near. Those are rendered with the
sketch's note and length, and the nearest in any case; others would cost the model's answers renders. The
search goes on only while one of them leads the model's answers or is close to leading, so that the renders it
takes cost an answer of the model little. Controls are moved at random, a few at a time, around the best
renders so far; what helped alone is then tried together, and further.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sketching.rendering.own_renderer import OwnMeasurement

__all__ = ["NearPreset", "OwnRender", "OwnSearch", "OwnTrial"]

_N_ALWAYS, _N_PROBED = 1, 6  # presets that are rendered: in any case, and if they may be near
_MAY_BE_NEAR = 1.4  # times the distance of the best answer: what a library heard is off, at another note
# How much farther than the best answer of the model the nearest preset may be for the search to go on in its
# controls: a share of the distance before the first step, which falls over some renders.
_HEAD_START, _PATIENCE = 0.15, 16.0
_N_ROUND = 8  # renders
_N_PARENTS = 3
_LEAST_STEP, _MOST_STEP = 0.03, 0.3  # of a control, as a standard deviation
_MOST_MOVED = 4  # controls at once
_FURTHER = 1.6  # times a step that helped


@dataclass(frozen=True)
class NearPreset:
    """A preset of the player's that may be near a sound.

    Attributes:
        name: Shown to the player, and asked for by.
        path: Of its file.
        expected_db: How far a library expects it to be, dB of soft MSS.
        repeat_db: How far two renders of it are apart; it counts against the preset.
    """

    name: str
    path: Path
    expected_db: float
    repeat_db: float = 0.0


@dataclass(frozen=True, eq=False)
class OwnTrial:
    """A preset to render: controls `(P,)`, or None as it is, and the render that they were moved from."""

    preset: NearPreset
    patch: np.ndarray | None = None
    parent: "OwnRender | None" = None


@dataclass(frozen=True, eq=False)
class OwnRender:
    """A render of a preset.

    Attributes:
        preset: Which one.
        measured: Its controls, and what was measured.
        parent: What they were moved from; None for the preset as it is.
    """

    preset: NearPreset
    measured: OwnMeasurement
    parent: "OwnRender | None" = None

    @property
    def distance_db(self) -> float:
        """Distance to the sound; a preset that varies has to win by more than it varies by."""
        return self.measured.measurement.distance_db + self.preset.repeat_db

    @property
    def step(self) -> np.ndarray | None:
        """How its controls were moved, if that helped."""
        if self.parent is None or self.distance_db >= self.parent.distance_db:
            return None
        return np.asarray(self.measured.patch - self.parent.measured.patch)


class OwnSearch:
    """Asks for renders round by round, and keeps what came of them.

    Args:
        near: Presets, the nearest first.
        seed: Of the steps.
    """

    def __init__(self, near: Sequence[NearPreset], seed: int) -> None:
        self._near = list(near)
        self._rng = np.random.default_rng([seed, 1])
        self._renders: list[OwnRender] = []
        self._latest: list[OwnRender] = []
        self._is_begun = False

    def ask(self, best_db: float) -> list[OwnTrial]:
        """Return what to render next; nothing if no preset is close to leading.

        Args:
            best_db: Distance of the model's best answer so far.
        """
        if not self._is_begun:
            self._is_begun = True
            far = best_db * _MAY_BE_NEAR
            return [
                OwnTrial(preset)
                for k, preset in enumerate(self._near[:_N_PROBED])
                if k < _N_ALWAYS or preset.expected_db + preset.repeat_db <= far
            ]
        best = self.best()
        if not best or not best[0].measured.audible:
            return []
        n_steps = sum(one.preset is best[0].preset for one in self._renders) - 1
        if best[0].distance_db > best_db * (1.0 + _HEAD_START * math.exp(-n_steps / _PATIENCE)):
            return []
        return self._steps(best[0].preset)

    def tell(self, rendered: Sequence[OwnRender]) -> None:
        """Add what came of the last trials."""
        self._latest = [one for one in rendered if np.isfinite(one.distance_db)]
        self._renders += self._latest

    def best(self) -> list[OwnRender]:
        """Return the best render of each preset, nearest first."""
        ranked = sorted(self._renders, key=lambda render: render.distance_db)
        first: dict[str, OwnRender] = {}
        for render in ranked:
            first.setdefault(render.preset.name, render)
        return list(first.values())

    def _steps(self, preset: NearPreset) -> list[OwnTrial]:
        """Return steps around the best renders of a preset."""
        renders = [render for render in self._renders if render.preset is preset]
        parents = sorted(renders, key=lambda render: render.distance_db)[:_N_PARENTS]
        helped = [one for one in self._latest if one.preset is preset and one.step is not None]
        trials = []
        if parents[0] in helped:
            step = parents[0].step
            assert step is not None, "it helped"
            trials.append(self._moved(parents[0], (_FURTHER - 1.0) * step))
            others = [one.step for one in helped if one is not parents[0] and one.step is not None]
            if others:
                trials.append(self._moved(parents[0], np.sum(others, axis=0)))
        while len(trials) < _N_ROUND:
            parent = parents[min(int(self._rng.geometric(0.6)), len(parents)) - 1]
            trials.append(self._moved(parent, self._drawn_step(parent)))
        return trials

    def _drawn_step(self, parent: OwnRender) -> np.ndarray:
        audible = np.array(parent.measured.audible)
        n = min(int(self._rng.integers(1, _MOST_MOVED + 1)), len(audible))
        moved = self._rng.choice(audible, n, replace=False)
        size = np.exp(self._rng.uniform(np.log(_LEAST_STEP), np.log(_MOST_STEP)))
        step = np.zeros(len(parent.measured.patch))
        step[moved] = size * self._rng.standard_normal(n)
        return step

    def _moved(self, parent: OwnRender, step: np.ndarray) -> OwnTrial:
        patch = np.clip(parent.measured.patch + step, 0.0, 1.0).astype(np.float32)
        return OwnTrial(parent.preset, patch, parent)
