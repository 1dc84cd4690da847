"""The regression flow as a trainable module: an invertible map between latents and parameters.

The same map as `models/coupling_arrays.py`, whose tensor names it shares; a test holds them together.

References:
    Esling et al., "Universal audio synthesizer control with normalizing flows", DAFx 2019.
    Dinh et al., "Density estimation using Real NVP", ICLR 2017, arXiv 1605.08803.
"""

import math

import torch
from torch import Tensor, nn

from models.coupling_arrays import CONTEXT_LIMIT, LOG_SCALE_LIMIT
from models.leveler import Leveler
from models.steering.free_values import SQUASH_MARGIN
from models.steering.level_arrays import VolumeScale

__all__ = ["CouplingBlock", "CouplingFlow", "soft_squash", "unsquash"]


class CouplingBlock(nn.Module):
    """One affine coupling and a fixed rotation: x = (a, b) -> R (a, b * exp(s(a)) + t(a)).

    Args:
        n_latent: D.
        hidden: Width of the two hidden layers.
        generator: Draws the rotation and the first weights.
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
        """Return the log-scale and the shift that `a (..., d)` asks for, each `(..., D - d)`."""
        h = CONTEXT_LIMIT * torch.tanh(a / CONTEXT_LIMIT)
        h = torch.relu(nn.functional.linear(h, self.w0, self.b0))
        h = torch.relu(nn.functional.linear(h, self.w1, self.b1))
        raw, move = nn.functional.linear(h, self.w2, self.b2).chunk(2, -1)
        return LOG_SCALE_LIMIT * torch.tanh(raw / LOG_SCALE_LIMIT), move

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map `x (..., D)`; return y and the log-determinant of the Jacobian, `(...)`."""
        a, b = x[..., : self.split], x[..., self.split :]
        log_scale, move = self.condition(a)
        y = torch.cat([a, b * log_scale.exp() + move], -1) @ self.rotation.T
        return y, log_scale.sum(-1)

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Undo `forward`; return x and the log-determinant of the inverse's Jacobian."""
        y = y @ self.rotation
        a, b = y[..., : self.split], y[..., self.split :]
        log_scale, move = self.condition(a)
        return torch.cat([a, (b - move) * (-log_scale).exp()], -1), -log_scale.sum(-1)


class CouplingFlow(nn.Module):
    """Latents `z (..., D)` to unsquashed, standardised parameters `x (..., D)`, and back.

    With a volume, the last latent is the level, which the couplings leave alone, and so is the last entry of
    x; see `models/steering/level_arrays.py`.

    Args:
        n_latent: D, equal to the number of parameters P.
        n_blocks: Number of couplings.
        hidden: Width inside each.
        seed: Of the rotations and the first weights.
        volume: Scale of the space's volume, if it has one to level by.
        level_hidden: Width of the leveler.
    """

    shift: Tensor
    scale: Tensor

    def __init__(
        self,
        n_latent: int,
        n_blocks: int = 8,
        hidden: int = 128,
        seed: int = 0,
        volume: VolumeScale | None = None,
        level_hidden: int = 192,
    ) -> None:
        super().__init__()
        n = n_latent if volume is None else n_latent - 1
        self.n_coupled = n
        generator = torch.Generator().manual_seed(seed)
        self.blocks = nn.ModuleList(CouplingBlock(n, hidden, generator) for _ in range(n_blocks))
        self.leveler = None if volume is None else Leveler(volume, n, level_hidden)
        self.register_buffer("shift", torch.zeros(n))
        self.register_buffer("scale", torch.ones(n))

    def standardise(self, patches: Tensor) -> None:
        """Set mean and spread from training patches `(N, P)`: unsquashed parameters, and volume in dB."""
        if self.leveler is not None:
            self.leveler.b2.data.fill_(float(self.leveler.volume_db(patches).mean()))
            patches = self.leveler.others(patches)
        u = unsquash(patches)
        self.shift.copy_(u.mean(0))
        self.scale.copy_(u.std(0).clamp_min(0.05))

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map latents; return standardised parameters and the log-determinant, `(...)`."""
        ladj = z.new_zeros(z.shape[:-1])
        x = z[..., : self.n_coupled]
        for block in self.blocks:
            x, step = block(x)
            ladj = ladj + step
        return torch.cat([x, z[..., self.n_coupled :]], -1), ladj

    def inverse(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Undo `forward`; return latents and the log-determinant of the inverse."""
        ladj = x.new_zeros(x.shape[:-1])
        z = x[..., : self.n_coupled]
        for block in reversed(self.blocks):
            z, step = block.inverse(z)  # type: ignore[operator]
            ladj = ladj + step
        return torch.cat([z, x[..., self.n_coupled :]], -1), ladj

    def to_patch(self, x: Tensor) -> Tensor:
        """Turn standardised parameters into normalized ones, at most a little outside 0 to 1.

        Not held to 0 and 1 as in playing, because a gradient must come back from beyond the ends.
        """
        coupled = soft_squash(x[..., : self.n_coupled] * self.scale + self.shift)
        return coupled if self.leveler is None else self.leveler.join(coupled, x[..., self.n_coupled :])

    def from_patch(self, patches: Tensor) -> Tensor:
        """Turn normalized parameters into standardised ones."""
        if self.leveler is None:
            return (unsquash(patches) - self.shift) / self.scale
        others, level = self.leveler.part(patches)
        return torch.cat([(unsquash(others) - self.shift) / self.scale, level], -1)

    def decode(self, z: Tensor) -> Tensor:
        """Turn latents into normalized parameters, at most a little outside 0 to 1."""
        return self.to_patch(self(z)[0])


def soft_squash(u: Tensor) -> Tensor:
    """Turn unbounded values into normalized ones, up to `SQUASH_MARGIN` beyond the ends."""
    return (torch.sigmoid(u) - SQUASH_MARGIN) / (1.0 - 2.0 * SQUASH_MARGIN)


def unsquash(v: Tensor) -> Tensor:
    """Undo `soft_squash` for values from 0 to 1, ends included."""
    return torch.logit(SQUASH_MARGIN + (1.0 - 2.0 * SQUASH_MARGIN) * v)
