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
    model: RegressionFlow, latents: np.ndarray, mel: np.ndarray, steps: int, stop: Callable[[], bool]
) -> np.ndarray:
    """Bring patches nearer to a sound, each from a latent of its own.

    Args:
        model: In evaluation mode.
        latents: Starts, `(n, D)`.
        mel: Levelled log-mel of the sound.
        steps: At most.
        stop: Asked before each step; once it is true the patches are given as they are.

    Returns:
        Normalized patches, `(n, P)`.
    """
    with one_thread(), torch.enable_grad():
        start = torch.from_numpy(np.asarray(latents, np.float32))
        target = torch.from_numpy(np.asarray(mel, np.float32))
        z = start.clone().requires_grad_(True)
        optimizer = torch.optim.Adam([z], _STEP)
        for step in range(steps):
            if stop():
                break
            optimizer.param_groups[0]["lr"] = _STEP * (1.0 - step / steps)
            off = (model.proxy(model.flow.decode(z)) - target).abs().mean((1, 2))
            loss = (off + _STAY * ((z - start) ** 2).mean(1)).sum()
            (z.grad,) = torch.autograd.grad(loss, z)
            optimizer.step()
        with torch.no_grad():
            return np.asarray(model.flow.decode(z.detach()).clamp(0.0, 1.0).numpy())
