"""How an autoencoder's features become a latent, and what keeps those latents in order.

A space is called with features `(batch, n_features)`, and tags or None. It returns a latent `(batch, D)` and
its cost, a scalar in nats per sound; `mean` returns the one latent that stands for the sound, always the
same.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from models.paper.autoregressive import InverseAutoregressiveFlow
from models.paper.config import PaperConfig
from models.paper.densities import divergence_from_normal, log_normal, mean_discrepancy
from models.paper.disentangling import DisentanglingFlow
from models.paper.initial_weights import xavier_

__all__ = [
    "DisentangledLatent",
    "FlowLatent",
    "GaussianLatent",
    "LatentSpace",
    "MatchedLatent",
    "PointLatent",
]

_LOG_STD_LIMITS = (-6.0, 2.0)  # a posterior beyond these over- or underflows before it means anything
_WIDTHS = (0.5, 1.0, 2.0, 4.0)  # of the kernels: narrow ones see shape, wide ones pull far points back


class LatentSpace(nn.Module, ABC):
    """What an encoder's features become."""

    @abstractmethod
    def forward(self, features: Tensor, tags: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return a latent, drawn if the space is one of distributions, and its cost."""

    @abstractmethod
    def mean(self, features: Tensor) -> Tensor:
        """Return the latent that stands for the sound."""


class PointLatent(LatentSpace):
    """A point, at no cost: the AE.

    Args:
        n_features: Number of features.
        n_latent: D.
    """

    def __init__(self, n_features: int, n_latent: int) -> None:
        super().__init__()
        self.head = nn.Linear(n_features, n_latent)
        xavier_(self)

    def forward(self, features: Tensor, tags: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the point."""
        return self.mean(features), features.new_zeros(())

    def mean(self, features: Tensor) -> Tensor:
        """Return the point."""
        z: Tensor = self.head(features)
        return z


class GaussianLatent(LatentSpace):
    """A draw from a diagonal Gaussian, at KL[q(z given mel) || N(0, I)]: the VAE.

    Args:
        n_features: Number of features.
        n_latent: D.
    """

    def __init__(self, n_features: int, n_latent: int) -> None:
        super().__init__()
        self.head = nn.Linear(n_features, 2 * n_latent)
        xavier_(self)

    def posterior(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log standard deviation, each `(batch, D)`."""
        mean, log_std = self.head(features).chunk(2, -1)
        return mean, log_std.clamp(*_LOG_STD_LIMITS)

    def forward(self, features: Tensor, tags: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw a latent; return it and the divergence in closed form."""
        mean, log_std = self.posterior(features)
        z = mean + log_std.exp() * torch.randn_like(mean)
        return z, divergence_from_normal(mean, log_std).mean()

    def mean(self, features: Tensor) -> Tensor:
        """Return the posterior mean."""
        return self.posterior(features)[0]


class MatchedLatent(GaussianLatent):
    """The same draw, at the discrepancy between the whole batch and N(0, I): the WAE.

    Args:
        n_features: Number of features.
        n_latent: D.
        weight: Cost in nats of a discrepancy of 1.
    """

    def __init__(self, n_features: int, n_latent: int, weight: float) -> None:
        super().__init__(n_features, n_latent)
        self.weight = weight

    def forward(self, features: Tensor, tags: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw a latent; return it and the weighted discrepancy."""
        mean, log_std = self.posterior(features)
        z = mean + log_std.exp() * torch.randn_like(mean)
        discrepancy = torch.stack([mean_discrepancy(z, width) for width in _WIDTHS]).mean()
        return z, self.weight * discrepancy


class FlowLatent(LatentSpace):
    """A Gaussian draw sent through a flow that the encoder steers: the VAEFlow.

    The cost is log q(z0) - ladj - log p(z), an unbiased estimate of the divergence.

    Args:
        n_features: Number of features.
        n_latent: D.
        config: Sizes of the flow.
    """

    def __init__(self, n_features: int, n_latent: int, config: PaperConfig) -> None:
        super().__init__()
        self.head = nn.Linear(n_features, 2 * n_latent)
        self.context = nn.Linear(n_features, config.flow_context)
        xavier_(self)
        self.flow = InverseAutoregressiveFlow(
            n_latent, config.flow_steps, config.flow_hidden, config.flow_context
        )

    def posterior(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mean, log standard deviation and the flow's context."""
        mean, log_std = self.head(features).chunk(2, -1)
        return mean, log_std.clamp(*_LOG_STD_LIMITS), self.context(features)

    def draw(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Draw a latent; return it and its log-density under the posterior, `(batch,)`."""
        mean, log_std, context = self.posterior(features)
        start = mean + log_std.exp() * torch.randn_like(mean)
        z, ladj = self.flow(start, context)
        return z, log_normal(start, mean, log_std) - ladj

    def forward(self, features: Tensor, tags: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw a latent; return it and an estimate of the divergence."""
        z, log_q = self.draw(features)
        return z, (log_q - log_normal(z)).mean()

    def mean(self, features: Tensor) -> Tensor:
        """Return the mean of the Gaussian, sent through the flow."""
        mean, _, context = self.posterior(features)
        z: Tensor = self.flow(mean, context)[0]
        return z


class DisentangledLatent(FlowLatent):
    """The same, with a second flow to where tags are told apart: the latent space of Flow_dis.

    The prior of z is the disentangling flow's density given the tags, so the cost stays one divergence,
    KL[q(z given mel) || p(z given tags)]. What is passed on is y = f(z), whose first dimensions belong to the
    tags.

    Args:
        n_features: Number of features.
        n_latent: D.
        n_tags: Number of pairs of words.
        config: Sizes of the flows.
    """

    def __init__(self, n_features: int, n_latent: int, n_tags: int, config: PaperConfig) -> None:
        super().__init__(n_features, n_latent, config)
        self.tag_weight = config.tag_weight
        self.disentangling = DisentanglingFlow(
            n_latent,
            n_tags,
            n_steps=config.disentangling_steps,
            hidden=config.flow_hidden,
            spread=config.tag_spread,
        )

    def forward(self, features: Tensor, tags: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw a latent; return it and an estimate of its divergence from the prior given the tags."""
        z, log_q = self.draw(features)
        y, ladj = self.disentangling(z)
        log_p = self.disentangling.log_prior(y, tags, self.tag_weight) + ladj
        return y, (log_q - log_p).mean()

    def mean(self, features: Tensor) -> Tensor:
        """Return the mean of the Gaussian, sent through both flows."""
        y: Tensor = self.disentangling(super().mean(features))[0]
        return y
