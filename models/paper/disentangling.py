"""The disentangling flow: a density of latents under which chosen dimensions tell tags apart.

References:
    Esling et al., "Universal audio synthesizer control with normalizing flows", DAFx 2019: the density
    objective split over dimensions ("partial density evaluation").
"""

import math

import torch
from torch import Tensor, nn

from models.paper.autoregressive import InverseAutoregressiveFlow
from models.paper.densities import log_normal

__all__ = ["DisentanglingFlow"]


class DisentanglingFlow(nn.Module):
    """log p(z given tags) = log N(f(z); tags) + ladj, one dimension of f(z) for each pair of words.

    With `y = f(z)`, dimension k of y is centred at -1 if the first word of pair k was given and at 1 if the
    second was; it is standard normal if neither was, as are all dimensions beyond the pairs. Any number of
    pairs is learned at once, and a sound with no tag at all still counts.

    Args:
        n_latent: D.
        n_tags: Number of pairs, at most D; pair k owns dimension k of y.
        n_steps: Number of autoregressive steps.
        hidden: Width inside each.
        spread: Standard deviation around -1 and 1.
    """

    def __init__(
        self, n_latent: int, n_tags: int, *, n_steps: int = 8, hidden: int = 128, spread: float = 0.5
    ) -> None:
        super().__init__()
        if n_tags > n_latent:
            raise ValueError(f"{n_tags} pairs of tags do not fit into {n_latent} dimensions")
        self.n_tags = n_tags
        self.log_spread = math.log(spread)
        self.flow = InverseAutoregressiveFlow(n_latent, n_steps, hidden)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map `z (..., D)`; return y and the log-determinant, `(...)`."""
        y, ladj = self.flow(z)
        return y, ladj

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Undo `forward`; return z and the log-determinant of the inverse."""
        z, ladj = self.flow.inverse(y)
        return z, ladj

    def log_prior(self, y: Tensor, tags: Tensor | None, weight: float = 1.0) -> Tensor:
        """Return the log-density of `y (..., D)` given its tags, `(...)`.

        Args:
            y: What `forward` returned.
            tags: 0 for the first word of a pair, 1 for the second, nan for neither, `(..., n_tags)`; None if
                nothing is tagged.
            weight: Of tagged dimensions; only with 1 is the result a density.
        """
        if tags is None:
            return log_normal(y)
        told = ~tags.isnan()
        centre = torch.where(told, 2.0 * tags - 1.0, torch.zeros_like(tags))
        log_std = torch.where(told, self.log_spread, 0.0).to(y)
        weights = torch.where(told, weight, 1.0).to(y)
        named = y[..., : self.n_tags, None]
        each = log_normal(named, centre[..., None].to(y), log_std[..., None])
        return (weights * each).sum(-1) + log_normal(y[..., self.n_tags :])

    def log_density(self, z: Tensor, tags: Tensor | None = None) -> Tensor:
        """Return the log-density of `z (..., D)` given its tags, `(...)`."""
        y, ladj = self(z)
        return self.log_prior(y, tags) + ladj
