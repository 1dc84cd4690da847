"""From an autoencoder's latent to the synth's parameters.

Each regressor has `loss`, a scalar in nats per sound, and `answer`, which turns latents `(batch, D)` into
patches.
"""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from models.flows import soft_squash, unsquash
from models.paper.autoregressive import InverseAutoregressiveFlow
from models.paper.config import PaperConfig
from models.paper.convolutions import dense_stack
from models.paper.densities import divergence_from_normal, log_normal
from models.paper.initial_weights import xavier_

__all__ = ["DenseRegressor", "FlowRegressor", "Regressor"]

_FIRST_SPREAD = 0.3  # about that of parameters of which nothing is known
_FIRST_BASE_SPREAD = 0.1


class Regressor(nn.Module, ABC):
    """Turns latents into patches."""

    def standardise(self, patches: Tensor) -> None:
        """Set means and spreads from training patches `(N, P)`, if any are needed."""

    @abstractmethod
    def loss(self, z: Tensor, patches: Tensor) -> Tensor:
        """Return the cost of answering latents `(batch, D)`, a mean over the batch."""

    @abstractmethod
    def answer(self, z: Tensor) -> Tensor:
        """Return patches `(batch, P)`, within 0 to 1."""


class DenseRegressor(Regressor):
    """Dense layers and a sigmoid, trained on squared error.

    Args:
        n_latent: D.
        n_parameters: P.
        config: Sizes.
    """

    def __init__(self, n_latent: int, n_parameters: int, config: PaperConfig) -> None:
        super().__init__()
        self.stack = dense_stack(n_latent, config.regressor_width, config.regressor_layers, config.dropout)
        self.head = nn.Linear(config.regressor_width, n_parameters)
        self.spread = config.regressor_spread
        xavier_(self)

    def loss(self, z: Tensor, patches: Tensor) -> Tensor:
        """Return the squared error, in nats of a Gaussian of fixed spread."""
        return 0.5 * (((self.answer(z) - patches) / self.spread) ** 2).sum(1).mean()

    def answer(self, z: Tensor) -> Tensor:
        """Return the patches."""
        return torch.sigmoid(self.head(self.stack(z)))


class FlowRegressor(Regressor):
    """An invertible map between latents and parameters, in the posterior formulation.

    The parameters are a patch `s(u)` seen through noise, `v = s(u) + e`, `e ~ N(0, C)`, with s a fixed
    squash, `p(u) = N(0, I)` and C unknown. The flow gives the posterior of u: `u = f(z + noise)`. So

        log p(v) >= E[log N(v; s(u), C) + log p(u) - log q(u given z)] - KL[q(C) || p(C)],
        log q(u given z) = log N(noise) - ladj,

    and C, one spread per parameter, has a log-normal posterior, which is drawn from, too. All sounds share
    one C, so each pays its share of the last divergence.

    Args:
        n_parameters: P, and D.
        config: Sizes of the flow.

    References:
        Esling et al., "Universal audio synthesizer control with normalizing flows", DAFx 2019, "Posterior
        parameterization", with the signs and weights of its bound.
    """

    shift: Tensor
    scale: Tensor
    n_sounds: Tensor

    def __init__(self, n_parameters: int, config: PaperConfig) -> None:
        super().__init__()
        self.prior_weight = config.flow_prior_weight
        self.flow = InverseAutoregressiveFlow(n_parameters, config.flow_steps, config.flow_hidden)
        self.log_base_spread = nn.Parameter(torch.full((n_parameters,), math.log(_FIRST_BASE_SPREAD)))
        self.noise_mean = nn.Parameter(torch.full((n_parameters,), math.log(_FIRST_SPREAD)))
        self.noise_log_std = nn.Parameter(torch.full((n_parameters,), -3.0))
        self.register_buffer("shift", torch.zeros(n_parameters))
        self.register_buffer("scale", torch.ones(n_parameters))
        self.register_buffer("n_sounds", torch.ones(()))

    def standardise(self, patches: Tensor) -> None:
        """Set mean and spread of the unsquashed parameters, and count the sounds."""
        u = unsquash(patches)
        self.shift.copy_(u.mean(0))
        self.scale.copy_(u.std(0).clamp_min(0.05))
        self.n_sounds.fill_(len(patches))

    def loss(self, z: Tensor, patches: Tensor) -> Tensor:
        """Return the bound above with its sign reversed."""
        of_noise = divergence_from_normal(self.noise_mean, self.noise_log_std) / self.n_sounds
        return of_noise - self.bound(z, patches).mean()

    def bound(self, z: Tensor, patches: Tensor) -> Tensor:
        """Return one draw of the expectation above per sound, `(batch,)`: likelihood + prior - posterior.

        With a prior weight of 1, the mean of its exponential over draws is p(v given C), whatever z and the
        flow are.
        """
        noise = self.log_base_spread.exp() * torch.randn_like(z)
        u, ladj = self.flow(z + noise)
        log_q = log_normal(noise, 0.0, self.log_base_spread) - ladj
        log_spread = self.noise_mean + self.noise_log_std.exp() * torch.randn_like(z)
        likelihood = log_normal(patches, self.to_patch(u), log_spread)
        return likelihood + self.prior_weight * (log_normal(u) - log_q)

    def answer(self, z: Tensor) -> Tensor:
        """Return the patches: no noise, one pass."""
        return self.to_patch(self.flow(z)[0]).clamp(0.0, 1.0)

    def latents(self, patches: Tensor) -> Tensor:
        """Return the latents `(batch, D)` that these patches answer."""
        u = (unsquash(patches) - self.shift) / self.scale
        z: Tensor = self.flow.inverse(u)[0]
        return z

    def to_patch(self, u: Tensor) -> Tensor:
        """Turn standardised parameters into normalized ones, at most a little outside 0 to 1."""
        return soft_squash(u * self.scale + self.shift)
