"""The model that ships keeps the promise of the protocol: a patch, its latent, and the patch again."""

from pathlib import Path

import numpy as np

from models.folder import ModelFolder

FOLDER = Path(__file__).parents[2] / "models" / "pretrained" / "vital-32"


def test_any_patch_comes_back_to_a_thousandth():
    rng = np.random.default_rng(0)
    patches = rng.uniform(size=(4_000, 32))
    ends = rng.uniform(size=patches.shape) < rng.uniform(size=(4_000, 1))
    patches = np.where(ends, patches.round(), patches)
    patches = np.vstack([patches, np.zeros(32), np.ones(32)]).astype(np.float32)
    flow = ModelFolder.load(FOLDER).flow
    assert np.abs(flow.decode(flow.invert(patches)) - patches).max() < 1e-3


def test_presets_decode_to_their_patches():
    folder = ModelFolder.load(FOLDER)
    assert len(folder.presets) >= 200
    assert len(set(folder.presets.names)) == len(folder.presets)
    assert np.abs(folder.flow.decode(folder.presets.latents) - folder.presets.patches).max() < 1e-3
