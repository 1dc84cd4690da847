"""Many descents at once along the proxy's gradient: good guesses that cost no more than a render.

A step of eight descents takes only twice as long as a step of one, so many are made.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from models.regression_flow import RegressionFlow

__all__ = ["descend", "drawn_patches", "guessed_mels", "one_thread"]

_STEP = 0.05  # of Adam, falling to 0; a latent is about 1 wide
_USUAL_STEPS = 30
_STAY = 0.2  # weight of the squared distance from the start, as in `models.regression_flow`


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread: small batches gain nothing from more, and the loop that plays needs them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@torch.no_grad()
def guessed_mels(model: RegressionFlow, patches: np.ndarray) -> np.ndarray:
    """Return the log-mels `(n, n_mels, n_frames)` that the proxy expects of patches `(n, P)`."""
    with one_thread():
        return np.asarray(model.proxy(torch.from_numpy(np.asarray(patches, np.float32))).numpy())


@torch.no_grad()
def drawn_patches(model: RegressionFlow, mel: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """Return the patches `(n, P)` where answers to a sound may begin, the posterior mean first.

    Args:
        model: In evaluation mode.
        mel: Levelled log-mel of the sound, `(n_mels, n_frames)`.
        fine: Its fine frames, bytes `(26, 368)`.
    """
    with one_thread():
        begun = model.beginnings(_tensor(mel)[None], _tensor(fine)[None])[0]
        return np.asarray(model.flow.decode(begun).clamp(0.0, 1.0).numpy())


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
    """Return patches nearer to a sound, each by a descent from a latent of its own.

    Args:
        model: In evaluation mode.
        latents: Where the descents begin, `(n, D)`.
        mels: Levelled log-mels that the proxy should arrive at, `(n, n_mels, n_frames)`, or one for all.
        centres: Latents they should stay near, `(n, D)`; by default where they begin.
        ties: Weight of the squared distance from these, `(n,)`.
        steps: Most steps to take.
        stop: Asked before each step; once it returns true, the patches are returned as they are.

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
