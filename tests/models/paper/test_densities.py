"""Densities and divergences against closed forms."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from models.paper.densities import divergence_from_normal, log_normal, mean_discrepancy

D = 6


def test_log_normal_is_torchs():
    x, mean, log_std = torch.randn(3, 20, D, dtype=torch.float64)
    theirs = Normal(mean, log_std.exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(log_normal(x, mean, log_std), theirs)
    torch.testing.assert_close(
        log_normal(x), MultivariateNormal(torch.zeros(D).double(), torch.eye(D).double()).log_prob(x)
    )


def test_divergence_is_torchs():
    mean, log_std = torch.randn(2, 20, D, dtype=torch.float64)
    theirs = kl_divergence(Normal(mean, log_std.exp()), Normal(0.0, 1.0)).sum(-1)
    torch.testing.assert_close(divergence_from_normal(mean, log_std), theirs)


def discrepancy_of_gaussians(mean, std, width):
    """MMD^2 between N(mean, std^2 I) and N(0, I): each mean kernel is a product of Gaussian integrals."""
    h2 = width**2 * D
    squared = float((mean**2).sum())

    def expected(variance, distance2):
        return (h2 / (h2 + variance)) ** (D / 2) * math.exp(-distance2 / (2 * (h2 + variance)))

    return expected(2 * std**2, 0.0) - 2 * expected(std**2 + 1, squared) + expected(2.0, 0.0)


@pytest.mark.parametrize("width", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("shift", "std"), [(0.0, 1.0), (0.7, 1.0), (0.0, 0.3), (-0.4, 2.0)])
def test_discrepancy_is_the_closed_form(shift, std, width):
    torch.manual_seed(0)
    mean = torch.full((D,), shift, dtype=torch.float64)
    found = torch.stack(
        [mean_discrepancy(mean + std * torch.randn(300, D, dtype=torch.float64), width) for _ in range(60)]
    )
    error = found.std().item() / math.sqrt(len(found))
    wanted = discrepancy_of_gaussians(mean, std, width)
    assert found.mean().item() == pytest.approx(wanted, abs=4.0 * error)
    assert error < 2e-3


def test_discrepancy_has_no_bias_in_a_batch():
    torch.manual_seed(0)
    found = torch.stack([mean_discrepancy(torch.randn(16, D)) for _ in range(2_000)])
    assert abs(found.mean().item()) < 4 * found.std().item() / math.sqrt(len(found))


def test_discrepancy_does_not_depend_on_the_order_of_rows():
    z = torch.randn(32, D, dtype=torch.float64)
    torch.testing.assert_close(mean_discrepancy(z), mean_discrepancy(z[torch.randperm(32)]))


def test_discrepancy_pulls_towards_the_normal():
    """A cloud in the wrong place and too narrow moves to the right place and widens."""
    torch.manual_seed(0)
    z = (0.2 * torch.randn(128, D) + 1.5).requires_grad_()
    optimizer = torch.optim.Adam([z], 0.05)
    for _ in range(300):
        loss = sum(mean_discrepancy(z, width) for width in (0.5, 1.0, 2.0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert z.mean().abs() < 0.1
    assert 0.8 < z.std() < 1.2
