import numpy as np

from core.descriptors import DESCRIPTOR_NAMES
from core.fine_frames import FINE_SHAPE
from core.mel import MelConfig
from core.tags import TAG_NAMES
from training.data.dataset import Dataset
from training.data.tags import tag_rules, tags_of


def dataset(n=90, seed=0):
    rng = np.random.default_rng(seed)
    mel = MelConfig()
    return Dataset(
        patches=rng.uniform(size=(n, 4)).astype(np.float32),
        mels=rng.normal(-5, 3, size=(n, *mel.shape)).astype(np.float16),
        descriptors=rng.normal(size=(n, len(DESCRIPTOR_NAMES))).astype(np.float32),
        kinds=np.zeros(n, np.int32),
        fine=np.zeros((n, *FINE_SHAPE), np.uint8),
    )


def test_names_and_tags_belong_together():
    data = dataset()
    names, tags = tags_of(data)
    assert names == TAG_NAMES
    assert tags.shape == (len(data), len(names)) and tags.dtype == np.float32
    bright = data.descriptors[:, DESCRIPTOR_NAMES.index("centroid")]
    column = tags[:, names.index("dark-bright")]
    assert bright[column == 1].min() > bright[np.isnan(column)].max()
    assert bright[column == 0].max() < bright[np.isnan(column)].min()


def test_rules_of_the_training_part_tag_the_rest():
    train, rest = dataset(), dataset(seed=1)
    rules = tag_rules(train)
    _, all_at_once = tags_of(rest, rules=rules)
    _, one = tags_of(rest[7:8], rules=rules)
    np.testing.assert_array_equal(all_at_once[7:8], one)
