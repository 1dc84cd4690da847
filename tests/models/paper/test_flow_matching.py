"""Conditional flow matching: what it follows, what it begins with, and that it learns."""

from dataclasses import replace

import torch

from models.paper.flow_matching import FlowMatching, _noise
from tests.support.paper import SMALL_PAPER

P, SHAPE = 4, (64, 16)


def model(**options):
    torch.manual_seed(0)
    return FlowMatching(P, SHAPE, replace(SMALL_PAPER, **options)).eval()


def mels(n, seed=1):
    return torch.randn(n, *SHAPE, generator=torch.Generator().manual_seed(seed))


def test_it_goes_where_the_velocity_leads_away_from_what_no_sound_gets():
    network, sounds, pull = model(matching_guidance=1.5), mels(3), torch.tensor([0.1, -0.2, 0.3, 0.0])

    def velocity(features, x, time):
        away = torch.zeros(P) if torch.equal(features, network.nothing.expand_as(features)) else pull
        return away + 0.0 * x + 2.0 * time * away

    network.velocity.forward = velocity
    noise = torch.stack([_noise(mel, P) for mel in sounds])
    expected = noise + 1.5 * pull * (1.0 + 1.0)  # the integral of 1 + 2 t
    torch.testing.assert_close(network.infer(sounds), ((expected + 1.0) / 2.0).clamp(0.0, 1.0))


def test_a_sound_begins_with_its_own_noise_whatever_its_batch():
    network, sounds = model(), mels(5)
    together = network.infer(sounds)
    torch.testing.assert_close(network.infer(sounds[2:3]), together[2:3], atol=1e-4, rtol=0.0)
    assert not torch.equal(_noise(sounds[0], P), _noise(sounds[1], P))
    assert network.infer(sounds[:0]).shape == (0, P)


def test_it_learns_which_patch_makes_which_sound():
    network, sounds = model(), mels(8)
    patches = torch.rand(8, P, generator=torch.Generator().manual_seed(2))
    network.standardise(patches, sounds)
    optimizer = torch.optim.Adam(network.parameters(), 4e-3)
    for _ in range(60):
        loss = network.train().losses(patches.repeat(8, 1), sounds.repeat(8, 1, 1))["total"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def cost(heard):
        torch.manual_seed(0)
        with torch.no_grad():
            return float(network.losses(patches.repeat(8, 1), heard.repeat(8, 1, 1))["total"])

    assert cost(sounds) < 0.7 * cost(sounds.roll(1, 0))


def test_a_hidden_sound_teaches_what_no_sound_gets():
    network = model(matching_hidden=1.0)
    loss = network.train().losses(torch.rand(4, P), mels(4))["total"]
    loss.backward()
    assert network.nothing.grad.abs().sum() > 0.0
    assert all(p.grad is None or not p.grad.any() for p in network.network.parameters())
