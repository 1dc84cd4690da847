"""What is rendered to find macros: patches around those that are known, heard at the volume they call for."""

import numpy as np
import pytest
import torch

from core.playing.note import Note
from evaluation.macros.heard_patches import OUTPUTS, hear_patches, varied_values, without_volume
from evaluation.macros.surrogate import train_surrogate
from evaluation.patch_renderer import PatchRenderer
from synths.space_files import load_space

SPACE = load_space("vital-32")
VALUES = np.random.default_rng(0).uniform(0.2, 0.8, (40, len(SPACE) - 1)).astype(np.float32)


def test_few_parameters_vary_within_what_is_known():
    varied = varied_values(VALUES, 200, np.random.default_rng(1))
    moved = (varied[:, None] != VALUES[None]).sum(axis=-1).min(axis=1)
    assert 1 <= moved.min() and moved.max() <= 6
    assert varied.min() >= VALUES.min() and varied.max() <= VALUES.max()


def test_the_volume_that_a_patch_calls_for_makes_it_as_loud_as_all_others():
    k = SPACE.index("volume")
    with PatchRenderer(SPACE, 22_050, 1) as renderer:
        heard = hear_patches(VALUES[:4], SPACE, renderer, Note(), "patches")
        assert len(heard) > 0 and heard.descriptors.shape == (len(heard), len(OUTPUTS))
        assert np.isfinite(heard.descriptors).all()
        patch = np.insert(heard.values[0], k, SPACE["volume"].normalized(float(heard.volume_db[0])))
        again = hear_patches(without_volume(SPACE, patch[None])[0], SPACE, renderer, Note(), "patches")
        loud = np.abs(renderer.render([patch], Note())[0]).max()
    assert again.volume_db == pytest.approx(heard.volume_db[:1], abs=1.0)
    assert 0.01 < loud < 1.0


def test_a_surrogate_learns_what_only_some_patches_tell():
    values = np.random.default_rng(2).uniform(size=(2_000, 3)).astype(np.float32)
    targets = np.stack([values[:, 0], values[:, 1]], axis=1)
    targets[500:, 1] = np.nan
    surrogate = train_surrogate(values, targets, epochs=40.0)
    told = surrogate(torch.as_tensor(values[500:])).numpy()
    assert np.abs(told - values[500:, :2]).mean() < 0.1
