"""Make renders louder or quieter without rendering: volume is a plain gain at the synth's end."""

import torch
from torch import Tensor

from core.space import ParameterSpace

__all__ = ["change_volume"]


def change_volume(
    patches: Tensor, mels: Tensor, gain_db: Tensor, space: ParameterSpace, floor: float
) -> tuple[Tensor, Tensor]:
    """Change the volume of patches and the level of their mels alike.

    All renders are equally loud, so without this a network could not learn what volume does.

    Args:
        patches: `(batch, P)`.
        mels: Log-mels `(batch, n_mels, n_frames)`.
        gain_db: Wanted change, `(batch,)`; held to what the volume control reaches.
        space: Has a `volume` on a square-root dB scale, as Vital's.
        floor: That was added to the mel power before the logarithm.

    Returns:
        Patches and mels.
    """
    k = space.index("volume")
    volume = space[k]
    at_db = (patches[:, k] * (volume.high - volume.low) + volume.low).sqrt()
    low, high = volume.plain(0.05) - volume.offset, volume.plain(1.0) - volume.offset
    changed_db = (at_db + gain_db).clamp(low, high)
    louder = patches.clone()
    louder[:, k] = (changed_db**2 - volume.low) / (volume.high - volume.low)
    power = (mels.exp() - floor).clamp_min(0.0)
    gain = 10.0 ** ((changed_db - at_db) / 10.0)
    return louder, torch.log(power * gain[:, None, None] + floor)
