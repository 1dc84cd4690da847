"""The regression flow as a trainable module: an invertible map between latents and parameters.

The same map as `models/coupling_arrays.py`, whose tensor names it shares; a test holds them together.

References:
    Esling et al., "Universal audio synthesizer control with normalizing flows", DAFx 2019.
    Dinh et al., "Density estimation using Real NVP", ICLR 2017, arXiv 1605.08803.
"""

import math

import torch
from torch import Tensor, nn

from models.coupling_arrays import CONTEXT_LIMIT, LOG_SCALE_LIMIT, SQUASH_MARGIN

__all__ = ["CouplingBlock", "CouplingFlow", "soft_squash", "unsquash"]


class CouplingBlock(nn.Module):
    """One affine coupling and a fixed rotation: x = (a, b) -> R (a, b * exp(s(a)) + t(a)).

    Args:
        n_latent: D.
        hidden: Width of the two hidden layers.
        generator: Source of the rotation.
    """

    rotation: Tensor

    def __init__(self, n_latent: int, hidden: int, generator: torch.Generator) -> None:
        super().__init__()
        d = n_latent // 2
        self.split = d
        self.w0 = nn.Parameter(torch.randn(hidden, d, generator=generator) * math.sqrt(2.0 / d))
        self.b0 = nn.Parameter(torch.zeros(hidden))
        he = math.sqrt(2.0 / hidden)
        self.w1 = nn.Parameter(torch.randn(hidden, hidden, generator=generator) * he)
        self.b1 = nn.Parameter(torch.zeros(hidden))
        # Zero: an untrained flow is a rotation, and training starts from there.
        self.w2 = nn.Parameter(torch.zeros(2 * (n_latent - d), hidden))
        self.b2 = nn.Parameter(torch.zeros(2 * (n_latent - d)))
        square = torch.randn(n_latent, n_latent, generator=generator)
        self.register_buffer("rotation", torch.linalg.qr(square)[0])

    def condition(self, a: Tensor) -> tuple[Tensor, Tensor]:
        """Give the log-scale and the shift that `a (..., d)` asks for, each `(..., D - d)`."""
        h = CONTEXT_LIMIT * torch.tanh(a / CONTEXT_LIMIT)
        h = torch.relu(nn.functional.linear(h, self.w0, self.b0))
        h = torch.relu(nn.functional.linear(h, self.w1, self.b1))
        raw, move = nn.functional.linear(h, self.w2, self.b2).chunk(2, -1)
        return LOG_SCALE_LIMIT * torch.tanh(raw / LOG_SCALE_LIMIT), move

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map `x (..., D)`; gives y and the log-determinant of its Jacobian, `(...)`."""
        a, b = x[..., : self.split], x[..., self.split :]
        log_scale, move = self.condition(a)
        y = torch.cat([a, b * log_scale.exp() + move], -1) @ self.rotation.T
        return y, log_scale.sum(-1)

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Undo `forward`; gives x and the log-determinant of the inverse's Jacobian."""
        y = y @ self.rotation
        a, b = y[..., : self.split], y[..., self.split :]
        log_scale, move = self.condition(a)
        return torch.cat([a, (b - move) * (-log_scale).exp()], -1), -log_scale.sum(-1)


class CouplingFlow(nn.Module):
    """Latents `z (..., D)` to unsquashed, standardised parameters `x (..., D)`, and back.

    Args:
        n_latent: D, equal to the number of parameters P.
        n_blocks: Couplings.
        hidden: Width inside each.
        seed: Of the rotations and the first weights.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, n_latent: int, n_blocks: int = 8, hidden: int = 128, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.blocks = nn.ModuleList(CouplingBlock(n_latent, hidden, generator) for _ in range(n_blocks))
        self.register_buffer("shift", torch.zeros(n_latent))
        self.register_buffer("scale", torch.ones(n_latent))

    def standardise(self, patches: Tensor) -> None:
        """Take mean and spread of the unsquashed parameters from training patches `(N, D)`."""
        u = unsquash(patches)
        self.shift.copy_(u.mean(0))
        self.scale.copy_(u.std(0).clamp_min(0.05))

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map latents; gives standardised parameters and the log-determinant `(...)`."""
        ladj = z.new_zeros(z.shape[:-1])
        for block in self.blocks:
            z, step = block(z)
            ladj = ladj + step
        return z, ladj

    def inverse(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Undo `forward`; gives latents and the log-determinant of the inverse."""
        ladj = x.new_zeros(x.shape[:-1])
        for block in reversed(self.blocks):
            x, step = block.inverse(x)  # type: ignore[operator]
            ladj = ladj + step
        return x, ladj

    def to_patch(self, x: Tensor) -> Tensor:
        """Turn standardised parameters into normalized ones, a little outside 0 to 1 at most.

        Not held to 0 and 1 as in playing: a gradient must come back from beyond the ends.
        """
        return soft_squash(x * self.scale + self.shift)

    def from_patch(self, patches: Tensor) -> Tensor:
        """Turn normalized parameters into standardised ones."""
        return (unsquash(patches) - self.shift) / self.scale

    def decode(self, z: Tensor) -> Tensor:
        """Latents to normalized parameters, a little outside 0 to 1 at most."""
        return self.to_patch(self(z)[0])


def soft_squash(u: Tensor) -> Tensor:
    """Unbounded values to normalized ones; reaches `SQUASH_MARGIN` beyond the ends."""
    return (torch.sigmoid(u) - SQUASH_MARGIN) / (1.0 - 2.0 * SQUASH_MARGIN)


def unsquash(v: Tensor) -> Tensor:
    """Undo `soft_squash` for values from 0 to 1, ends included."""
    return torch.logit(SQUASH_MARGIN + (1.0 - 2.0 * SQUASH_MARGIN) * v)
