"""The disentangling flow: a density, and one that tells tags apart."""

import numpy as np
import pytest
import torch

from models.paper.disentangling import DisentanglingFlow
from tests.models.paper.test_autoregressive import trained

NAN = float("nan")


@pytest.mark.parametrize("tags", [(NAN, NAN), (0.0, NAN), (1.0, NAN), (0.0, 1.0), (NAN, 0.0)])
def test_given_its_tags_it_is_a_density(tags):
    flow = trained(DisentanglingFlow(2, 2, n_steps=3, hidden=8))
    axis = torch.linspace(-15, 15, 601)
    grid = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        density = flow.log_density(grid, torch.tensor(tags).expand(len(grid), 2)).exp()
    step = float(axis[1] - axis[0])
    assert float(density.sum()) * step**2 == pytest.approx(1.0, abs=5e-3)


def test_what_a_sound_costs_does_not_depend_on_its_batch():
    """In the original every tagged sound met the noise of every other: n by n terms for n sounds."""
    flow = trained(DisentanglingFlow(4, 2, n_steps=2, hidden=8)).double()
    z = torch.randn(6, 4, dtype=torch.float64)
    tags = torch.tensor([[0, 1], [1, NAN], [NAN, NAN], [0, 0], [1, 1], [NAN, 0]], dtype=torch.float64)
    whole = flow.log_density(z, tags)
    assert whole.shape == (6,)
    for row in range(6):
        torch.testing.assert_close(flow.log_density(z[row : row + 1], tags[row : row + 1])[0], whole[row])


def test_no_tags_is_all_unknown():
    flow = trained(DisentanglingFlow(4, 2, n_steps=2, hidden=8))
    z = torch.randn(6, 4)
    torch.testing.assert_close(flow.log_density(z), flow.log_density(z, torch.full((6, 2), NAN)))


def test_unknown_tags_give_finite_gradients():
    flow = trained(DisentanglingFlow(4, 2, n_steps=2, hidden=8))
    z = torch.randn(6, 4, requires_grad=True)
    flow.log_density(z, torch.full((6, 2), NAN)).sum().backward()
    assert z.grad.isfinite().all() and z.grad.abs().sum() > 0


def test_more_pairs_than_dimensions_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        DisentanglingFlow(2, 3)


def test_several_planted_tags_are_separated_at_once():
    """Tags hidden in oblique directions and a product; each ends up along a dimension of its own."""
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(1_500, 6, generator=generator)
    measure = torch.stack([z[:, 3] + z[:, 4], z[:, 0] - 2 * z[:, 5], z[:, 1] + 0.5 * z[:, 2] ** 2 - 0.5], 1)
    truth = (measure > 0).float()
    known = torch.rand(truth.shape, generator=generator) < 0.4
    tags = torch.where(known, truth, NAN)
    train, test = slice(0, 1_000), slice(1_000, None)
    torch.manual_seed(0)
    flow = DisentanglingFlow(6, 3, n_steps=4, hidden=32)
    optimizer = torch.optim.Adam(flow.parameters(), 5e-3)
    for _ in range(250):
        loss = -flow.log_density(z[train], tags[train]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        y = flow(z[test])[0]
    right = ((y[:, :3] > 0) == (truth[test] > 0)).float().mean(0).numpy()
    assert (right > 0.85).all(), right
    # Each dimension follows its own pair and no other.
    own = np.corrcoef(y[:, :3].T.numpy(), measure[test].T.numpy())[:3, 3:]
    assert (np.abs(own).argmax(1) == np.arange(3)).all()
