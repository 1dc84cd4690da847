"""The two phases of the model that ships: what a patch sounds like, then how to answer a sound."""

from collections.abc import Callable, Iterator
from typing import Protocol

import torch
from torch import Tensor, nn

from core.space import ParameterSpace
from models.regression_flow import RegressionFlow
from training.inaudible_augmentation import InaudibleShuffle
from training.settings import LossWeights

__all__ = ["FlowPhase", "Phase", "ProxyPhase"]

_LEVEL_WEIGHT = 0.03  # of a dB of the leveler, which shares only the batch with the proxy
_WITHOUT_FINE = 0.33  # share of the sounds that the encoder hears by their mel alone
_DEQUANTISE = 0.05  # spread of the noise that keeps choices and switched-off amounts from infinite density


class Phase(Protocol):
    """One phase of training."""

    name: str
    columns: tuple[str, ...]  # of a `training.data.dataset.Dataset`: what the losses take

    def modules(self) -> Iterator[nn.Module]:
        """Yield the modules whose parameters are trained."""
        ...

    @property
    def losses(self) -> Callable[..., dict[str, Tensor]]:
        """Returns the loss of a batch of columns as `total`, and its terms for the progress bar."""

    @property
    def validate(self) -> Callable[..., Tensor]:
        """Returns the loss that early stopping watches, a mean over the batch."""


class ProxyPhase:
    """Learns to map patches to mels, and to the volume that makes them equally loud.

    Both losses are L1, as mean dB distances between sounds are; the proxy's is in spreads of the mels.

    Args:
        model: Its proxy and its flow's leveler are trained.
        space: Space of the patches.
    """

    name = "proxy"
    columns: tuple[str, ...] = ("patches", "mels")

    def __init__(self, model: RegressionFlow, space: ParameterSpace) -> None:
        self.model = model
        self.shuffle = InaudibleShuffle(space)

    def modules(self) -> Iterator[nn.Module]:
        """Yield the proxy and the leveler."""
        yield self.model.proxy
        if self.model.flow.leveler is not None:
            yield self.model.flow.leveler

    def losses(self, patches: Tensor, mels: Tensor) -> dict[str, Tensor]:
        """Return both terms and their weighted sum; half of the batch has inaudible parameters shuffled."""
        patches = patches.clone()
        patches[::2] = self.shuffle(patches[::2])
        sound, level = self.validate(patches, mels), self._off_level_db(patches)
        return {"total": sound + _LEVEL_WEIGHT * level, "sound": sound, "level dB": level}

    def validate(self, patches: Tensor, mels: Tensor) -> Tensor:
        """Return the L1 distance of the mels, in spreads."""
        return (self.model.proxy(patches) - mels).abs().mean() / self.model.proxy.spread

    def _off_level_db(self, patches: Tensor) -> Tensor:
        leveler = self.model.flow.leveler
        if leveler is None:
            return patches.new_zeros(())
        with torch.autocast(patches.device.type, enabled=False):
            others = leveler.others(patches.float())
            return (leveler(others) - leveler.volume_db(patches)).abs().mean()


class FlowPhase:
    """Learns to map sounds to patches through the latent space, judged by what the proxy predicts.

    Five terms, and a sixth where the model draws latents, each a mean over its dimensions:

    - sound: |proxy(flow(z)) - proxy(true patch)|, half of the batch at the posterior mean, half at a sample
      of it. Both sides go through the same proxy, so its errors cancel and the true patch is a perfect
      answer; against the mel itself, the best answer would be a patch that the proxy misjudges;
    - patch: |flow(z) - true patch|, which keeps answers where the proxy has seen patches;
    - divergence: KL[q(z|sound) || N(0, I)];
    - prior: -log N(z_v; 0, I) - ladj, with z_v the latent of the true patch: the flow as a density of
      patches, which keeps its answers close to patches that somebody might have made;
    - posterior: -log q(z_v | sound) - ladj: the regression itself;
    - drawn: error of the velocity that carries noise to z_v, which is a fixed target here.

    A third of the sounds come without their fine frames, so that the model also answers what has none.

    Args:
        model: Its encoder and couplings are trained; proxy and leveler stay fixed.
        weights: Weights of the terms.
    """

    name = "flow"
    columns: tuple[str, ...] = ("patches", "mels", "fine")

    def __init__(self, model: RegressionFlow, weights: LossWeights) -> None:
        self.model, self.weights = model, weights

    def modules(self) -> Iterator[nn.Module]:
        """Yield the encoder, the flow's couplings, and what draws latents."""
        yield self.model.encoder
        yield self.model.flow.blocks
        if self.model.sampler is not None:
            yield self.model.sampler

    def losses(self, patches: Tensor, mels: Tensor, fine: Tensor) -> dict[str, Tensor]:
        """Return the terms and their weighted sum."""
        model, n_latent = self.model, patches.shape[1]
        kept = (torch.rand(len(fine), 1, 1, device=fine.device) >= _WITHOUT_FINE).to(fine.dtype)
        features = model.encoder.features(mels + 0.05 * torch.randn_like(mels), fine * kept)
        mean, log_std = model.encoder.posterior(features)
        noise = torch.randn_like(mean)
        noise[::2] = 0.0
        answers = self._answers(mean + log_std.exp() * noise)
        with torch.no_grad():
            heard = model.proxy(patches)
        sound = (model.proxy(answers) - heard).abs().mean() / model.proxy.spread
        patch = (answers - patches).abs().mean()
        divergence = 0.5 * (mean**2 + (2.0 * log_std).exp() - 1.0 - 2.0 * log_std).mean()
        with torch.autocast(mels.device.type, enabled=False):  # the flow must stay invertible
            x = model.flow.from_patch(patches)
            z, ladj = model.flow.inverse(x + _DEQUANTISE * torch.randn_like(x))
        per_dimension = ladj.mean() / n_latent
        prior = 0.5 * (z**2).mean() - per_dimension
        posterior = (0.5 * ((z - mean) / log_std.exp()) ** 2 + log_std).mean() - per_dimension
        w = self.weights
        total = w.sound * sound + w.patch * patch + w.divergence * divergence
        total = total + w.prior * prior + w.posterior * posterior
        terms = {
            "total": total,
            "sound": sound,
            "patch": patch,
            "divergence": divergence,
            "prior": prior,
            "posterior": posterior,
        }
        if model.sampler is not None:
            terms["drawn"] = model.sampler.loss(features, z.detach())
            terms["total"] = total + w.drawn * terms["drawn"]
        return terms

    def validate(self, patches: Tensor, mels: Tensor, fine: Tensor) -> Tensor:
        """Return the distance between the sound of the posterior mean and that of the true patch."""
        answers = self._answers(self.model.encoder(mels, fine)[0])
        difference = self.model.proxy(answers) - self.model.proxy(patches)
        return difference.abs().mean() / self.model.proxy.spread

    def _answers(self, z: Tensor) -> Tensor:
        with torch.autocast(z.device.type, enabled=False):  # the flow must stay invertible
            return self.model.flow.decode(z.float())
