"""The same held-out sounds for models of every size, and what the nearest render becomes when refined."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import ConfigError
from evaluation.evaluated_model import EvaluatedModel
from evaluation.references import refined_by_proxy
from evaluation.target_sets import is_dataset, shared_set
from models.regression_flow import RegressionFlow, RegressionFlowConfig
from synths.space_files import load_space
from tests.support.tiny_dataset import TINY_MEL, TINY_NOTE
from training.data.dataset import DatasetFolder


def model(space):
    return EvaluatedModel(space, load_space(space), TINY_MEL, TINY_NOTE, -24.0, lambda: None)


def test_models_of_every_size_get_the_same_sounds_in_the_same_order(dataset):
    assert is_dataset(dataset) and not is_dataset(dataset.parent)
    sets = [shared_set(model(f"vital-{n}"), dataset, 4) for n in (16, 32, 64)]
    for n, found in zip((16, 32, 64), sets, strict=True):
        assert found.name == f"vital-{n}, sounds of vital-16" and found.patches.shape == (4, n)
        assert [load_space(f"vital-{n}").names[k] for k in found.judged] == list(load_space("vital-16").names)
        np.testing.assert_array_equal(found.mels, sets[0].mels)
        assert len(set(found.keys)) == 4
    np.testing.assert_array_equal(sets[1].patches[:, sets[1].judged], sets[0].patches)


def test_a_dataset_of_a_space_that_the_model_lacks_is_left_out(dataset):
    assert shared_set(model("amsynth-16"), dataset, 4) is None


def test_sounds_of_another_note_are_refused(dataset):
    other = replace(model("vital-32"), note=replace(TINY_NOTE, note=48))
    with pytest.raises(ConfigError, match="another note"):
        shared_set(other, dataset, 4)


def test_refining_goes_towards_the_sound_and_each_row_by_itself(dataset):
    sounds = DatasetFolder(dataset).read([0])
    patches, mels = torch.from_numpy(sounds.patches), torch.from_numpy(sounds.mels).float()
    sizes = RegressionFlowConfig(
        flow_blocks=2, flow_hidden=16, flow_level_hidden=16, encoder_channels=4, encoder_width=16,
        encoder_blocks=1, encoder_rank=8, proxy_width=32, proxy_blocks=1, proxy_states=8,
        proxy_frame_width=32, proxy_rank=16,
    )  # fmt: skip
    torch.manual_seed(0)
    network = RegressionFlow(load_space("vital-16"), TINY_MEL, sizes, held_seconds=0.6).eval()
    network.standardise(patches, mels, torch.from_numpy(sounds.fine).float())
    start, targets = sounds.patches[::-1].copy(), mels.numpy()
    refined = refined_by_proxy(network, start, targets)
    assert refined.shape == start.shape and refined.min() >= 0.0 and refined.max() <= 1.0

    def off(rows):
        with torch.no_grad():
            return float((network.proxy(torch.from_numpy(rows)) - mels).abs().mean())

    assert off(refined) < off(start)
    alone = refined_by_proxy(network, start[:2], targets[:2])
    # Another size of batch rounds otherwise, and each of 30 steps follows a sign.
    np.testing.assert_allclose(alone, refined[:2], atol=0.01)
