"""What must hold of inverse autoregressive flows."""

import numpy as np
import pytest
import torch
from zuko.transforms import AutoregressiveTransform, MonotonicAffineTransform

from models.paper.autoregressive import (
    AutoregressiveNet,
    InverseAutoregressiveFlow,
    InverseAutoregressiveStep,
)

D, CONTEXT = 5, 3


def trained(module, seed=0, spread=0.3):
    """The module with weights as trained ones are: not zero."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)
        parameter.data.add_(spread * noise)
    return module


@pytest.fixture
def flow():
    return trained(InverseAutoregressiveFlow(D, n_steps=4, hidden=16, n_context=CONTEXT).double())


@pytest.fixture
def context():
    return torch.randn(7, CONTEXT, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def z():
    return torch.randn(7, D, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def test_inverse_undoes_forward(flow, z, context):
    x, ladj = flow(z, context)
    back, ladj_back = flow.inverse(x, context)
    torch.testing.assert_close(back, z, atol=1e-9, rtol=0)
    torch.testing.assert_close(ladj_back, -ladj, atol=1e-9, rtol=0)


def test_forward_undoes_inverse(flow, z, context):
    back = flow(flow.inverse(z, context)[0], context)[0]
    torch.testing.assert_close(back, z, atol=1e-9, rtol=0)


def test_sixteen_steps_are_undone_in_single_precision():
    flow = trained(InverseAutoregressiveFlow(16, n_steps=16, hidden=32), spread=0.05)
    z = torch.randn(8, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(flow.inverse(flow(z)[0])[0], z, atol=1e-3, rtol=0)


def test_ladj_is_autograds(flow, z, context):
    _, ladj = flow(z, context)
    for row, told, ours in zip(z, context, ladj, strict=True):
        jacobian = torch.autograd.functional.jacobian(lambda a, c=told: flow(a[None], c[None])[0][0], row)
        assert torch.linalg.slogdet(jacobian).logabsdet.item() == pytest.approx(ours.item(), abs=1e-9)


def test_each_dimension_sees_those_before_it_and_all_of_them(z, context):
    net = trained(AutoregressiveNet(D, 16, CONTEXT).double())
    for part in (0, 1):
        jacobian = torch.autograd.functional.jacobian(lambda a, p=part: net(a[None], context[:1])[p][0], z[0])
        assert torch.equal(jacobian.triu(), torch.zeros(D, D, dtype=torch.float64))
        assert (jacobian[np.tril_indices(D, -1)] != 0).all()


def test_the_context_reaches_every_dimension(context, z):
    net = trained(AutoregressiveNet(D, 16, CONTEXT).double())
    jacobian = torch.autograd.functional.jacobian(lambda c: net(z[:1], c[None])[1][0], context[0])
    assert (jacobian != 0).all()


def test_a_flow_that_was_promised_a_context_asks_for_it(flow, z):
    with pytest.raises(ValueError, match="context"):
        flow(z)


def test_one_step_is_zukos_autoregressive_transform(z):
    step = trained(InverseAutoregressiveStep(D, 16).double())

    def meta(x):
        log_scale, move = step.condition(x)
        # zuko limits the log-scale softly; this is what its limiter turns into ours.
        return MonotonicAffineTransform(move, log_scale / (1 - (log_scale / np.log(1e-9)).abs()), slope=1e-9)

    theirs = AutoregressiveTransform(meta, passes=D)
    x, ladj = theirs.call_and_ladj(z)
    ours, our_ladj = step(z)
    torch.testing.assert_close(ours, x, atol=1e-9, rtol=0)
    torch.testing.assert_close(our_ladj, ladj.sum(-1), atol=1e-9, rtol=0)
    torch.testing.assert_close(step.inverse(z)[0], theirs.inv(z), atol=1e-9, rtol=0)


def test_density_integrates_to_one_in_two_dimensions():
    flow = trained(InverseAutoregressiveFlow(2, n_steps=3, hidden=8))
    axis = torch.linspace(-15, 15, 601)
    grid = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        z, ladj = flow.inverse(grid)
    log_density = -0.5 * (z**2).sum(-1) - np.log(2 * np.pi) + ladj
    step = float(axis[1] - axis[0])
    assert float(log_density.exp().sum()) * step**2 == pytest.approx(1.0, abs=5e-3)


def test_it_starts_as_the_identity():
    flow = InverseAutoregressiveFlow(D, n_steps=4, hidden=16)
    z = torch.randn(3, D)
    x, ladj = flow(z)
    assert torch.equal(x, z) and torch.equal(ladj, torch.zeros(3))


def test_it_can_stretch_as_well_as_shrink():
    """The original's gate held every step between 0.88 and 1: near the identity, and never wider."""
    step = InverseAutoregressiveStep(D, 16)
    for wanted in (-0.9, 0.9):
        step.net.leave.bias.data[:D] = 10.0 * wanted
        assert step(torch.randn(2, D))[1].mean().item() == pytest.approx(np.sign(wanted) * D, rel=0.01)


def test_a_row_does_not_depend_on_its_batch(flow, z, context):
    """Batch normalization between steps would make it so."""
    whole = flow.train()(z, context)
    alone = flow(z[3:4], context[3:4])
    torch.testing.assert_close(alone[0], whole[0][3:4], atol=1e-12, rtol=0)
    torch.testing.assert_close(alone[1], whole[1][3:4], atol=1e-12, rtol=0)


def test_nothing_of_it_is_outside_the_state(flow, z, context):
    other = InverseAutoregressiveFlow(D, n_steps=4, hidden=16, n_context=CONTEXT).double()
    other.load_state_dict(flow.state_dict())
    assert torch.equal(other(z, context)[0], flow(z, context)[0])
    assert torch.equal(other.inverse(z, context)[0], flow.inverse(z, context)[0])


def test_a_single_dimension_is_moved_by_its_context_alone():
    net = trained(AutoregressiveNet(1, 4, 2))
    first, second = net(torch.randn(3, 1), torch.zeros(3, 2))
    assert (first == first[0]).all() and (second == second[0]).all()
