"""What a batch is turned into before it is learned from, and what a right answer costs."""

import numpy as np
import pytest
import torch

from core.mel import MelConfig
from models.regression_flow import RegressionFlow
from synths.catalog import load_space
from tests.models.test_networks import SMALL
from training.phases import FlowPhase
from training.settings import LossWeights
from training.silent import SilentShuffle
from training.split import split_shards
from training.volume import change_volume

SPACE = load_space("vital-32")
FLOOR = MelConfig().floor


def test_a_change_of_volume_changes_the_mel_by_as_much():
    patches = torch.from_numpy(SPACE.neutral)[None].repeat(3, 1)
    mels = torch.log(torch.full((3, 4, 5), 0.5) + FLOOR)
    gains = torch.tensor([0.0, -6.0, 5.0])
    louder, changed = change_volume(patches, mels, gains, SPACE, FLOOR)
    volume = SPACE["volume"]
    for row, gain in enumerate(gains.tolist()):
        moved = volume.plain(float(louder[row, 0])) - volume.plain(volume.neutral)
        assert moved == pytest.approx(gain, abs=0.01)
        assert (changed[row] - mels[row]).mean().item() * 10 / np.log(10) == pytest.approx(gain, abs=0.01)


def test_volume_stays_on_its_scale():
    patches = torch.from_numpy(SPACE.neutral)[None]
    for gain in (-200.0, 200.0):
        louder, _ = change_volume(patches, torch.zeros(1, 4, 5), torch.tensor([gain]), SPACE, FLOOR)
        assert 0.0 <= louder[0, 0] <= 1.0


def test_silent_parameters_are_shuffled_and_heard_ones_are_not():
    torch.manual_seed(0)
    patches = torch.rand(64, len(SPACE))
    frame = SPACE.index("osc_2_wave_frame")
    for name in ("osc_2_level", "osc_1_distortion_amount"):  # through which oscillator 2 is heard
        patches[:32, SPACE.index(name)] = SPACE[name].neutral
    shuffled = SilentShuffle(SPACE)(patches)
    assert (shuffled[:32, frame] != patches[:32, frame]).float().mean() > 0.8
    assert torch.equal(shuffled[32:], patches[32:])
    untouched = [k for k, p in enumerate(SPACE) if not p.silent_unless]
    assert torch.equal(shuffled[:, untouched], patches[:, untouched])


def test_the_true_patch_is_a_perfect_answer_however_wrong_the_proxy():
    torch.manual_seed(0)
    model = RegressionFlow(len(SPACE), MelConfig(n_frames=24), SMALL).eval()
    phase = FlowPhase(model, LossWeights())
    patches = torch.rand(4, len(SPACE))
    latents = model.flow.inverse(model.flow.from_patch(patches))[0]
    model.encoder.forward = lambda mel: (latents, torch.zeros_like(latents))
    assert phase.validate(patches, torch.randn(4, 64, 24)).item() < 1e-4


def test_what_is_held_out_stays_held_out_as_a_dataset_grows():
    small, large = split_shards(range(50)), split_shards(range(400))
    for few, many in zip(small, large, strict=True):
        assert set(few) <= set(many)
    assert not set(large[0]) & set(large[1] + large[2])
