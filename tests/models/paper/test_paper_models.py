"""The paper's nine models: what holds of each, and the sizes its page gives."""

import numpy as np
import pytest
import torch
from torch import nn

from core.mel import MelConfig
from models.paper.autoencoder import AutoEncoder
from models.paper.catalog import PAPER_MODELS, RIVAL, new_paper_model
from models.paper.config import PaperConfig
from tests.support.paper import SMALL_PAPER

P, N_TAGS = 16, 3
SHAPE = (64, 16)
LATENT = [name for name in PAPER_MODELS if name not in ("mlp", "cnn", "resnet")]


def small(name, seed=0):
    torch.manual_seed(seed)
    return new_paper_model(name, P, SHAPE, SMALL_PAPER, N_TAGS)


def batch(n=12, seed=1):
    generator = torch.Generator().manual_seed(seed)
    tags = torch.randint(0, 3, (n, N_TAGS), generator=generator).float()
    tags[tags == 2] = float("nan")
    patches = torch.rand(n, P, generator=generator)
    mels = 3.0 * torch.randn(n, *SHAPE, generator=generator) - 6.0
    return patches, mels, tags


@pytest.fixture(params=[*PAPER_MODELS, RIVAL])
def model(request):
    model = small(request.param)
    patches, mels, _ = batch()
    model.standardise(patches, mels)
    return model


def test_one_step_moves_every_weight(model):
    patches, mels, tags = batch()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    # Steps of a flow start as the identity, so some inner weights have no gradient until the second step.
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(2):
        terms = model.train().losses(patches, mels, tags)
        assert all(term.isfinite() and term.ndim == 0 for term in terms.values())
        optimizer.zero_grad()
        terms["total"].backward()
        optimizer.step()
    still = [name for name, p in model.named_parameters() if torch.equal(p, before[name])]
    assert not still


def test_the_same_sound_gets_the_same_answer(model):
    """The original drew from the posterior even then: up to 0.03 apart in every parameter."""
    _, mels, _ = batch()
    model.eval()
    first = model.infer(mels)
    torch.manual_seed(5)
    assert torch.equal(model.infer(mels), first)
    torch.testing.assert_close(model.infer(mels[4:5]), first[4:5], atol=1e-5, rtol=1e-5)


def test_answers_are_patches(model):
    answers = model.eval().infer(100.0 * torch.randn(5, *SHAPE))
    assert answers.shape == (5, P) and answers.dtype == torch.float32
    assert answers.isfinite().all() and answers.min() >= 0.0 and answers.max() <= 1.0


def test_all_of_it_is_in_the_state(model, request):
    """Means and spreads too: the original kept its flows' running statistics in plain attributes."""
    patches, mels, tags = batch()
    model.train().losses(patches, mels, tags)  # moves the running statistics
    other = small(request.node.callspec.params["model"], seed=9)
    other.load_state_dict(model.state_dict())
    assert torch.equal(other.eval().infer(mels), model.eval().infer(mels))
    if isinstance(model, AutoEncoder):
        z = model.encode(mels)
        assert torch.equal(other.decode(z), model.decode(z))


def test_answers_follow_the_sound_and_not_in_a_line(model):
    """An affine model would give f(a) + f(b) = f(a + b) + f(0) before its sigmoid."""
    torch.manual_seed(0)
    model.eval()
    a, b = 3.0 * torch.randn(2, 3, *SHAPE)
    logits = [torch.logit(model.infer(x).double().clamp(1e-6, 1 - 1e-6)) for x in (a, b, a + b, 0 * a)]
    assert (logits[0][0] - logits[0][1]).abs().max() > 1e-3
    assert not torch.allclose(logits[0] + logits[1], logits[2] + logits[3], atol=1e-3)


def test_xavier_weights_and_no_bias_at_first(model):
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d) and type(layer) in (nn.Linear, nn.Conv2d):
            fans = nn.init._calculate_fan_in_and_fan_out(layer.weight)
            limit = (6.0 / sum(fans)) ** 0.5
            assert layer.weight.abs().max() <= limit * 1.0001
            assert layer.weight.abs().max() > 0.8 * limit
            assert layer.bias is None or not layer.bias.any()


@pytest.mark.parametrize("name", LATENT)
def test_beta_weighs_the_divergence_and_nothing_else(name):
    model = small(name).eval()
    patches, mels, tags = batch()
    terms = {}
    for beta in (0.0, 1.0):
        torch.manual_seed(3)
        with torch.no_grad():
            terms[beta] = model.losses(patches, mels, tags, beta)
    n_bins = SHAPE[0] * SHAPE[1]
    for key in ("reconstruction", "divergence", "regression"):
        assert terms[0.0][key] == terms[1.0][key]
    raised = terms[1.0]["total"] - terms[0.0]["total"]
    torch.testing.assert_close(raised, terms[1.0]["divergence"] / n_bins, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["mlp", "ae"])
def test_the_loss_is_a_mean_over_sounds(name):
    """The original's reconstruction weighed more the larger the batch."""
    model = small(name).eval()
    patches, mels, _ = batch()
    once, twice = model.losses(patches, mels), model.losses(patches.repeat(2, 1), mels.repeat(2, 1, 1))
    for key, value in once.items():
        torch.testing.assert_close(twice[key], value, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", LATENT)
def test_what_is_decoded_is_what_was_trained(name):
    """The original decoded Flow_dis from before the flow that it had been trained after."""
    model = small(name).eval()
    patches, mels, tags = batch()
    seen = []
    real = model.decoder.forward
    model.decoder.forward = lambda z: (seen.append(z), real(z))[1]
    model.latent.forward = lambda features, told=None: (model.latent.mean(features), torch.zeros(()))
    model.losses(patches, mels, tags)
    torch.testing.assert_close(model.encode(mels), seen[0], atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", ["vae", "wae", "vae_flow", "flow_reg", "flow_dis"])
def test_draws_are_gaussian_around_the_mean(name):
    """At the start flows are the identity: the draws are those of the Gaussian posterior."""
    model = small(name).eval()
    features = torch.randn(1, SMALL_PAPER.width // 2)
    torch.manual_seed(0)
    with torch.no_grad():
        z = torch.cat([model.latent(features.expand(200, -1))[0] for _ in range(25)]).double()
        centred = z - model.latent.mean(features[:1])
    shape = centred / centred.std(0)
    assert (centred.mean(0) / centred.std(0)).abs().max() < 0.06
    assert (shape**4).mean().item() == pytest.approx(3.0, abs=0.15)  # 1.8 if uniform


@pytest.mark.parametrize("name", ["vae_flow", "flow_reg", "flow_dis"])
def test_the_encoder_steers_the_posterior_flow(name):
    """In the original what the encoder told the flow was thrown away."""
    model = small(name)
    for parameter in model.latent.flow.parameters():
        parameter.data.add_(0.1 * torch.randn_like(parameter))
    z = torch.randn(1, P)
    a, b = torch.randn(2, 1, SMALL_PAPER.flow_context)
    assert (model.latent.flow(z, a)[0] - model.latent.flow(z, b)[0]).abs().max() > 1e-3


def test_silence_alone_is_standardised_to_something_finite():
    model = small("vae")
    mels = torch.full((4, *SHAPE), -11.5)
    model.standardise(torch.rand(4, P), mels)
    assert model.standardiser(mels).isfinite().all()
    torch.testing.assert_close(model.standardiser.inverse(model.standardiser(mels)), mels)


def test_a_model_of_no_name_is_refused():
    with pytest.raises(ValueError, match="no model"):
        new_paper_model("gan", P, SHAPE, SMALL_PAPER)


# Parameters at 32 parameters and the paper's mel; docs/models.md sets them beside the page's words.
COUNTS = {
    "mlp": 27_359_264,
    "cnn": 13_264_928,
    "resnet": 13_331_232,
    "ae": 6_748_161,
    "vae": 6_780_961,
    "wae": 6_780_961,
    "vae_flow": 7_441_505,
    "flow_reg": 6_785_185,
    "flow_dis": 7_017_121,
    RIVAL: 11_671_584,
}


@pytest.mark.parametrize("name", [*PAPER_MODELS, RIVAL])
def test_parameter_counts(name):
    with torch.device("meta"):
        model = new_paper_model(name, 32, MelConfig().shape, PaperConfig(), 7)
    assert sum(p.numel() for p in model.parameters()) == COUNTS[name]


def layers(model, kind):
    return [layer for layer in model.modules() if isinstance(layer, kind)]


def test_the_baselines_are_the_pages():
    with torch.device("meta"):
        mlp, cnn, resnet = (
            new_paper_model(n, 32, MelConfig().shape, PaperConfig()) for n in ("mlp", "cnn", "resnet")
        )
    assert [layer.out_features for layer in layers(mlp, nn.Linear)] == [2048] * 5 + [32]
    assert len(layers(mlp, nn.ELU)) == len(layers(mlp, nn.BatchNorm1d)) == len(layers(mlp, nn.Dropout)) == 5
    convolutions = layers(cnn, nn.Conv2d)
    assert [c.dilation[0] for c in convolutions] == [1, 2, 4, 8, 16]
    assert {(c.out_channels, c.kernel_size, c.stride) for c in convolutions} == {(128, (7, 7), (2, 2))}
    assert [layer.out_features for layer in layers(cnn, nn.Linear)] == [2048] * 3 + [32]
    assert len(layers(resnet, nn.Conv2d)) == 10
    assert {d.p for d in layers(cnn, nn.Dropout)} == {0.3}


def test_the_autoencoders_are_the_pages():
    with torch.device("meta"):
        ae, reg = (new_paper_model(n, 32, MelConfig().shape, PaperConfig()) for n in ("ae", "flow_reg"))
    assert {c.out_channels for c in layers(ae.encoder, nn.Conv2d)} == {64}
    assert {layer.out_features for layer in layers(ae.encoder, nn.Linear)} == {1024}
    encoder = sum(c.weight.numel() for c in layers(ae.encoder, nn.Conv2d))
    turned = layers(ae.decoder, nn.Conv2d) + layers(ae.decoder, nn.ConvTranspose2d)
    assert sum(c.weight.numel() for c in turned) == encoder
    assert [layer.out_features for layer in layers(ae.regressor, nn.Linear)] == [1024, 1024, 32]
    assert len(reg.latent.flow.steps) == len(reg.regressor.flow.steps) == 16
    assert np.prod(reg.regressor.log_base_spread.shape) == 32  # the latent is as large as the patch
