"""What a batch is turned into before it is learned from, and what a right answer costs."""

import torch

from core.fine_frames import FINE_SHAPE
from core.mel import MelConfig
from models.regression_flow import RegressionFlow
from synths.space_files import load_space
from tests.models.test_networks import SMALL
from training.data.split import split_shards
from training.inaudible_augmentation import InaudibleShuffle
from training.phases import FlowPhase
from training.settings import LossWeights

SPACE = load_space("vital-32")


def test_silent_parameters_are_shuffled_and_heard_ones_are_not():
    torch.manual_seed(0)
    patches = torch.rand(64, len(SPACE))
    frame = SPACE.index("osc_2_wave_frame")
    for name in ("osc_2_level", "osc_1_distortion_amount"):  # through which oscillator 2 is heard
        patches[:32, SPACE.index(name)] = SPACE[name].neutral
    shuffled = InaudibleShuffle(SPACE)(patches)
    assert (shuffled[:32, frame] != patches[:32, frame]).float().mean() > 0.8
    assert torch.equal(shuffled[32:], patches[32:])
    untouched = [k for k, p in enumerate(SPACE) if not p.silent_unless]
    assert torch.equal(shuffled[:, untouched], patches[:, untouched])


def test_the_true_patch_is_a_perfect_answer_however_wrong_the_proxy():
    torch.manual_seed(0)
    model = RegressionFlow(SPACE, MelConfig(n_frames=24), SMALL).eval()
    phase = FlowPhase(model, LossWeights())
    patches = torch.rand(4, len(SPACE))
    latents = model.flow.inverse(model.flow.from_patch(patches))[0]
    model.encoder.forward = lambda mel, fine: (latents, torch.zeros_like(latents))
    assert phase.validate(patches, torch.randn(4, 64, 24), torch.zeros(4, *FINE_SHAPE)).item() < 1e-4


def test_what_is_held_out_stays_held_out_as_a_dataset_grows():
    small, large = split_shards(range(50)), split_shards(range(400))
    for few, many in zip(small, large, strict=True):
        assert set(few) <= set(many)
    assert not set(large[0]) & set(large[1] + large[2])
