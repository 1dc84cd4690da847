"""The two things that are learned, one after the other: what a patch sounds like, and how to answer."""

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn

from core.space import ParameterSpace
from models.regression_flow import RegressionFlow
from training.inaudible_augmentation import InaudibleShuffle
from training.settings import LossWeights

__all__ = ["FlowPhase", "Phase", "ProxyPhase"]

_LEVEL_WEIGHT = 0.03  # of a dB of the leveler; it shares nothing with the proxy but the batch
_DEQUANTISE = 0.05  # spread of the noise that keeps choices and switched-off amounts from infinite density


class Phase(Protocol):
    """One thing to learn."""

    name: str

    def modules(self) -> Iterator[nn.Module]:
        """Give the modules whose parameters are learned."""
        ...

    def losses(self, patches: Tensor, mels: Tensor) -> dict[str, Tensor]:
        """Give the loss as `total`, and its terms for the progress bar."""
        ...

    def validate(self, patches: Tensor, mels: Tensor) -> Tensor:
        """Give what early stopping watches, a mean over the batch."""
        ...


class ProxyPhase:
    """Patches to mels, and to the volume that makes them equally loud.

    L1 both, as mean dB distances between sounds are; the proxy in spreads of the mels.

    Args:
        model: Its proxy and its flow's leveler are learned.
        space: Of the patches.
    """

    name = "proxy"

    def __init__(self, model: RegressionFlow, space: ParameterSpace) -> None:
        self.model = model
        self.shuffle = InaudibleShuffle(space)

    def modules(self) -> Iterator[nn.Module]:
        """Give the proxy and the leveler."""
        yield self.model.proxy
        if self.model.flow.leveler is not None:
            yield self.model.flow.leveler

    def losses(self, patches: Tensor, mels: Tensor) -> dict[str, Tensor]:
        """Both terms and their weighted sum, for half of the batch with what is silent moved."""
        patches = patches.clone()
        patches[::2] = self.shuffle(patches[::2])
        sound, level = self.validate(patches, mels), self._off_level_db(patches)
        return {"total": sound + _LEVEL_WEIGHT * level, "sound": sound, "level dB": level}

    def validate(self, patches: Tensor, mels: Tensor) -> Tensor:
        """L1 of the mels, in spreads."""
        return (self.model.proxy(patches) - mels).abs().mean() / self.model.proxy.spread

    def _off_level_db(self, patches: Tensor) -> Tensor:
        leveler = self.model.flow.leveler
        if leveler is None:
            return patches.new_zeros(())
        with torch.autocast(patches.device.type, enabled=False):
            others = leveler.others(patches.float())
            return (leveler(others) - leveler.volume_db(patches)).abs().mean()


class FlowPhase:
    """Mels to patches by way of the latent space, judged by what the proxy plays.

    Five terms, each a mean over its dimensions:

    - sound: |proxy(flow(z)) - proxy(true patch)|, half of the batch at the posterior mean, half at a sample
      of it. Both sides pass the same proxy, so what it gets wrong cancels and the true patch is a perfect
      answer; against the mel itself, the best answer would be a patch that the proxy misjudges;
    - patch: |flow(z) - true patch|, which keeps answers where the proxy has seen patches;
    - divergence: KL[q(z|mel) || N(0, I)];
    - prior: -log N(z_v; 0, I) - ladj, with z_v the latent of the true patch: the flow as a density of
      patches, which is what keeps its answers patches that somebody might have made;
    - posterior: -log q(z_v | mel) - ladj: the regression itself.

    Args:
        model: Its encoder and couplings are learned; proxy and leveler are held still.
        weights: Of the terms.
    """

    name = "flow"

    def __init__(self, model: RegressionFlow, weights: LossWeights) -> None:
        self.model, self.weights = model, weights

    def modules(self) -> Iterator[nn.Module]:
        """Give the encoder and the flow's couplings."""
        yield self.model.encoder
        yield self.model.flow.blocks

    def losses(self, patches: Tensor, mels: Tensor) -> dict[str, Tensor]:
        """Give the five terms and their weighted sum."""
        model, n_latent = self.model, patches.shape[1]
        mean, log_std = model.encoder(mels + 0.05 * torch.randn_like(mels))
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
        return {
            "total": total,
            "sound": sound,
            "patch": patch,
            "divergence": divergence,
            "prior": prior,
            "posterior": posterior,
        }

    def validate(self, patches: Tensor, mels: Tensor) -> Tensor:
        """Sound of the posterior mean, against that of the true patch."""
        answers = self._answers(self.model.encoder(mels)[0])
        difference = self.model.proxy(answers) - self.model.proxy(patches)
        return difference.abs().mean() / self.model.proxy.spread

    def _answers(self, z: Tensor) -> Tensor:
        with torch.autocast(z.device.type, enabled=False):  # the flow must stay invertible
            return self.model.flow.decode(z.float())
