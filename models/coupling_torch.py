"""The decode direction of the regression flow in eager torch, from the same arrays."""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import linear

from models.coupling_arrays import (
    CONTEXT_LIMIT,
    LOG_SCALE_LIMIT,
    CouplingArrays,
)
from models.steering.free_values import SQUASH_MARGIN
from models.steering.level_arrays import LEVEL_DB

__all__ = ["torch_decode"]


def torch_decode(flow: CouplingArrays, device: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the function `z (..., D) -> v (..., D)` on a device.

    Args:
        flow: The flow to run.
        device: Where its arrays go, such as `cpu` or `cuda`.
    """

    def tensor(array: np.ndarray) -> torch.Tensor:
        return torch.tensor(np.asarray(array, np.float32), device=device)

    blocks = [{part: tensor(array) for part, array in vars(b).items()} for b in flow.blocks]
    shift, scale = tensor(flow.shift), tensor(flow.scale)
    n = flow.n_coupled
    d = n // 2
    n_moved = n - d

    def decode(z: torch.Tensor) -> torch.Tensor:
        x = z[..., :n]
        for block in blocks:
            a, b = x[..., :d], x[..., d:]
            h = CONTEXT_LIMIT * torch.tanh(a / CONTEXT_LIMIT)
            h = linear(h, block["w0"], block["b0"]).relu()
            h = linear(h, block["w1"], block["b1"]).relu()
            raw = linear(h, block["w2"], block["b2"])
            log_scale = LOG_SCALE_LIMIT * torch.tanh(raw[..., :n_moved] / LOG_SCALE_LIMIT)
            moved = b * log_scale.exp() + raw[..., n_moved:]
            x = linear(torch.cat([a, moved], -1), block["rotation"])
        inside = torch.sigmoid(x * scale + shift)
        v = ((inside - SQUASH_MARGIN) / (1.0 - 2.0 * SQUASH_MARGIN)).clamp(0.0, 1.0)
        return v if leveler is None else level(v, z[..., n:])

    leveler = flow.leveler
    if leveler is not None:
        scale_db = leveler.scale
        w0, b0, w1, b1, w2, b2 = (
            tensor(getattr(leveler, part)) for part in ("w0", "b0", "w1", "b1", "w2", "b2")
        )

        def level(others: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
            h = linear(linear(others, w0, b0).relu(), w1, b1).relu()
            s = (linear(h, w2, b2) + LEVEL_DB * at - scale_db.offset).relu()
            volume = ((s * s - scale_db.low) / (scale_db.high - scale_db.low)).clamp(0.0, 1.0)
            k = scale_db.index
            return torch.cat([others[..., :k], volume, others[..., k:]], -1)

    return decode
