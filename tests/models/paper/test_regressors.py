"""From latents to parameters: the bound of the regression flow, and the dense regressor."""

import math

import numpy as np
import pytest
import torch

from models.paper.config import PaperConfig
from models.paper.densities import log_normal
from models.paper.regressors import DenseRegressor, FlowRegressor
from tests.models.paper.test_autoregressive import trained

SMALL = PaperConfig(flow_steps=4, flow_hidden=8, flow_prior_weight=1.0, regressor_width=16, dropout=0.0)


@pytest.fixture
def regressor():
    torch.manual_seed(0)
    regressor = FlowRegressor(2, SMALL)
    regressor.standardise(torch.rand(50, 2))
    trained(regressor.flow, spread=0.15)
    regressor.log_base_spread.data.fill_(math.log(1.5))  # wide enough to be a good importance sampler
    regressor.noise_mean.data = torch.tensor([0.2, 0.3]).log()
    regressor.noise_log_std.data.fill_(-20.0)  # C is known
    return regressor


def log_likelihood(regressor, patch):
    """log p(v given C) by the trapezoid rule over u."""
    axis = torch.linspace(-7, 7, 401, dtype=torch.float64)
    u = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        each = log_normal(patch.double(), regressor.to_patch(u), regressor.noise_mean.double())
    step = float(axis[1] - axis[0])
    return float(torch.logsumexp(each + log_normal(u), 0)) + 2 * math.log(step)


@pytest.mark.parametrize("patch", [(0.5, 0.5), (0.9, 0.1), (0.0, 1.0)])
def test_the_bound_has_the_right_terms_signs_and_weights(regressor, patch):
    """Its exponential is an unbiased estimate of the likelihood: importance sampling by the flow.

    A turned sign, a forgotten normalizer or a log-determinant of another weight would show here.
    """
    patch = torch.tensor(patch)
    exact = log_likelihood(regressor, patch)
    for z in (torch.zeros(2), torch.tensor([0.4, -0.6])):
        torch.manual_seed(1)
        with torch.no_grad():
            draws = regressor.bound(z.expand(400_000, 2), patch.expand(400_000, 2)).double()
        assert float(torch.logsumexp(draws, 0)) - math.log(len(draws)) == pytest.approx(exact, abs=0.03)
        assert draws.mean() < exact


def test_the_unknown_noise_is_paid_for_once_a_dataset(regressor):
    z, patches = torch.zeros(4, 2), torch.full((4, 2), 0.5)
    losses = []
    for n in (1, 1_000_000):
        regressor.n_sounds.fill_(n)
        torch.manual_seed(0)
        losses.append(regressor.loss(z, patches).item())
    paid = losses[0] - losses[1]
    m, s = regressor.noise_mean.detach(), regressor.noise_log_std.detach()
    assert paid == pytest.approx((0.5 * (m**2 + (2 * s).exp() - 1 - 2 * s)).sum().item(), rel=1e-4)


def test_the_noise_is_gaussian(regressor):
    """The original drew it from a uniform distribution: always positive, mean one half."""
    seen = []
    real = regressor.flow.forward
    regressor.flow.forward = lambda z: (seen.append(z), real(z))[1]
    torch.manual_seed(0)
    with torch.no_grad():
        regressor.bound(torch.zeros(40_000, 2), torch.full((40_000, 2), 0.5))
    noise = seen[0].double()
    assert noise.mean().abs() < 0.03
    assert noise.std().item() == pytest.approx(1.5, abs=0.03)
    assert ((noise / 1.5) ** 4).mean().item() == pytest.approx(3.0, abs=0.15)  # 1.8 if uniform


def test_latents_of_patches_answer_with_them(regressor):
    patches = torch.rand(20, 2)
    torch.testing.assert_close(regressor.answer(regressor.latents(patches)), patches, atol=1e-4, rtol=0)


def test_answers_have_no_chance_in_them_and_stay_in_range(regressor):
    z = 50.0 * torch.randn(10, 2)
    first = regressor.answer(z)
    assert torch.equal(first, regressor.answer(z))
    assert first.min() >= 0.0 and first.max() <= 1.0 and first.isfinite().all()


def test_a_regression_flow_learns_a_map():
    """Latents that hold the patch, bent: the flow finds the way back, and how little noise is left."""
    torch.manual_seed(0)
    regressor = FlowRegressor(2, SMALL)
    z = torch.randn(512, 2)
    u = torch.stack([z[:, 0], 0.5 * z[:, 1] + 0.5 * z[:, 0] ** 2 - 0.5], 1)
    patches = regressor.to_patch(u).clamp(0, 1).detach()
    regressor.standardise(patches)
    optimizer = torch.optim.Adam(regressor.parameters(), 1e-2)
    for _ in range(400):
        loss = regressor.loss(z, patches)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    error = (regressor.answer(z) - patches).abs().mean()
    assert error < 0.25 * (patches - patches.mean(0)).abs().mean()
    assert regressor.noise_mean.exp().max() < 0.15


def test_the_dense_regressor_counts_nats_of_its_spread():
    regressor = DenseRegressor(4, 3, SMALL).eval()
    z = torch.randn(5, 4)
    patches = (regressor.answer(z) + 0.1).detach()
    assert regressor.loss(z, patches).item() == pytest.approx(3 * 0.5, rel=1e-4)
    assert np.all(regressor.answer(100 * z).detach().numpy() >= 0)
