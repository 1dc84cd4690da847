"""The proxy: what mel a patch would give, without rendering it. After the flow, it is the decoder."""

import math

import torch
from torch import Tensor, nn

from models.layers import ResidualBlock

__all__ = ["Proxy"]


class Proxy(nn.Module):
    """Normalized parameters `(batch, P)` to a log-mel `(batch, n_mels, n_frames)`.

    Dense throughout: at one pitch and an aligned onset, the mels of a synth are close to a sum of a few
    hundred fixed pictures. Sines of the parameters let the first layer see fine differences (a rate, a
    tuning) at once.

    Args:
        n_parameters: P.
        mel_shape: `(n_mels, n_frames)`.
        width: Of the residual blocks.
        n_blocks: Residual blocks.
        rank: Pictures that every mel is a sum of.
        n_octaves: Sines and cosines of each parameter, at 1, 2, 4, ... half turns.
        dropout: In the blocks.
    """

    mean: Tensor
    spread: Tensor
    turns: Tensor

    def __init__(
        self,
        n_parameters: int,
        mel_shape: tuple[int, int],
        *,
        width: int = 640,
        n_blocks: int = 4,
        rank: int = 256,
        n_octaves: int = 4,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.mel_shape = mel_shape
        self.register_buffer("mean", torch.zeros(mel_shape))
        self.register_buffer("spread", torch.ones(()))
        self.register_buffer(
            "turns", math.pi * 2.0 ** torch.arange(n_octaves, dtype=torch.float32), persistent=False
        )
        self.enter = nn.Linear(n_parameters * (1 + 2 * n_octaves), width)
        self.blocks = nn.Sequential(*[ResidualBlock(width, dropout) for _ in range(n_blocks)])
        self.leave = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, rank), nn.Linear(rank, mel_shape[0] * mel_shape[1])
        )

    def forward(self, patches: Tensor) -> Tensor:
        """Give the log-mels of patches."""
        v = patches.clamp(-0.01, 1.01)
        angles = (v[..., None] * self.turns).flatten(1)
        seen = torch.cat([2.0 * v - 1.0, angles.sin(), angles.cos()], -1)
        flat = self.leave(self.blocks(self.enter(seen))).float()
        return flat.unflatten(1, self.mel_shape) * self.spread + self.mean

    def standardise(self, mels: Tensor) -> None:
        """Take the mean picture and overall spread from training mels `(N, n_mels, n_frames)`."""
        self.mean.copy_(mels.mean(0))
        self.spread.copy_((mels - mels.mean(0)).std())
