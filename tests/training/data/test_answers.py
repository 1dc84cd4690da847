"""Renders of what a model answers: the same for the same seed, near their targets, and learned from."""

import numpy as np
import pytest

from core.errors import ConfigError
from models.folder import ModelFolder
from synths.space_files import load_space
from tests.support.tiny_dataset import TINY_MEL, TINY_NOTE
from tests.support.tiny_torch_model import write_tiny_torch_model
from training.data.answers import AnswerPatches
from training.data.dataset import DatasetFolder
from training.data.draw import Prior
from training.data.patch_source import dataset_facts
from training.data.render import render_shard

SPACE = load_space("vital-16")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A dataset of two shards, and a model of its space."""
    place = tmp_path_factory.mktemp("answers")
    prior = Prior.for_space(SPACE)
    facts = dataset_facts(prior, seed=0, shard_size=4, note=TINY_NOTE, mel=TINY_MEL)
    folder = DatasetFolder.create(place / "data", facts)
    for shard in range(2):
        folder.write(shard, render_shard(prior, seed=0, shard=shard, n=4, mel=TINY_MEL, note=TINY_NOTE))
    write_tiny_torch_model(place / "model", SPACE, TINY_MEL, TINY_NOTE)
    return place


def answers(place, seed=3):
    return AnswerPatches(
        ModelFolder.load(place / "model"), DatasetFolder(place / "data"), seed=seed, shard_size=4
    )


def test_answers_are_patches_and_the_same_for_the_same_seed(place):
    source = answers(place)
    part, again = source.part(1), answers(place).part(1)
    assert part.vectors.shape == (4, len(SPACE)) and part.vectors.min() >= 0.0 and part.vectors.max() <= 1.0
    np.testing.assert_allclose(part.vectors, again.vectors, atol=1e-6)
    np.testing.assert_array_equal(part.kinds, again.kinds)
    assert np.abs(part.vectors - source.part(2).vectors).max() > 1e-3
    assert np.abs(part.vectors - answers(place, seed=4).part(1).vectors).max() > 1e-3


def test_what_determines_them_is_written_down(place):
    source = answers(place)
    facts = dataset_facts(source, seed=3, shard_size=4, note=TINY_NOTE, mel=TINY_MEL)
    assert facts["answers"]["model"] == "model" and len(facts["answers"]["weights"]) == 64
    assert facts["kinds"] == list(Prior.for_space(SPACE).kinds)


def test_a_dataset_of_another_space_is_refused(place, tmp_path):
    prior = Prior.for_space(load_space("vital-32"))
    facts = dataset_facts(prior, seed=0, shard_size=4, note=TINY_NOTE, mel=TINY_MEL)
    other = DatasetFolder.create(tmp_path / "other", facts)
    with pytest.raises(ConfigError, match="another space or mel"):
        AnswerPatches(ModelFolder.load(place / "model"), other, seed=3)
