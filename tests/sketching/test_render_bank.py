"""The bank of renders in a model folder."""

import numpy as np
import pytest

from core.errors import CheckpointError
from sketching.render_bank import RenderBank, pooled


@pytest.fixture(scope="module")
def renders():
    """Patches and mels that follow from them, as smooth as mels are."""
    rng = np.random.default_rng(0)
    patches = rng.random((300, 6)).astype(np.float32)
    shapes = np.cumsum(rng.standard_normal((6, 16, 20)), axis=1)
    return patches, np.einsum("np,pmf->nmf", patches, shapes).astype(np.float16)


@pytest.fixture(scope="module")
def bank(renders):
    return RenderBank.of(*renders, n_code=6)


def test_a_patch_comes_back_within_half_a_step(bank, renders):
    patches, _ = renders
    assert np.abs(bank.values(np.arange(len(bank))) - patches).max() <= 0.5 / 255 + 1e-6


def test_a_render_of_the_bank_finds_itself(bank, renders):
    patches, mels = renders
    for k in range(0, 300, 37):
        found = bank.nearest(mels[k], 5)
        assert np.abs(found - patches[k]).max(axis=1).min() < 0.01


def test_the_nearest_come_first(bank, renders):
    mels = renders[1].astype(np.float32)
    target = mels[3] + 0.01
    everything = bank.nearest(target, len(bank))
    assert everything.shape == (300, 6)
    np.testing.assert_array_equal(bank.nearest(target, 9), everything[:9])
    order = [int(np.abs(bank.values(np.arange(300)) - p).sum(axis=1).argmin()) for p in everything]
    true = np.linalg.norm(pooled(mels) - pooled(target[None]), axis=1)
    assert np.corrcoef(np.argsort(np.argsort(true))[order], np.arange(300))[0, 1] > 0.9


def test_more_than_there_are_is_all(bank, renders):
    assert len(bank.nearest(renders[1][0], 10_000)) == 300


def test_a_file_gives_the_bank_back(bank):
    again = RenderBank.from_tensors(bank.to_tensors())
    np.testing.assert_array_equal(again.patches, bank.patches)
    np.testing.assert_array_equal(again.codes, bank.codes)
    np.testing.assert_allclose(again.basis, bank.basis, atol=1e-3)


@pytest.mark.parametrize(
    "damage",
    [
        lambda t: t.pop("codes"),
        lambda t: t.update(codes=t["codes"][:-9]),
        lambda t: t.update(shape=np.array([300, 7, 6])),
        lambda t: t.update(shape=np.array([-1, 6, 6])),
        lambda t: t.update(shape=np.array([300, 6])),
        lambda t: t.update(steps=t["steps"][:2]),
        lambda t: t.update(basis=t["basis"][:3]),
        lambda t: t.update(patches=np.zeros(40, np.uint8)),
    ],
)
def test_a_damaged_bank_is_refused(bank, damage):
    tensors = bank.to_tensors()
    damage(tensors)
    with pytest.raises(CheckpointError, match="bank of renders"):
        RenderBank.from_tensors(tensors)


def test_a_file_that_unpacks_to_more_than_it_says_is_not_unpacked(bank):
    import zlib

    bomb = np.frombuffer(zlib.compress(bytes(50_000_000)), np.uint8)
    with pytest.raises(CheckpointError):
        RenderBank.from_tensors({**bank.to_tensors(), "patches": bomb})
