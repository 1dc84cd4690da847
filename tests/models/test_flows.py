"""What must hold of the regression flow."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zuko.transforms import CouplingTransform, MonotonicAffineTransform

from models.coupling_arrays import CouplingArrays
from models.flows import CouplingFlow, soft_squash
from models.flows import unsquash as unsquash_torch
from models.steering.free_values import squash, unsquash
from models.steering.level_arrays import LEVEL_DB, VolumeScale

D = 8


VOLUME = VolumeScale(index=2, low=0.0, high=7399.44043, offset=-80.0)


@pytest.fixture(params=[None, VOLUME], ids=["plain", "leveled"])
def flow(request):
    """A flow with weights as trained ones are: not zero."""
    torch.manual_seed(0)
    flow = CouplingFlow(D, n_blocks=4, hidden=16, seed=1, volume=request.param).double()
    generator = torch.Generator().manual_seed(2)
    for name, parameter in flow.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
        parameter.data.add_((0.03 if name.startswith("leveler") else 0.3) * noise)
    for block in flow.blocks:  # orthogonal to double precision, as float32 rotations are to single
        block.rotation.copy_(torch.linalg.qr(block.rotation)[0])
    flow.shift.copy_(torch.linspace(-1, 1, flow.n_coupled))
    flow.scale.copy_(torch.linspace(0.5, 2, flow.n_coupled))
    if flow.leveler is not None:
        flow.leveler.b2.data.fill_(-10.0)
    return flow


def arrays(flow) -> CouplingArrays:
    tensors = {k: v.float().numpy() for k, v in flow.state_dict().items()}
    return CouplingArrays.from_tensors(tensors)


def test_inverse_undoes_forward(flow):
    z = torch.randn(64, D, dtype=torch.float64)
    x, ladj = flow(z)
    back, ladj_back = flow.inverse(x)
    torch.testing.assert_close(back, z, atol=1e-9, rtol=0)
    torch.testing.assert_close(ladj_back, -ladj, atol=1e-9, rtol=0)


def test_ladj_is_autograds(flow):
    z = torch.randn(5, D, dtype=torch.float64)
    _, ladj = flow(z)
    for row, given_ladj in zip(z, ladj, strict=True):
        jacobian = torch.autograd.functional.jacobian(lambda a: flow(a[None])[0][0], row)
        assert torch.linalg.slogdet(jacobian).logabsdet.item() == pytest.approx(given_ladj.item(), abs=1e-8)


def test_one_block_is_zukos_coupling(flow):
    """The block without its rotation equals zuko's coupling with the same conditioner."""
    block = flow.blocks[0]
    mask = torch.arange(flow.n_coupled) < block.split

    def meta(a):
        log_scale, move = block.condition(a)
        # zuko limits the log-scale softly; this is what its limiter turns into ours.
        return MonotonicAffineTransform(move, log_scale / (1 - (log_scale / np.log(1e-9)).abs()), slope=1e-9)

    z = torch.randn(7, flow.n_coupled, dtype=torch.float64)
    theirs, their_ladj = CouplingTransform(meta, mask).call_and_ladj(z)
    ours, ladj = block(z)
    torch.testing.assert_close(ours @ block.rotation, theirs, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(ladj, their_ladj.sum(-1), atol=1e-6, rtol=1e-6)


def test_density_integrates_to_one_in_two_dimensions():
    flow = CouplingFlow(2, n_blocks=3, hidden=8, seed=3)
    for parameter in flow.parameters():
        parameter.data.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(4)))
    axis = torch.linspace(-12, 12, 601)
    grid = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        z, ladj = flow.inverse(grid)
    log_density = -0.5 * (z**2).sum(-1) - np.log(2 * np.pi) + ladj
    step = float(axis[1] - axis[0])
    assert float(log_density.exp().sum()) * step**2 == pytest.approx(1.0, abs=5e-3)


def test_every_weight_gets_a_gradient(flow):
    flow.decode(torch.randn(9, D, dtype=torch.float64)).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in flow.parameters())


def test_state_survives_saving(flow):
    volume = None if flow.leveler is None else VOLUME
    other = CouplingFlow(D, n_blocks=4, hidden=16, seed=99, volume=volume).double()
    other.load_state_dict(flow.state_dict())
    z = torch.randn(3, D, dtype=torch.float64)
    assert torch.equal(other.decode(z), flow.decode(z))
    assert torch.equal(other.inverse(z)[0], flow.inverse(z)[0])


def test_numpy_plays_what_torch_learned(flow):
    z = torch.randn(32, D)
    ours = arrays(flow).decode(z.numpy())
    theirs = flow.float().decode(z).clamp(0, 1).detach().numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert ours.min() >= 0.0 and ours.max() <= 1.0


def test_the_level_moves_nothing_but_the_volume_and_by_so_many_db():
    flow = CouplingFlow(D, seed=1, volume=VOLUME)
    flow.leveler.b2.data.fill_(-12.0)
    z = torch.randn(20, D)
    z[:, -1] = 0.0
    louder = z.clone()
    louder[:, -1] = 0.5
    a, b = flow.decode(z), flow.decode(louder)
    others = torch.arange(D) != VOLUME.index
    assert torch.equal(a[:, others], b[:, others])
    gain_db = flow.leveler.volume_db(b) - flow.leveler.volume_db(a)
    torch.testing.assert_close(gain_db, torch.full((20, 1), 0.5 * LEVEL_DB), atol=1e-3, rtol=0)


def test_whatever_is_played_at_one_level_has_the_volume_it_calls_for():
    torch.manual_seed(1)
    flow = CouplingFlow(D, seed=1, volume=VOLUME)
    flow.leveler.w2.data.normal_()
    flow.leveler.b2.data.fill_(-12.0)
    z = torch.randn(20, D)
    z[:, -1] = 0.0
    patches = flow.decode(z)
    called_for = flow.leveler(flow.leveler.others(patches))
    torch.testing.assert_close(flow.leveler.volume_db(patches), called_for, atol=1e-3, rtol=0)
    assert called_for.std() > 0.5


@pytest.mark.parametrize("volume", [None, VOLUME], ids=["plain", "leveled"])
@settings(deadline=None)
@given(
    values=st.lists(
        st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1, width=32)), min_size=D, max_size=D
    )
)
def test_any_patch_has_a_latent_that_decodes_to_it(volume, values):
    """The very ends included. 1e-3 is what the server promises; trained weights are tamer."""
    torch.manual_seed(0)
    flow = CouplingFlow(D, n_blocks=8, hidden=16, seed=1, volume=volume)
    generator = torch.Generator().manual_seed(2)
    for parameter in flow.parameters():
        parameter.data.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    played = arrays(flow)
    v = np.array(values, np.float32)
    np.testing.assert_allclose(played.decode(played.invert(v)), v, atol=1e-3)


@given(st.floats(0, 1))
def test_squash_undoes_unsquash(v):
    assert squash(unsquash(np.float64(v))) == pytest.approx(v, abs=1e-9)
    assert float(soft_squash(unsquash_torch(torch.tensor(v, dtype=torch.float64)))) == pytest.approx(
        v, abs=1e-9
    )
