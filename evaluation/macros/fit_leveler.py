"""The small leveler of a chart: what volume keeps a dial's way equally loud."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.leveler import Leveler
from models.steering.level_arrays import LevelArrays, VolumeScale

__all__ = ["fit_leveler"]

_HIDDEN = 64  # the devices carry it, too
_BATCH, _RATE = 256, 3e-3
_BETA_DB = 1.0  # from squares to absolute errors


def fit_leveler(
    scale: VolumeScale,
    values: np.ndarray,
    volume_db: np.ndarray,
    turned: np.ndarray,
    teacher: Callable[[Tensor], Tensor],
    *,
    base: LevelArrays | None = None,
    walked: tuple[np.ndarray, np.ndarray] | None = None,
    steps: int = 6_000,
    seed: int = 0,
) -> LevelArrays:
    """Train on renders, and where dials lead on what a larger network says of them.

    Args:
        scale: Of the volume.
        values: Rendered patches without their volume, `(N, C)`.
        volume_db: At which each is as loud as all the others, `(N,)`.
        turned: Patches that dials lead to, without their volume, `(n, C)`.
        teacher: Their volume, dB `(...)`, from parameters `(..., C)`.
        base: The flow's own leveler, to which the new one is added.
        walked: Patches along dials that were rendered, and the volume that each calls for, as `values` and
            `volume_db`; few, and weighty.
        steps: Of the training.
        seed: Of weights and batches.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        leveler = Leveler(scale, values.shape[1], _HIDDEN)
        x, y = (torch.as_tensor(each, dtype=torch.float32) for each in (values, volume_db))
        led = torch.as_tensor(turned, dtype=torch.float32)
        heard = walked and [torch.as_tensor(each, dtype=torch.float32) for each in walked]
        with torch.no_grad():
            told = torch.cat([teacher(part) for part in led.split(4_096)])
        if base is not None:
            y, told = y - _called_for(base, x), told - _called_for(base, led)
            if heard is not None:
                heard[1] = heard[1] - _called_for(base, heard[0])
        with torch.no_grad():
            leveler.b2.copy_(y.mean().reshape(1))
        optimizer = torch.optim.AdamW(leveler.parameters(), _RATE, weight_decay=1e-4)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, steps, pct_start=0.1)
        for _ in range(steps):
            a, b = torch.randint(0, len(x), (_BATCH,)), torch.randint(0, len(led), (_BATCH,))
            batch, wanted = [x[a], led[b]], [y[a], told[b]]
            if heard is not None:
                c = torch.randint(0, len(heard[0]), (_BATCH,))
                batch.append(heard[0][c])
                wanted.append(heard[1][c])
            answers = leveler(torch.cat(batch))[:, 0]
            loss = functional.smooth_l1_loss(answers, torch.cat(wanted), beta=_BETA_DB)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    parts = (leveler.w0, leveler.b0, leveler.w1, leveler.b1, leveler.w2, leveler.b2)
    return LevelArrays(scale, *(part.detach().numpy() for part in parts))


def _called_for(leveler: LevelArrays, values: Tensor) -> Tensor:
    return torch.as_tensor(leveler.called_for(values.numpy())[:, 0], dtype=torch.float32)
