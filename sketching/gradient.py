"""Many descents at once along the proxy's gradient: good guesses that cost no more than a render.

A step of eight descents takes only twice as long as a step of one, so many are made.
"""

from collections.abc import Callable

import numpy as np

from models.answer_model import AnswerModel

__all__ = ["descend", "drawn_patches", "guessed_mels"]

_STEP = 0.05  # of Adam, falling to 0; a latent is about 1 wide
_USUAL_STEPS = 30
_STAY = 0.2  # weight of the squared distance from the start, as in `models.regression_flow`
_MEMORY, _SQUARE_MEMORY, _TINY = 0.9, 0.999, 1e-8  # of Adam, as usual


def guessed_mels(model: AnswerModel, patches: np.ndarray) -> np.ndarray:
    """Return the log-mels `(n, n_mels, n_frames)` that the proxy expects of patches `(n, P)`."""
    return model.proxy.mels(patches)


def drawn_patches(model: AnswerModel, mel: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """Return the patches `(n, P)` where answers to a sound may begin, the posterior mean first.

    Args:
        model: What answers.
        mel: Levelled log-mel of the sound, `(n_mels, n_frames)`.
        fine: Its fine frames, bytes `(26, 368)`.
    """
    return model.flow.decode(model.beginnings(mel, fine))


def descend(
    model: AnswerModel,
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
        model: What answers.
        latents: Where the descents begin, `(n, D)`.
        mels: Levelled log-mels that the proxy should arrive at, `(n, n_mels, n_frames)`, or one for all.
        centres: Latents they should stay near, `(n, D)`; by default where they begin.
        ties: Weight of the squared distance from these, `(n,)`.
        steps: Most steps to take.
        stop: Asked before each step; once it returns true, the patches are returned as they are.

    Returns:
        Normalized patches, `(n, P)`.

    References:
        Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, arXiv 1412.6980.
    """
    target = np.asarray(mels, np.float32)
    z = np.array(latents, np.float32)
    centre = z.copy() if centres is None else np.asarray(centres, np.float32)
    tie = np.full(len(z), _STAY, np.float32) if ties is None else np.asarray(ties, np.float32)
    slope, square = np.zeros_like(z), np.zeros_like(z)
    first = _STEP * min(max(1.0, _USUAL_STEPS / steps), 2.0)  # fewer steps, longer ones
    for step in range(steps):
        if stop():
            break
        decoded = model.flow.with_gradient(z)
        by = decoded.gradient(model.proxy.gradient(decoded.patches, target))
        by = by + 2.0 / z.shape[1] * tie[:, None] * (z - centre)
        slope = _MEMORY * slope + (1.0 - _MEMORY) * by
        square = _SQUARE_MEMORY * square + (1.0 - _SQUARE_MEMORY) * by**2
        mean, spread = slope / (1.0 - _MEMORY ** (step + 1)), square / (1.0 - _SQUARE_MEMORY ** (step + 1))
        z = (z - first * (1.0 - step / steps) * mean / (np.sqrt(spread) + _TINY)).astype(np.float32)
    return model.flow.decode(z)
