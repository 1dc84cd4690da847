"""Many starts at once along the proxy's gradient: good guesses for what a render costs, and no render.

One step of eight starts takes twice as long as one of a single start, so many are tried.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from models.regression_flow import RegressionFlow

__all__ = ["descend", "guessed_mels", "one_thread"]

_STEP = 0.05  # of Adam, falling to 0; a latent is about 1 wide
_USUAL_STEPS = 30
_STAY = 0.2  # weight of the squared way from the start, as in `models.regression_flow`


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread: batches this small gain nothing from more, and the loop that plays loses."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@torch.no_grad()
def guessed_mels(model: RegressionFlow, patches: np.ndarray) -> np.ndarray:
    """Give the log-mels `(n, n_mels, n_frames)` that the proxy expects of patches `(n, P)`."""
    with one_thread():
        return np.asarray(model.proxy(torch.from_numpy(np.asarray(patches, np.float32))).numpy())


def descend(
    model: RegressionFlow,
    latents: np.ndarray,
    mels: np.ndarray,
    *,
    centres: np.ndarray | None = None,
    ties: np.ndarray | None = None,
    steps: int,
    stop: Callable[[], bool],
) -> np.ndarray:
    """Bring patches nearer to a sound, each from a latent of its own.

    Args:
        model: In evaluation mode.
        latents: Where they begin, `(n, D)`.
        mels: Levelled log-mel that the proxy should come to, `(n, n_mels, n_frames)` or one for all.
        centres: Where they should stay near, `(n, D)`; where they begin by default.
        ties: Weight of the squared way from there, `(n,)`.
        steps: At most.
        stop: Asked before each step; once it is true the patches are given as they are.

    Returns:
        Normalized patches, `(n, P)`.
    """
    with one_thread(), torch.enable_grad():
        target, start = _tensor(mels), _tensor(latents)
        centre = start.clone() if centres is None else _tensor(centres)
        tie = torch.full((len(start),), _STAY) if ties is None else _tensor(ties)
        z = start.clone().requires_grad_(True)
        optimizer = torch.optim.Adam([z], _STEP)
        first = _STEP * min(max(1.0, _USUAL_STEPS / steps), 2.0)  # fewer steps, longer ones
        for step in range(steps):
            if stop():
                break
            optimizer.param_groups[0]["lr"] = first * (1.0 - step / steps)
            off = (model.proxy(model.flow.decode(z)) - target).abs().mean((1, 2))
            loss = (off + tie * ((z - centre) ** 2).mean(1)).sum()
            (z.grad,) = torch.autograd.grad(loss, z)
            optimizer.step()
        with torch.no_grad():
            return np.asarray(model.flow.decode(z.detach()).clamp(0.0, 1.0).numpy())


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.asarray(array, np.float32))
