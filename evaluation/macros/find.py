"""From training renders to a chart of macros that is level: render, learn and find, twice."""

from dataclasses import replace

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES
from core.playing.note import Note
from core.space import ParameterSpace
from evaluation.macros.find_chart import FoundChart, find_chart, turned_values
from evaluation.macros.fit_leveler import fit_leveler
from evaluation.macros.heard import MORE_DESCRIPTORS
from evaluation.macros.heard_patches import (
    OUTPUTS,
    HeardPatches,
    hear_patches,
    varied_values,
    without_volume,
)
from evaluation.macros.surrogate import Surrogate, train_surrogate
from evaluation.patch_renderer import PatchRenderer
from models.steering.level_arrays import LevelArrays, VolumeScale
from training.data.dataset import Dataset
from training.settings import PackageSettings

__all__ = ["find_macros"]

_EPOCHS = 45.0
_LEVELER_STEPS = 60  # for each step of a macro's descent
_N_TAUGHT = 40_000  # patches along dials of which the leveler learns from the surrogate
_WEIGHT = 3  # of a patch that was rendered for this, in training renders


def find_macros(
    space: ParameterSpace,
    data: Dataset,
    presets: np.ndarray,
    renderer: PatchRenderer,
    *,
    note: Note,
    base: LevelArrays | None = None,
    budget: PackageSettings | None = None,
    seed: int = 0,
) -> FoundChart:
    """Find the macros of a space.

    Half of the renders along dials begin at the presets: there a dial is turned first, and there it has to be
    level.

    Args:
        space: The space.
        data: Training renders.
        presets: Of the preset map, `(N, P)`.
        renderer: Plays patches.
        note: That is played.
        base: The flow's own leveler.
        budget: How much is rendered and learned.
        seed: Of all draws.
    """
    budget = budget or PackageSettings()
    rng = np.random.default_rng(seed)
    known, starts = _of_dataset(space, data), without_volume(space, presets)[0]
    share = budget.macro_steps / PackageSettings().macro_steps
    n = budget.heard_patches
    around = [varied_values(known.values, n - n // 2, rng), varied_values(starts, n // 2, rng)]
    heard = hear_patches(np.concatenate(around), space, renderer, note, "around training renders")
    surrogate = _learn(known, heard, _EPOCHS * share)
    found = find_chart(space, known, starts, surrogate, steps=budget.macro_steps, seed=seed)
    # Where the first dials lead, the surrogate was asked most and knew least.
    along = [
        turned_values(found.chart, known.values, n - n // 2, rng),
        turned_values(found.chart, starts, n // 2, rng, at_once=1),
    ]
    heard = heard.joined(hear_patches(np.concatenate(along), space, renderer, note, "along dials"))
    surrogate = _learn(known, heard, _EPOCHS * share)
    found = find_chart(space, known, starts, surrogate, steps=budget.macro_steps, seed=seed)
    scale = VolumeScale.of(space)
    if scale is None or known.volume_db is None or heard.volume_db is None:
        return found
    leveler = fit_leveler(
        scale,
        known.values,
        known.volume_db,
        turned_values(found.chart, known.values, min(_N_TAUGHT, 4 * len(known)), rng),
        lambda v: surrogate(v)[..., -1],
        base=base,
        walked=(heard.values, heard.volume_db),
        steps=_LEVELER_STEPS * budget.macro_steps,
        seed=seed,
    )
    return replace(found, chart=replace(found.chart, leveler=leveler, base=base))


def _of_dataset(space: ParameterSpace, data: Dataset) -> HeardPatches:
    values, volume_db = without_volume(space, data.patches)
    unheard = np.full((len(data), len(MORE_DESCRIPTORS)), np.nan, np.float32)
    timbre = data.descriptors[:, [DESCRIPTOR_NAMES.index(n) for n in OUTPUTS if n in DESCRIPTOR_NAMES]]
    return HeardPatches(values, volume_db, np.column_stack([timbre, unheard]))


def _learn(known: HeardPatches, heard: HeardPatches, epochs: float) -> Surrogate:
    """Train the surrogate: `OUTPUTS`, then the volume where the space has one."""
    for _ in range(_WEIGHT):
        known = known.joined(heard)
    targets = known.descriptors
    if known.volume_db is not None:
        targets = np.column_stack([targets, known.volume_db])
    return train_surrogate(known.values, targets, epochs=epochs)
