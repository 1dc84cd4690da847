"""What answers sounds without torch agrees with the networks in torch, gradients included."""

import numpy as np
import pytest
import torch

from core.errors import CheckpointError
from core.fine_frames import FINE_SHAPE
from core.mel import MelConfig
from models.answer_model import AnswerModel
from models.folder import ModelFolder
from models.networks.proxy_arrays import ProxyArrays
from models.torch_folder import load_regression_flow
from synths.engine import Note
from synths.space_files import load_space
from tests.support.tiny_torch_model import write_tiny_torch_model

N = 3
MEL = MelConfig(n_mels=16, n_frames=24)


@pytest.fixture(scope="module", params=["vital-32", "amsynth-16"])
def folder(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_torch_model(path, load_space(request.param), MEL, Note(held_seconds=0.6, seconds=1.1))
    return ModelFolder.load(path)


@pytest.fixture(scope="module")
def model(folder):
    return AnswerModel.load(folder)


@pytest.fixture(scope="module")
def trained(folder):
    return load_regression_flow(folder)


def test_the_proxy_and_its_gradient(folder, model, trained):
    patches = np.random.default_rng(1).random((N, len(folder.space))).astype(np.float32)
    patches[0, ::3], patches[0, 1::3] = -0.02, 1.02  # beyond what the proxy reads
    given = torch.from_numpy(patches).requires_grad_(True)
    expected = trained.proxy(given)
    np.testing.assert_allclose(model.proxy.mels(patches), expected.detach().numpy(), atol=1e-4)
    target = expected.detach() + torch.randn(expected.shape)
    (expected - target).abs().mean((1, 2)).sum().backward()
    found = model.proxy.gradient(patches, target.numpy())
    # Beyond autograd's own rounding: 32 bits against differences in 64.
    np.testing.assert_allclose(found, given.grad.numpy(), atol=1e-3 * float(given.grad.abs().max()))


def test_the_flow_and_its_gradient(folder, model, trained):
    rng = np.random.default_rng(2)
    z, slopes = rng.normal(size=(2, N, len(folder.space))).astype(np.float32)
    heard = np.array([name != "volume" for name in folder.space.names])
    slopes[:, ~heard] = 0.0
    given = torch.from_numpy(z).requires_grad_(True)
    expected = trained.flow.decode(given)
    (expected * torch.from_numpy(slopes)).sum().backward()
    decoded = model.flow.with_gradient(z)
    np.testing.assert_allclose(decoded.patches[:, heard], expected.detach().numpy()[:, heard], atol=1e-5)
    np.testing.assert_allclose(decoded.gradient(slopes), given.grad.numpy(), atol=1e-4)


def test_where_answers_begin(folder, model, trained):
    rng = np.random.default_rng(3)
    mel = rng.normal(-5.0, 3.0, MEL.shape).astype(np.float32)
    fine = rng.integers(0, 256, FINE_SHAPE).astype(np.uint8)
    with torch.no_grad():
        features = trained.encoder.features(torch.from_numpy(mel)[None], torch.from_numpy(fine).float()[None])
        noise = torch.randn(4, len(folder.space), generator=torch.Generator().manual_seed(0))
        drawn = trained.sampler.draw(features, 4)[0].numpy()
        mean = trained.encoder.posterior(features)[0][0].numpy()
    np.testing.assert_allclose(model.encoder.features(mel, fine), features[0].numpy(), atol=1e-3)
    np.testing.assert_allclose(model.sampler.draw(features[0].numpy(), noise.numpy()), drawn, atol=1e-3)
    begun = model.beginnings(mel, fine)
    assert begun.shape == (33, len(folder.space))
    np.testing.assert_allclose(begun[0], mean, atol=1e-3)
    np.testing.assert_array_equal(begun, model.beginnings(mel, fine))
    np.testing.assert_allclose(
        model.encoder.mean(mel), model.beginnings(mel, np.zeros_like(fine))[0], atol=1e-6
    )


def test_an_incomplete_proxy_is_refused(folder):
    with pytest.raises(CheckpointError, match=r"no complete proxy: mean is missing"):
        ProxyArrays({}, folder.space, MEL, 1.0)
