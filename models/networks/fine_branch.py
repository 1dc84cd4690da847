"""What the encoder reads from fine frames: how fast a sound moves, how it begins, and its pitch."""

import math

import torch
from torch import Tensor, nn

from core.fine_frames import FINE_RATE_HZ, FINE_SHAPE, N_BANDS

__all__ = ["FineBranch"]

_FASTEST_HZ = 20.0  # of a modulation
_N_ATTACK = 32  # frames, the first 0.3 s
_POOLED = 8  # frames of pitch that count as one
_FLOOR = 0.1  # added to a modulation's magnitude before the logarithm


class FineBranch(nn.Module):
    """Fine frames to a vector that is added to the encoder's own, `(batch, width)`.

    The modulation spectrum of every band while the note is held, by a windowed Fourier transform written as a
    matrix product; the first 0.3 s as they are; and the pitch along the sound.

    Args:
        width: Of the encoder's dense part.
        rank: Width of the layer between.
        held_seconds: How long the note is held.
    """

    mean: Tensor
    spread: Tensor
    cosines: Tensor
    sines: Tensor

    def __init__(self, width: int, rank: int, held_seconds: float) -> None:
        super().__init__()
        n_channels, n_frames = FINE_SHAPE
        self.n_held = min(max(round(held_seconds * FINE_RATE_HZ), 2), n_frames)
        self.register_buffer("mean", torch.zeros(n_channels, 1))
        self.register_buffer("spread", torch.ones(n_channels, 1))
        seconds = torch.arange(self.n_held) / FINE_RATE_HZ
        slowest_hz = FINE_RATE_HZ / self.n_held
        hz = torch.arange(1, max(int(_FASTEST_HZ / slowest_hz), 1) + 1) * slowest_hz
        window = torch.hann_window(self.n_held) / math.sqrt(self.n_held)
        turns = 2.0 * math.pi * seconds[:, None] * hz
        self.register_buffer("cosines", window[:, None] * turns.cos(), persistent=False)
        self.register_buffer("sines", window[:, None] * turns.sin(), persistent=False)
        n_pooled = n_frames // _POOLED
        n_read = n_channels * (len(hz) + _N_ATTACK) + (n_channels - N_BANDS) * n_pooled
        self.layers = nn.Sequential(
            nn.LayerNorm(n_read), nn.Linear(n_read, rank), nn.GELU(), nn.Linear(rank, width)
        )

    def forward(self, fine: Tensor) -> Tensor:
        """Return what is added to the encoder's vector; nothing for sounds without fine frames (all zeros).

        Args:
            fine: Bytes of `core.fine_frames`, as floats, `(batch, 26, 368)`.
        """
        heard = fine.flatten(1).amax(1) > 0.0
        x = (fine - self.mean) / self.spread
        held = x[..., : self.n_held]
        held = held - held.mean(-1, keepdim=True)
        power = (held @ self.cosines) ** 2 + (held @ self.sines) ** 2
        modulation = (_FLOOR + (power + 1e-6).sqrt()).log()
        pitch = x[:, N_BANDS:, : x.shape[2] // _POOLED * _POOLED].unflatten(2, (-1, _POOLED)).mean(3)
        read = torch.cat([modulation.flatten(1), x[..., :_N_ATTACK].flatten(1), pitch.flatten(1)], 1)
        added: Tensor = self.layers(read)
        return torch.where(heard[:, None], added, torch.zeros_like(added))

    def standardise(self, fine: Tensor) -> None:
        """Set mean and spread of every band from training frames `(N, 26, 368)`; without any, leave them."""
        fine = fine[fine.flatten(1).amax(1) > 0.0]
        if len(fine):
            mean = fine.mean((0, 2))[:, None]
            self.mean.copy_(mean)
            self.spread.copy_((fine - mean).std((0, 2))[:, None].clamp(min=1.0))
