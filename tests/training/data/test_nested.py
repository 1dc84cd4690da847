"""One synth at several sizes: the same sounds are held out, and they sound the same at every size."""

import numpy as np
import pytest

from core.errors import ConfigError
from synths.catalog import load_engine
from synths.space_files import load_space
from tests.support.needs import needs_amsynth
from tests.support.tiny_dataset import TINY_NOTE
from tests.support.tiny_nested import write_tiny_nested
from training.data.bank_patches import BankPatches
from training.data.nested import embedded, own_shards
from training.data.split import split_shards

SIZES = [load_space(f"vital-{n}") for n in (16, 32, 64)]


@pytest.fixture(scope="module")
def nested(tmp_path_factory):
    out = tmp_path_factory.mktemp("nested")
    made = write_tiny_nested(out)
    before = [file.stat().st_mtime_ns for file in sorted(out.glob("*/*.safetensors"))]
    again = write_tiny_nested(out)
    assert [folder.shards() for folder in again] == [folder.shards() for folder in made]
    assert [file.stat().st_mtime_ns for file in sorted(out.glob("*/*.safetensors"))] == before
    return made


def test_each_size_holds_the_sounds_of_the_one_before_on_the_same_side(nested):
    assert [len(folder.shards()) for folder in nested] == [41, 82, 123]
    assert [len(split_shards(folder.shards())[2]) for folder in nested] == [2, 4, 6]
    for small, large in zip(nested, nested[1:], strict=False):
        for mine, theirs in zip(split_shards(small.shards()), split_shards(large.shards()), strict=True):
            assert theirs[: len(mine)] == mine and len(theirs) > len(mine)
            np.testing.assert_array_equal(large.read(mine).mels, small.read(mine).mels)


def test_what_a_size_adds_moves_what_the_smaller_one_cannot(nested):
    for small, large in zip(nested, nested[1:], strict=False):
        own = own_shards(large, large.shards())
        assert own == sorted(set(large.shards()) - set(small.shards()))
        added = [large.space.index(name) for name in large.space.names if name not in small.space]
        assert (large.read(own).patches[:, added] != large.space.neutral[added]).any(axis=0).sum() > 8
    assert own_shards(nested[0], nested[0].shards()) == nested[0].shards()


def test_a_patch_of_a_small_space_sounds_the_same_in_a_large_one(nested):
    patches = nested[0].read(range(3)).patches
    for space in SIZES[1:]:
        small, large = load_engine(SIZES[0], 22_050), load_engine(space, 22_050)
        for one, other in zip(patches, embedded(patches, SIZES[0], space), strict=True):
            a = small.render(SIZES[0].decode(one), TINY_NOTE)
            b = large.render(space.decode(other), TINY_NOTE)
            assert np.abs(a - b).max() < 1e-3 * np.abs(a).max()


def test_a_larger_space_is_not_taken_for_a_smaller_one():
    with pytest.raises(ConfigError, match="vital-16 does not hold"):
        embedded(np.zeros((1, 32)), SIZES[1], SIZES[0])


def test_presets_stay_on_the_side_on_which_a_smaller_space_has_them():
    small, large = load_space("amsynth-16"), load_space("amsynth-32")
    presets = np.random.default_rng(0).uniform(size=(200, 32)).astype(np.float32)
    presets[100:, :16] = presets[:100, :16]  # pairs that only the larger space tells apart
    first = BankPatches(small, presets[:, :16], seed=0, shard_size=8)
    second = BankPatches(large, presets, seed=0, shard_size=8, sides_of=first)
    assert len(second.train) == 2 * len(first.train) and len(second.test) == 2 * len(first.test)
    for name in ("train", "validation", "test"):
        of_small, of_large = getattr(first, name), getattr(second, name)
        assert {row.tobytes() for row in of_large[:, 1:16]} <= {row.tobytes() for row in of_small[:, 1:]}


@needs_amsynth
def test_banks_are_nested_too(tmp_path):
    spaces = [load_space(f"amsynth-{n}") for n in (16, 32)]
    sides = [BankPatches.from_banks(spaces[0], (), seed=0, shard_size=64)]
    sides.append(BankPatches.from_banks(spaces[1], (), seed=0, shard_size=64, sides_of=sides[0]))
    held = embedded(sides[0].test, *spaces)
    assert len(held) == len(sides[0].test)
    assert len(sides[1].test) >= 0.5 * len(sides[0].test)
