"""The bank of renders in a model folder."""

import numpy as np
import pytest

from core.errors import CheckpointError
from sketching.product_codes import code_distances, fit_centres, product_codes
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
    return RenderBank.of(*renders, n_code=6, n_bytes=3)


def test_a_patch_comes_back_within_half_a_step(bank, renders):
    patches, _ = renders
    assert np.abs(bank.values(np.arange(len(bank))) - patches).max() <= 0.5 / 254 + 1e-6


def test_what_is_off_stays_off_exactly():
    rng = np.random.default_rng(1)
    patches = rng.random((200, 3)).astype(np.float32)
    patches[::2, 1] = 0.739656  # neutral: no 254th
    patches[:60, 2] = 0.5
    bank = RenderBank.of(patches, rng.random((200, 8, 8)), 2, 1)
    values = bank.values(np.arange(200))
    assert (values[::2, 1] == np.float32(0.739656)).all() and (values[:60, 2] == 0.5).all()
    again = RenderBank.from_tensors(bank.to_tensors())
    np.testing.assert_array_equal(again.values(np.arange(200)), values)


def test_a_code_is_the_nearest_centre_of_each_group_and_distances_add_up():
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((2_000, 8)).astype(np.float32)
    centres = fit_centres(vectors, 4)
    codes = product_codes(vectors, centres)
    meant = np.empty_like(vectors)
    for group in range(4):
        off = ((vectors[:, None, group::4] - centres[group]) ** 2).sum(axis=2)
        np.testing.assert_array_equal(codes[:, group], off.argmin(axis=1))
        meant[:, group::4] = centres[group][codes[:, group]]
    wanted = rng.standard_normal(8).astype(np.float32)
    found = code_distances(wanted, codes.T, centres)
    np.testing.assert_allclose(found, ((meant - wanted) ** 2).sum(axis=1), rtol=1e-5)
    assert ((meant - vectors) ** 2).mean() < 0.05  # of a variance of 1, in four bits a number


def test_fewer_renders_than_centres_are_coded_exactly():
    vectors = np.random.default_rng(3).random((40, 4)).astype(np.float32)
    centres = fit_centres(np.repeat(vectors, 3, axis=0), 2)
    codes = product_codes(vectors, centres)
    for row in range(40):
        assert code_distances(vectors[row], codes.T, centres).argmin() == row


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
    np.testing.assert_array_equal(again.centres, bank.centres)
    np.testing.assert_array_equal(again.basis, bank.basis)


@pytest.mark.parametrize(
    "damage",
    [
        lambda t: t.pop("codes"),
        lambda t: t.update(codes=t["codes"][:-9]),
        lambda t: t.update(shape=np.array([300, 7, 3])),
        lambda t: t.update(shape=np.array([-1, 6, 3])),
        lambda t: t.update(shape=np.array([300, 6])),
        lambda t: t.update(centres=t["centres"][:2]),
        lambda t: t.update(basis=t["basis"][:3]),
        lambda t: t.update(usual=t["usual"][:3]),
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
