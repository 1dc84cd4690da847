"""A network that has learned from renders what a patch sounds like: descriptors, and the volume it calls for.

It is asked millions of times where renders would take days. It is trusted with directions alone: what it
says of a macro is measured on real renders afterwards.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.steering.free_values import SQUASH_MARGIN

__all__ = ["Surrogate", "train_surrogate"]

logger = logging.getLogger(__name__)

_WIDTH, _N_BLOCKS = 320, 3
_BATCH, _RATE = 512, 2e-3
_CLIP_PERCENT = 0.5  # of each target, at either end


class _Network(nn.Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.first = nn.Linear(2 * n_in, _WIDTH)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(_WIDTH), nn.Linear(_WIDTH, _WIDTH), nn.GELU(), nn.Linear(_WIDTH, _WIDTH)
            )
            for _ in range(_N_BLOCKS)
        )
        self.last = nn.Linear(_WIDTH, n_out)

    def forward(self, values: Tensor) -> Tensor:
        inside = SQUASH_MARGIN + (1.0 - 2.0 * SQUASH_MARGIN) * values
        x = self.first(torch.cat([2.0 * values - 1.0, torch.logit(inside) / 3.0], -1))
        for block in self.blocks:
            x = x + block(x)
        answer: Tensor = self.last(x)
        return answer


@dataclass(frozen=True)
class Surrogate:
    """What was learned. The last output is the volume in dB where `has_volume`, the others descriptors.

    Attributes:
        networks: Their mean is the answer.
        mean, scale: Of the outputs, `(n_outputs,)`.
    """

    networks: Sequence[nn.Module]
    mean: Tensor
    scale: Tensor

    def __call__(self, values: Tensor) -> Tensor:
        """Return the outputs `(..., n_outputs)` of parameters `(..., C)`, the volume not among them."""
        answers = torch.stack([network(values) for network in self.networks]).mean(dim=0)
        return answers * self.scale + self.mean


def train_surrogate(
    values: np.ndarray, targets: np.ndarray, *, epochs: float = 45.0, seed: int = 0
) -> Surrogate:
    """Train on renders; 4 minutes of a core for 70,000.

    Args:
        values: Parameters without the volume, `(N, C)`.
        targets: What is to be learned, `(N, n_outputs)`; NaN where nobody knows it.
        epochs: Times that each render is seen.
        seed: Of the weights and batches.
    """
    low, high = np.nanpercentile(targets, (_CLIP_PERCENT, 100.0 - _CLIP_PERCENT), axis=0)
    clipped = np.clip(targets, low, high)
    mean, scale = np.nanmean(clipped, axis=0), np.maximum(np.nanstd(clipped, axis=0), 1e-6)
    known = torch.as_tensor(np.isfinite(targets), dtype=torch.float32)
    x = torch.as_tensor(values, dtype=torch.float32)
    y = torch.as_tensor(np.nan_to_num((clipped - mean) / scale), dtype=torch.float32)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = _Network(x.shape[1], y.shape[1])
        steps = max(int(epochs * len(x) / _BATCH), 20)
        optimizer = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, steps, pct_start=0.1)
        for step in range(steps):
            rows = torch.randint(0, len(x), (_BATCH,))
            off = functional.smooth_l1_loss(network(x[rows]), y[rows], beta=0.3, reduction="none")
            loss = (off * known[rows]).sum() / known[rows].sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if step % 500 == 0:
                logger.info("surrogate, step %d of %d: loss %.3f", step, steps, loss.item())
    network.requires_grad_(False).eval()
    return Surrogate([network], torch.as_tensor(mean).float(), torch.as_tensor(scale).float())
