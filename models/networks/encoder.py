"""The encoder: a heard sound to a Gaussian over latents."""

import torch
from torch import Tensor, nn

from models.networks.fine_branch import FineBranch
from models.networks.layers import ResidualBlock

__all__ = ["Encoder"]

TILE = 8  # bands and frames of one tile


class Encoder(nn.Module):
    """q(z | sound), a diagonal Gaussian, and the features that it is made of.

    The mel is cut into tiles that share two small dense layers. Beside them a narrow layer reads the whole
    mel at once, which pays off because pitch and onset are fixed, and a third reads the sound's fine frames,
    where there are any. All of it is matrix products, so that it trains on a CPU.

    Args:
        mel_shape: `(n_mels, n_frames)`, each a multiple of 8.
        n_latent: D.
        channels: Features of a tile.
        width: Width of the dense part.
        n_blocks: Residual blocks.
        rank: Width of the layer that reads the whole mel.
        fine_rank: Width of the layer that reads the fine frames; 0 for an encoder without them.
        held_seconds: How long the note is held.
        dropout: In the dense part.
    """

    mean: Tensor
    spread: Tensor

    def __init__(
        self,
        mel_shape: tuple[int, int],
        n_latent: int,
        *,
        channels: int = 32,
        width: int = 640,
        n_blocks: int = 2,
        rank: int = 256,
        fine_rank: int = 0,
        held_seconds: float = 3.0,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        n_mels, n_frames = mel_shape
        self.register_buffer("mean", torch.zeros(n_mels, 1))
        self.register_buffer("spread", torch.ones(()))
        n_tiles = (n_mels // TILE) * (n_frames // TILE)
        self.tile = nn.Sequential(
            nn.Linear(TILE * TILE, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels), nn.GELU()
        )
        self.from_tiles = nn.Linear(n_tiles * channels, width)
        self.from_mel = nn.Sequential(nn.Linear(n_mels * n_frames, rank), nn.Linear(rank, width))
        self.fine = FineBranch(width, fine_rank, held_seconds) if fine_rank else None
        self.blocks = nn.Sequential(*[ResidualBlock(width, dropout) for _ in range(n_blocks)])
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * n_latent))

    def forward(self, mel: Tensor, fine: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return mean and log standard deviation, each `(batch, D)`; see `features` for the arguments."""
        return self.posterior(self.features(mel, fine))

    def posterior(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log standard deviation, each `(batch, D)`, for features `(batch, width)`."""
        mean, log_std = self.head[1](features).float().chunk(2, -1)
        return mean, log_std.clamp(-6.0, 1.0)

    def features(self, mel: Tensor, fine: Tensor | None = None) -> Tensor:
        """Return what is heard of sounds, `(batch, width)`.

        Args:
            mel: Levelled log-mels `(batch, n_mels, n_frames)`.
            fine: Their fine frames, bytes as floats `(batch, 26, 368)`. Zeros, or None, where there are none.
        """
        x = (mel - self.mean) / self.spread
        tiles = x.unflatten(2, (-1, TILE)).unflatten(1, (-1, TILE))  # (batch, rows, 8, columns, 8)
        tiles = tiles.permute(0, 1, 3, 2, 4).flatten(3).flatten(1, 2)  # (batch, tiles, 64)
        h = self.from_tiles(self.tile(tiles).flatten(1)) + self.from_mel(x.flatten(1))
        if self.fine is not None and fine is not None:
            h = h + self.fine(fine)
        heard: Tensor = self.head[0](self.blocks(h))
        return heard

    def standardise(self, mels: Tensor, fine: Tensor) -> None:
        """Set means per band and spreads from training mels `(N, n_mels, n_frames)` and their fine frames."""
        if self.fine is not None:
            self.fine.standardise(fine)
        mean = mels.mean((0, 2))[:, None]
        self.mean.copy_(mean)
        self.spread.copy_((mels - mean).std())
