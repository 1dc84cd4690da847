"""Densities and divergences of latents, in nats."""

import math

import torch
from torch import Tensor

__all__ = ["divergence_from_normal", "log_normal", "mean_discrepancy"]


def log_normal(x: Tensor, mean: Tensor | float = 0.0, log_std: Tensor | float = 0.0) -> Tensor:
    """Return the log-density of `x (..., D)` under a diagonal Gaussian, `(...)`."""
    log_std = torch.as_tensor(log_std, dtype=x.dtype, device=x.device)
    each = -0.5 * (((x - mean) / log_std.exp()) ** 2 + math.log(2.0 * math.pi)) - log_std
    return each.sum(-1)


def divergence_from_normal(mean: Tensor, log_std: Tensor) -> Tensor:
    """Return KL[N(mean, std) || N(0, I)] of diagonal Gaussians `(..., D)`, `(...)`."""
    return 0.5 * (mean**2 + (2.0 * log_std).exp() - 1.0 - 2.0 * log_std).sum(-1)


def mean_discrepancy(z: Tensor, width: float = 1.0) -> Tensor:
    """Return the squared maximum mean discrepancy between a sample and N(0, I), without bias.

    The kernel is k(a, b) = exp(-|a - b|^2 / (2 h^2)) with h^2 = width^2 D. Means over N(0, I) are in closed
    form, so that only the sample is random:

        E k(a, b) = (h^2 / (h^2 + 2))^(D/2),   E k(z, b) = (h^2 / (h^2 + 1))^(D/2) exp(-|z|^2 / (2 (h^2 + 1)))

    Args:
        z: Sample, `(N, D)`, at least two rows.
        width: Of the kernel, in units of the typical distance of a point from the centre.

    Returns:
        A scalar, 0 on average if z is a sample of N(0, I); it may be slightly negative.

    References:
        Gretton et al., "A kernel two-sample test", JMLR 2012, lemma 6.
        Tolstikhin et al., "Wasserstein auto-encoders", ICLR 2018, arXiv 1711.01558.
    """
    n, d = z.shape
    h2 = width**2 * d
    squares = (z**2).sum(1)
    apart = (squares[:, None] + squares[None, :] - 2.0 * z @ z.T).clamp_min(0.0)
    kernel = torch.exp(-apart / (2.0 * h2))
    among = (kernel.sum() - kernel.diagonal().sum()) / (n * (n - 1))
    across = (h2 / (h2 + 1.0)) ** (d / 2.0) * torch.exp(-squares / (2.0 * (h2 + 1.0))).mean()
    return among - 2.0 * across + (h2 / (h2 + 2.0)) ** (d / 2.0)
