"""The leveler as a trainable module: the volume at which a patch is as loud as all the others."""

import math

import torch
from torch import Tensor, nn

from models.steering.level_arrays import LEVEL_DB, VolumeScale

__all__ = ["Leveler"]


class Leveler(nn.Module):
    """Two hidden layers from all parameters but the volume to a volume in dB.

    The same map as `models/steering/level_arrays.py`, whose tensor names it shares; a test compares them.

    Args:
        scale: Scale of the space's volume.
        n_others: P - 1.
        hidden: Width of the hidden layers.
    """

    scale: Tensor

    def __init__(self, scale: VolumeScale, n_others: int, hidden: int = 192) -> None:
        super().__init__()
        self.index = scale.index
        packed = torch.tensor([scale.index, scale.low, scale.high, scale.offset], dtype=torch.float32)
        self.register_buffer("scale", packed)
        self.w0 = nn.Parameter(torch.randn(hidden, n_others) * math.sqrt(2.0 / n_others))
        self.b0 = nn.Parameter(torch.zeros(hidden))
        self.w1 = nn.Parameter(torch.randn(hidden, hidden) * math.sqrt(2.0 / hidden))
        self.b1 = nn.Parameter(torch.zeros(hidden))
        self.w2 = nn.Parameter(torch.zeros(1, hidden))
        self.b2 = nn.Parameter(torch.zeros(1))

    def forward(self, others: Tensor) -> Tensor:
        """Return the volume, dB `(..., 1)`, that parameters `(..., P - 1)` call for."""
        h = torch.relu(nn.functional.linear(others, self.w0, self.b0))
        h = torch.relu(nn.functional.linear(h, self.w1, self.b1))
        return nn.functional.linear(h, self.w2, self.b2)

    def others(self, patches: Tensor) -> Tensor:
        """Return patches `(..., P)` without their volume."""
        return torch.cat([patches[..., : self.index], patches[..., self.index + 1 :]], -1)

    def volume_db(self, patches: Tensor) -> Tensor:
        """Return the volume of patches in dB, `(..., 1)`."""
        _, low, high, offset = self.scale
        raw = patches[..., self.index : self.index + 1] * (high - low) + low
        return raw.clamp_min(0.0).sqrt() + offset

    def join(self, others: Tensor, level: Tensor) -> Tensor:
        """Return patches from all but their volume and their level `(..., 1)`."""
        _, low, high, offset = self.scale
        # Held inside 0 to 1 as in playing; in training the flow goes a little beyond.
        s = (self(others.clamp(0.0, 1.0)) + LEVEL_DB * level - offset).clamp_min(0.0)
        volume = ((s * s - low) / (high - low)).clamp(0.0, 1.0)
        return torch.cat([others[..., : self.index], volume, others[..., self.index :]], -1)

    def part(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Undo `join`; return all but the volume, and the level."""
        others = self.others(patches)
        return others, (self.volume_db(patches) - self(others)) / LEVEL_DB
