"""Crossfades that keep the power, whether the two sounds are alike or strangers."""

import numpy as np

__all__ = ["crossfade_gains", "likeness"]


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two stretches of audio, 0 (strangers, or opposite) to 1 (the same).

    Args:
        one: Float32 `(n, 2)`.
        other: As long.
    """
    power = float(np.vdot(one, one)) * float(np.vdot(other, other))
    return max(0.0, min(1.0, float(np.vdot(one, other)) / power**0.5)) if power > 0.0 else 1.0


def crossfade_gains(n: int, alike: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the gains of what ends and of what begins, float32 `(n, 1)` each.

    Two sounds of equal power whose correlation is `alike` add up to that power throughout: linear where they
    are the same, equal power where they are strangers.
    """
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    fall = 1.0 - rise
    level = np.sqrt(fall**2 + rise**2 + 2.0 * alike * fall * rise)
    return ((fall / level).astype(np.float32)[:, None], (rise / level).astype(np.float32)[:, None])
