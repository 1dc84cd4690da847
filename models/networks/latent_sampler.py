"""Many answers to one sound: latents drawn from what the sound leaves open.

A Gaussian has one middle, but a sound may have been made in several ways, and the middle of two patches is
often neither. A small network learns, by flow matching, the velocity that carries noise to the latents of the
patches that make such sounds.

References:
    Lipman et al., "Flow matching for generative modeling", ICLR 2023, arXiv 2210.02747.
    Hayes et al., "Audio synthesizer inversion in symmetric parameter spaces with approximately equivariant
    flow matching", ISMIR 2025, arXiv 2506.07199.
"""

import math

import torch
from torch import Tensor, nn

from models.networks.layers import ResidualBlock

__all__ = ["LatentSampler"]

_N_BLOCKS = 3
_N_WAVES = 8  # cosines and sines of the time
_FARTHEST = 5.0  # a latent is about 1 wide; the few beyond this would rule the loss
_STEPS = 10  # of Euler, from noise to latent


class LatentSampler(nn.Module):
    """Draws latents `(D,)` given the features of a sound.

    Args:
        n_latent: D.
        n_features: Size of the encoder's features.
        width: Of the network.
    """

    waves: Tensor

    def __init__(self, n_latent: int, n_features: int, width: int) -> None:
        super().__init__()
        self.n_latent = n_latent
        self.register_buffer("waves", math.pi * torch.arange(1, _N_WAVES + 1), persistent=False)
        self.from_features = nn.Linear(n_features, width)
        self.from_latent = nn.Linear(n_latent + 2 * _N_WAVES, width)
        self.blocks = nn.Sequential(*[ResidualBlock(width) for _ in range(_N_BLOCKS)], nn.LayerNorm(width))
        self.velocity = nn.Linear(width, n_latent)

    def forward(self, features: Tensor, latents: Tensor, time: Tensor) -> Tensor:
        """Return the velocity `(..., D)` of latents on their way from noise (time 0) to answers (time 1).

        Args:
            features: Of the sounds, `(..., n_features)`.
            latents: Where they are, `(..., D)`.
            time: `(..., 1)`.
        """
        turns = time * self.waves
        placed = torch.cat([latents, turns.cos(), turns.sin()], -1)
        moved: Tensor = self.velocity(self.blocks(self.from_latent(placed) + self.from_features(features)))
        return moved

    def loss(self, features: Tensor, latents: Tensor) -> Tensor:
        """Return the mean squared error of the velocity towards true latents `(batch, D)`."""
        latents = latents.clamp(-_FARTHEST, _FARTHEST)
        noise, time = torch.randn_like(latents), torch.rand_like(latents[:, :1])
        found = self(features, noise + time * (latents - noise), time)
        return (found.float() - (latents - noise)).square().mean()

    @torch.no_grad()
    def draw(self, features: Tensor, n: int, seed: int = 0) -> Tensor:
        """Return latents `(batch, n, D)`; the same for the same sound, whatever else is in the batch.

        Args:
            features: Of the sounds, `(batch, n_features)`.
            n: How many for each sound.
            seed: Of the noise that they begin with.
        """
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(n, self.n_latent, generator=generator).to(features)
        z = noise.expand(len(features), -1, -1)
        given = features[:, None].expand(-1, n, -1)
        for step in range(_STEPS):
            time = z.new_full((*z.shape[:2], 1), (step + 0.5) / _STEPS)
            z = z + self(given, z, time) / _STEPS
        return z
