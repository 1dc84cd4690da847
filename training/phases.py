"""The two things that are learned, one after the other: what a patch sounds like, and how to answer."""

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn

from core.space import ParameterSpace
from models.regression_flow import RegressionFlow
from training.settings import LossWeights
from training.silent import SilentShuffle
from training.volume import change_volume

__all__ = ["FlowPhase", "Phase", "ProxyPhase"]

_GAIN_SPREAD_DB = 4.0
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
    """Patches to mels: L1, as mean dB distances between sounds are.

    Args:
        model: Its proxy is learned.
        space: Of the patches.
        floor: Of the mels.
    """

    name = "proxy"

    def __init__(self, model: RegressionFlow, space: ParameterSpace, floor: float) -> None:
        self.model, self.space, self.floor = model, space, floor
        self.shuffle = SilentShuffle(space)

    def modules(self) -> Iterator[nn.Module]:
        """Give the proxy."""
        yield self.model.proxy

    def losses(self, patches: Tensor, mels: Tensor) -> dict[str, Tensor]:
        """L1 in spreads, half of the batch at another volume, half with what is silent moved."""
        gain_db = _GAIN_SPREAD_DB * torch.randn(len(patches), device=patches.device)
        gain_db[::2] = 0.0
        patches, mels = change_volume(patches, mels, gain_db, self.space, self.floor)
        patches[::4], patches[1::4] = self.shuffle(patches[::4]), self.shuffle(patches[1::4])
        return {"total": self.validate(patches, mels)}

    def validate(self, patches: Tensor, mels: Tensor) -> Tensor:
        """L1 in spreads."""
        return (self.model.proxy(patches) - mels).abs().mean() / self.model.proxy.spread


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
        model: Its encoder and flow are learned; its proxy is held still.
        weights: Of the terms.
    """

    name = "flow"

    def __init__(self, model: RegressionFlow, weights: LossWeights) -> None:
        self.model, self.weights = model, weights
        model.proxy.requires_grad_(False)

    def modules(self) -> Iterator[nn.Module]:
        """Give encoder and flow."""
        yield self.model.encoder
        yield self.model.flow

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
