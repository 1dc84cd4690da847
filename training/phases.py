"""The two things that are learned, one after the other: what a patch sounds like, and how to answer."""

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn

from core.space import ParameterSpace
from models.regression_flow import RegressionFlow
from training.settings import LossWeights
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

    def modules(self) -> Iterator[nn.Module]:
        """Give the proxy."""
        yield self.model.proxy

    def losses(self, patches: Tensor, mels: Tensor) -> dict[str, Tensor]:
        """L1 in spreads, half of the batch at another volume."""
        gain_db = _GAIN_SPREAD_DB * torch.randn(len(patches), device=patches.device)
        gain_db[::2] = 0.0
        patches, mels = change_volume(patches, mels, gain_db, self.space, self.floor)
        return {"total": self.validate(patches, mels)}

    def validate(self, patches: Tensor, mels: Tensor) -> Tensor:
        """L1 in spreads."""
        return (self.model.proxy(patches) - mels).abs().mean() / self.model.proxy.spread


class FlowPhase:
    """Mels to patches by way of the latent space, judged by what the proxy plays.

    Four terms, each a mean over its dimensions:

    - sound: |proxy(flow(z)) - mel|, half of the batch at the posterior mean, half at a sample of it;
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
        """Give the four terms and their weighted sum."""
        model, n_latent = self.model, patches.shape[1]
        mean, log_std = model.encoder(mels + 0.05 * torch.randn_like(mels))
        noise = torch.randn_like(mean)
        noise[::2] = 0.0
        sound = self._sound(mean + log_std.exp() * noise, mels)
        divergence = 0.5 * (mean**2 + (2.0 * log_std).exp() - 1.0 - 2.0 * log_std).mean()
        with torch.autocast(mels.device.type, enabled=False):  # the flow must stay invertible
            x = model.flow.from_patch(patches)
            z, ladj = model.flow.inverse(x + _DEQUANTISE * torch.randn_like(x))
        per_dimension = ladj.mean() / n_latent
        prior = 0.5 * (z**2).mean() - per_dimension
        posterior = (0.5 * ((z - mean) / log_std.exp()) ** 2 + log_std).mean() - per_dimension
        w = self.weights
        total = w.sound * sound + w.divergence * divergence + w.prior * prior + w.posterior * posterior
        return {
            "total": total,
            "sound": sound,
            "divergence": divergence,
            "prior": prior,
            "posterior": posterior,
        }

    def validate(self, patches: Tensor, mels: Tensor) -> Tensor:
        """Sound of the posterior mean."""
        return self._sound(self.model.encoder(mels)[0], mels)

    def _sound(self, z: Tensor, mels: Tensor) -> Tensor:
        with torch.autocast(z.device.type, enabled=False):
            patches = self.model.flow.decode(z.float())
        return (self.model.proxy(patches) - mels).abs().mean() / self.model.proxy.spread
