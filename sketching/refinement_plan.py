"""What a refinement renders, and why: descents along the gradient of a proxy that renders keep correcting.

The proxy is wrong about a patch in much the same way as it is wrong about its neighbours. So the error that a
render showed is added to what the proxy expects around it, and a descent begins there: exact where it starts,
and good for a short distance, even at notes that the proxy never learned. The best renders are starting
points again and again, at distances small and large, so that a search that is stuck looks further away.

docs/experiments.md compares it with CMA-ES and a genetic search.

References:
    Alexandrov et al., "Approximation and model management in aerodynamic optimization with variable-fidelity
    models", Journal of Aircraft 38(6), 2001: additive correction of a cheap model.
"""

from collections.abc import Callable, Generator, Sequence

import numpy as np

from models.regression_flow import RegressionFlow
from models.served_flow import ServedFlow
from sketching.gradient import descend, guessed_mels
from sketching.render_worker import RenderedPatch, RenderMeasurement

__all__ = ["RefinementPlan", "plan_refinement"]

RefinementPlan = Generator[np.ndarray, Sequence[RenderMeasurement], None]
_N_KNOWN = 16  # promising patches that are rendered as they are
_N_STARTS = 8  # of the first descents
_FIRST_STEPS = 30
_N_ANCHORS = 6  # best renders that later descents begin from
_N_ROUND = 6  # descents at once
_STEPS = 12
_NEAR, _FAR = 0.03, 0.5  # how far from an anchor a descent begins, in latents
_N_BRED, _N_PARENTS = 6, 12  # patches bred in a round, and how many they are bred from
_CHANGED, _CHANGE = 0.06, 0.1  # share of parameters that change in breeding, and by how much
_FREE, _TIED = 0.05, 0.6  # least and greatest weight of the squared distance from an anchor


def plan_refinement(
    model: RegressionFlow,
    flow: ServedFlow,
    promising: np.ndarray,
    mel: np.ndarray,
    seed: int,
    stop: Callable[[], bool],
    rendered: Sequence[RenderedPatch] = (),
) -> RefinementPlan:
    """Yield patches to render, `(n, P)`, and receive their measurements by `send`; never ends by itself.

    Args:
        model: Whose proxy is descended.
        flow: Patches to latents.
        promising: Patches worth trying, the most promising first, `(N, P)`.
        mel: Levelled log-mel of the sound.
        seed: Of the starting points.
        stop: Ends a descent early.
        rendered: Patches rendered for this sound before, which are not rendered again.
    """
    rng = np.random.default_rng(seed)
    tried = _Renders(rendered)
    there = {one.patch.tobytes() for one in rendered}
    patches = np.array([patch for patch in promising if patch.tobytes() not in there][:_N_KNOWN], np.float32)
    if len(patches):
        tried.add(patches, (yield patches))
    while not tried:  # all silent, as with a model that has learned nothing yet
        patches = flow.decode(rng.standard_normal((_N_ROUND, flow.n_latent)))
        tried.add(patches, (yield patches))
    starts = flow.invert(tried.patches(tried.best(_N_STARTS)))
    patches = descend(model, starts, mel[None], steps=_FIRST_STEPS, stop=stop)
    tried.add(patches, (yield patches))
    begun: set[int] = set()
    while True:
        best = tried.best(_N_ANCHORS)
        fresh = [row for row in best if row not in begun]
        begun.update(fresh)
        weights = 1.0 / (1.0 + np.arange(len(best)))
        again = rng.choice(best, _N_ROUND - len(fresh), p=weights / weights.sum())
        anchors = [*fresh, *again.tolist()]
        anchored = tried.patches(anchors)
        amount = np.exp(rng.uniform(np.log(_NEAR), np.log(_FAR), (_N_ROUND, 1)))
        amount[: len(fresh)] = 0.0  # from an anchor itself only once: it would lead to the same patch
        latents = flow.invert(anchored)
        beside = latents + amount * rng.standard_normal(latents.shape)
        ties = np.exp(rng.uniform(np.log(_FREE), np.log(_TIED), _N_ROUND))
        correction = tried.mels(anchors) - guessed_mels(model, anchored)
        descended = descend(
            model, beside, mel[None] - correction, centres=latents, ties=ties, steps=_STEPS, stop=stop
        )
        patches = np.concatenate([descended, _bred(tried.patches(tried.best(_N_PARENTS)), rng)])
        tried.add(patches, (yield patches))


def _bred(parents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cross the best renders and change a few parameters: patches that the proxy would never suggest."""
    pairs = parents[rng.integers(0, len(parents), (2, _N_BRED))]
    children = np.where(rng.random(pairs[0].shape) < 0.5, *pairs)
    changed = rng.random(children.shape) < _CHANGED
    step = _CHANGE * rng.standard_normal(children.shape)
    return np.asarray(np.clip(children + changed * step, 0.0, 1.0), np.float32)


class _Renders:
    """Renders so far; silent ones are left out."""

    def __init__(self, rendered: Sequence[RenderedPatch]) -> None:
        self._patches: list[np.ndarray] = []
        self._measured: list[RenderMeasurement] = []
        for one in rendered:
            self.add(one.patch[None], [one.measurement])

    def __len__(self) -> int:
        return len(self._patches)

    def add(self, patches: np.ndarray, measured: Sequence[RenderMeasurement]) -> None:
        for patch, one in zip(patches, measured, strict=True):
            if one.mel is not None:
                self._patches.append(patch)
                self._measured.append(one)

    def best(self, n: int) -> list[int]:
        distances = [one.distance_db for one in self._measured]
        return [int(k) for k in np.argsort(distances, kind="stable")[:n]]

    def patches(self, rows: Sequence[int]) -> np.ndarray:
        return np.stack([self._patches[k] for k in rows])

    def mels(self, rows: Sequence[int]) -> np.ndarray:
        return np.stack([np.asarray(self._measured[k].mel, np.float32) for k in rows])
