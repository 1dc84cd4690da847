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

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.playing.gestures import GESTURE_KINDS, Gestures
from models.answer_model import AnswerModel
from models.served_flow import ServedFlow
from sketching.gesture_fitting import GestureFitting
from sketching.gradient import descend, guessed_mels
from sketching.rendering.render_worker import RenderedPatch

__all__ = ["RefinementPlan", "Trial", "plan_refinement"]


@dataclass(frozen=True, eq=False)
class Trial:
    """A patch `(P,)` to render, and the gestures to render it with."""

    patch: np.ndarray
    gestures: Gestures | None = None


RefinementPlan = Generator[list[Trial], Sequence[RenderedPatch], None]
_N_KNOWN = 16  # promising patches that are rendered as they are
_N_STARTS = 8  # of the first descents
_FIRST_STEPS = 30
_N_ANCHORS = 6  # best renders that later descents begin from
_N_ROUND = 6  # descents at once
_STEPS = 12
_NEAR, _FAR = 0.03, 0.5  # how far from an anchor a descent begins, in latents
_N_BRED, _N_PARENTS = 3, 12  # patches bred in a round, and how many they are bred from
_CHANGED, _CHANGE = 0.06, 0.1  # share of parameters that change in breeding, and by how much
_FREE, _TIED = 0.05, 0.6  # least and greatest weight of the squared distance from an anchor
_N_DRAWN = 4  # renders in a round that try other gestures; bred patches take the place of missing ones
_N_DRAWN_AFTER = 3  # best renders that gestures are drawn after
_AGAIN = 0.7  # share of what a render with gestures lacks that is drawn into them


def plan_refinement(
    model: AnswerModel,
    flow: ServedFlow,
    promising: np.ndarray,
    mel: np.ndarray,
    seed: int,
    stop: Callable[[], bool],
    rendered: Sequence[RenderedPatch] = (),
    *,
    expected: np.ndarray | None = None,
    fitting: GestureFitting | None = None,
) -> RefinementPlan:
    """Yield what to render, and receive what was measured meanwhile by `send`; never ends by itself.

    A batch is made while the one before it is rendered, so it builds on what the batches before that one
    showed: the second on nothing, the third on the first.

    Args:
        model: Whose proxy is descended.
        flow: Patches to latents.
        promising: Patches worth trying, the most promising first, `(N, P)`.
        mel: Levelled log-mel of the sound.
        seed: Of the starting points.
        stop: Ends a descent early.
        rendered: Patches rendered for this sound before, which are not rendered again.
        expected: What the proxy should expect of an answer, which knows no notes shorter than the trained
            one; the mel itself by default.
        fitting: Draws gestures; none by default.
    """
    rng = np.random.default_rng(seed)
    tried = _Renders(rendered)
    there = {one.patch.tobytes() for one in rendered}
    patches = np.array([patch for patch in promising if patch.tobytes() not in there][:_N_KNOWN], np.float32)
    if len(patches):
        tried.add((yield [Trial(patch) for patch in patches]))
    wanted = mel if expected is None else expected
    starts = _likely(model, [*promising[:_N_KNOWN], *tried.patches(tried.best(_N_STARTS))], wanted)
    patches = descend(model, flow.invert(starts), wanted[None], steps=_FIRST_STEPS, stop=stop)
    tried.add((yield [Trial(patch) for patch in patches]))
    begun: set[int] = set()
    drawn_after: set[int] = set()
    while True:
        if not tried:  # all silent, as with a model that has learned nothing yet
            drawn = flow.decode(rng.standard_normal((_N_ROUND, flow.n_latent)))
            tried.add((yield [Trial(patch) for patch in drawn]))
            continue
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
        trials = [Trial(p, tried.gestures(k)) for p, k in zip(descended, anchors, strict=True)]
        drawn_anew = _drawn(tried, fitting, drawn_after, rng)
        n_bred = _N_BRED + _N_DRAWN - len(drawn_anew)
        tried.add((yield [*trials, *_bred(tried, tried.best(_N_PARENTS), n_bred, rng), *drawn_anew]))


def _likely(model: AnswerModel, promising: Sequence[np.ndarray], mel: np.ndarray) -> np.ndarray:
    """Return the patches that the proxy expects nearest to a mel."""
    patches = np.stack(promising)
    off = np.abs(guessed_mels(model, patches) - mel).mean(axis=(1, 2))
    return patches[np.argsort(off, kind="stable")[:_N_STARTS]]


def _drawn(
    tried: "_Renders", fitting: GestureFitting | None, drawn_after: set[int], rng: np.random.Generator
) -> list[Trial]:
    """Return the best renders with other gestures: each kind alone, all of them, or one kind less."""
    trials: list[Trial] = []
    if fitting is None:
        return trials
    for row in tried.best(_N_DRAWN_AFTER):
        if row in drawn_after or len(trials) >= _N_DRAWN:
            continue
        drawn_after.add(row)
        trials += [Trial(tried.patches([row])[0], g) for g in _other_gestures(tried, row, fitting, rng)]
    return trials[:_N_DRAWN]


def _other_gestures(
    tried: "_Renders", row: int, fitting: GestureFitting, rng: np.random.Generator
) -> Iterator[Gestures | None]:
    before = tried.gestures(row)
    everything = before
    proposed = list(fitting.proposals(tried.soft(row), before, _AGAIN if before else 1.0))
    for kind, gestures in proposed:
        yield gestures
        everything = (everything or gestures).having(kind, gestures.of(kind))
    if len(proposed) > 1:
        yield everything
    if before:
        yield before.having(GESTURE_KINDS[rng.integers(len(GESTURE_KINDS))], None) or None


def _bred(tried: "_Renders", parents: Sequence[int], n: int, rng: np.random.Generator) -> list[Trial]:
    """Cross the best renders and change a few parameters: patches that the proxy would never suggest."""
    pairs = np.asarray(parents)[rng.integers(0, len(parents), (2, n))]
    one, other = (tried.patches(side.tolist()) for side in pairs)
    children = np.where(rng.random(one.shape) < 0.5, one, other)
    changed = rng.random(children.shape) < _CHANGED
    step = _CHANGE * rng.standard_normal(children.shape)
    bred = np.asarray(np.clip(children + changed * step, 0.0, 1.0), np.float32)
    return [Trial(patch, tried.gestures(int(k))) for patch, k in zip(bred, pairs[0], strict=True)]


class _Renders:
    """Renders so far; silent ones are left out."""

    def __init__(self, rendered: Sequence[RenderedPatch]) -> None:
        self._rendered: list[RenderedPatch] = []
        self.add(rendered)

    def __len__(self) -> int:
        return len(self._rendered)

    def add(self, rendered: Sequence[RenderedPatch]) -> None:
        self._rendered += [one for one in rendered if one.measurement.mel is not None]

    def best(self, n: int) -> list[int]:
        distances = [one.measurement.distance_db for one in self._rendered]
        return [int(k) for k in np.argsort(distances, kind="stable")[:n]]

    def patches(self, rows: Sequence[int]) -> np.ndarray:
        return np.array([self._rendered[k].patch for k in rows], np.float32)

    def gestures(self, row: int) -> Gestures | None:
        return self._rendered[row].gestures

    def mels(self, rows: Sequence[int]) -> np.ndarray:
        return np.stack([np.asarray(self._rendered[k].measurement.mel, np.float32) for k in rows])

    def soft(self, row: int) -> np.ndarray:
        return np.asarray(self._rendered[row].measurement.soft, np.float32)
