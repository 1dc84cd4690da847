"""Encoder, proxy and the whole model: shapes, determinism, and that they can learn."""

import pytest
import torch

from core.fine_frames import FINE_SHAPE
from core.mel import MelConfig
from models.networks.encoder import Encoder
from models.networks.latent_sampler import LatentSampler
from models.networks.proxy import Proxy
from models.regression_flow import RegressionFlow, RegressionFlowConfig
from synths.space_files import load_space
from training.phases import FlowPhase
from training.settings import LossWeights

SPACE = load_space("vital-16")
P = len(SPACE)
MEL = MelConfig(n_frames=24)
SMALL = RegressionFlowConfig(
    flow_blocks=4,
    flow_hidden=32,
    encoder_channels=8,
    encoder_width=96,
    encoder_blocks=1,
    encoder_rank=32,
    encoder_dropout=0.0,
    encoder_fine_rank=16,
    sampler_width=32,
    proxy_width=96,
    proxy_blocks=2,
    proxy_states=16,
    proxy_frame_width=64,
    proxy_rank=32,
)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return RegressionFlow(SPACE, MEL, SMALL)


def test_tiles_hold_each_bin_once():
    """Every bin of the mel reaches the tiles: its gradient is not zero."""
    encoder = Encoder(MEL.shape, P, width=32, rank=8)
    for parameter in encoder.from_mel.parameters():
        parameter.data.zero_()
    mel = torch.randn(1, *MEL.shape, requires_grad=True)
    encoder(mel)[0].square().sum().backward()
    assert (mel.grad.abs() > 0).all()


def test_encoding_is_deterministic_and_independent_of_the_batch(model):
    model.eval()
    mels = torch.randn(6, *MEL.shape)
    whole = model.encode(mels)
    assert torch.equal(whole, model.encode(mels))
    torch.testing.assert_close(model.encode(mels[2:3]), whole[2:3], atol=1e-5, rtol=1e-5)


def test_sounds_without_fine_frames_are_heard_by_their_mel_alone(model):
    model.eval()
    mels, fine = torch.randn(4, *MEL.shape), torch.randint(256, (4, *FINE_SHAPE)).float()
    fine[:2] = 0.0
    both, alone = model.encode(mels, fine), model.encode(mels)
    torch.testing.assert_close(both[:2], alone[:2])
    assert (both[2:] - alone[2:]).abs().min(1).values.max() > 0.0


def test_drawn_latents_are_the_same_each_time_and_independent_of_the_batch(model):
    model.eval()
    mels = torch.randn(5, *MEL.shape)
    drawn = model.beginnings(mels, n_drawn=7)
    assert drawn.shape == (5, 8, P)
    assert torch.equal(drawn, model.beginnings(mels, n_drawn=7))
    torch.testing.assert_close(drawn[:, 0], model.encode(mels))
    torch.testing.assert_close(model.beginnings(mels[3:4], n_drawn=7), drawn[3:4], atol=1e-5, rtol=1e-5)


def test_a_sampler_learns_both_of_two_answers():
    """Half of the latents are near 2, half near -2: the drawn ones are near either, and not in between."""
    torch.manual_seed(0)
    sampler = LatentSampler(2, 3, 64)
    optimizer = torch.optim.Adam(sampler.parameters(), 3e-3)
    features = torch.ones(128, 3)
    for _ in range(300):
        side = 2.0 * torch.randint(2, (128, 1)) - 1.0
        loss = sampler.loss(features, 2.0 * side + 0.1 * torch.randn(128, 2))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    drawn = sampler.draw(features[:1], 200)[0]
    assert ((drawn.abs() - 2.0).abs() < 0.7).all(1).float().mean() > 0.9
    assert 0.3 < (drawn[:, 0] > 0).float().mean() < 0.7


def test_answers_are_patches(model):
    patches = model.eval().infer(100.0 * torch.randn(4, *MEL.shape))
    assert patches.shape == (4, P)
    assert patches.min() >= 0.0 and patches.max() <= 1.0 and patches.isfinite().all()


def test_state_survives_saving(model):
    other = RegressionFlow(SPACE, MEL, SMALL, seed=7)
    other.load_state_dict(model.state_dict())
    mels = torch.randn(2, *MEL.shape)
    assert torch.equal(other.eval().infer(mels), model.eval().infer(mels))


def test_proxy_tells_close_patches_apart():
    torch.manual_seed(0)
    proxy = Proxy(SPACE, MEL, 0.5, width=64, n_blocks=1, n_states=8, frame_width=32, rank=16)
    a = torch.full((1, P), 0.5)
    b = a.clone()
    b[0, SPACE.index("filter_1_cutoff")] += 0.01
    assert not torch.equal(proxy(a), proxy(b))


def test_overfits_eight_sounds(model):
    """A toy synth whose mel is a smooth function of the patch; eight of its sounds are answered exactly."""
    generator = torch.Generator().manual_seed(1)
    mixing = torch.randn(P, MEL.n_mels * MEL.n_frames, generator=generator)
    mixing[SPACE.index("volume")] = 0.0  # all sounds are equally loud
    patches = torch.rand(8, P, generator=generator)
    mels = torch.tanh((patches - 0.5) @ mixing).unflatten(1, MEL.shape)
    fine = torch.randint(256, (8, *FINE_SHAPE), generator=generator).float()
    model.standardise(patches, mels, fine)
    learn_proxy = torch.optim.Adam(model.proxy.parameters(), 3e-3)
    for _ in range(200):
        loss = (model.proxy(patches) - mels).abs().mean()
        learn_proxy.zero_grad()
        loss.backward()
        learn_proxy.step()
    phase = FlowPhase(model, LossWeights(sound=0.2, posterior=1.0, divergence=1e-4))
    parameters = [p for m in phase.modules() for p in m.parameters()]
    learn_flow = torch.optim.Adam(parameters, 4e-3)
    for _ in range(400):
        terms = phase.losses(patches, mels, fine)
        learn_flow.zero_grad()
        terms["total"].backward()
        learn_flow.step()
    answers = model.eval().infer(mels, fine)
    untold = (patches.mean(0) - patches).abs().mean()
    assert (answers - patches).abs().mean() < 0.25 * untold
