"""The paper's convolution stacks: sizes, non-linearity, and that every bin can be drawn."""

import pytest
import torch
from torch import nn

from models.paper.convolutions import ConvolutionDecoder, ConvolutionEncoder, dense_stack

SHAPES = [(64, 80), (64, 16), (33, 47)]


def is_affine(module, shape):
    """Whether f(a + b) + f(0) = f(a) + f(b), in evaluation mode."""
    torch.manual_seed(0)
    a, b = torch.randn(2, 4, *shape, dtype=torch.float64)
    module = module.double().eval()
    with torch.no_grad():
        left = module(a + b) + module(torch.zeros_like(a))
        return torch.allclose(left, module(a) + module(b), atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_decoder_undoes_the_encoders_sizes(shape):
    encoder, decoder = ConvolutionEncoder(shape, 4, 5, 7), ConvolutionDecoder(shape, 4, 5, 7)
    features = encoder(torch.randn(3, *shape))
    assert features.shape == (3, encoder.n_features)
    assert encoder.n_features == decoder.n_features
    assert decoder(features).shape == (3, *shape)


def test_the_check_for_affine_maps_sees_one():
    assert is_affine(nn.Linear(5, 3), (5,))
    assert is_affine(nn.Sequential(nn.Linear(5, 3), nn.BatchNorm1d(3), nn.Dropout(0.3)), (5,))


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (dense_stack(6, 8, 2, 0.3), (6,)),
        (ConvolutionEncoder((16, 16), 4, 2, 7), (16, 16)),
        (ConvolutionEncoder((16, 16), 4, 2, 7, residual=True), (16, 16)),
        (ConvolutionDecoder((16, 16), 4, 2, 7), (64,)),
    ],
    ids=["dense", "convolutions", "residual", "decoder"],
)
def test_no_stack_is_affine(module, shape):
    """The original's MLP and decoder lost their activations, and nothing noticed."""
    assert not is_affine(module, shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_bin_is_drawn_from_the_features(shape):
    """Transposed convolutions of stride 2 and even dilation leave three bins of four at their bias."""
    torch.manual_seed(0)
    decoder = ConvolutionDecoder(shape, 4, 5, 7).eval()
    with torch.no_grad():
        drawn = torch.stack([decoder(torch.randn(1, decoder.n_features))[0] for _ in range(8)])
    assert (drawn.std(0) > 1e-6).all()


def test_the_residual_path_learns():
    encoder = ConvolutionEncoder((32, 32), 4, 3, 7, residual=True)
    encoder(torch.randn(2, 32, 32)).sum().backward()
    for layer in encoder.layers:
        assert layer.short.weight.requires_grad
        assert layer.short.weight.grad.abs().sum() > 0
        assert layer.short.kernel_size == (1, 1)
