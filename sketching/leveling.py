"""The volume that makes an answer as loud as others."""

import numpy as np

from core.space import ParameterSpace
from models.steering.level_arrays import VolumeScale

__all__ = ["Leveling"]


class Leveling:
    """Sets the volume of patches of one space.

    Args:
        space: Of the patches; without a known volume they stay as they are.
        target_lufs: Loudness that all are to have.
    """

    def __init__(self, space: ParameterSpace, target_lufs: float) -> None:
        self._space, self._target_lufs = space, target_lufs
        self._scale = VolumeScale.of(space)

    def leveled(self, patch: np.ndarray, loudness: float) -> np.ndarray:
        """Return a patch, rendered at this loudness (LUFS), with the volume that all are to have."""
        if self._scale is None:
            return patch
        k, volume = self._scale.index, self._space["volume"]
        wanted_db = volume.plain(float(patch[k])) + self._target_lufs - loudness
        leveled = np.array(patch, np.float32)
        wanted_db = min(max(wanted_db, volume.plain(0.0)), volume.plain(1.0))
        leveled[k] = min(max(volume.normalized(wanted_db), 0.0), 1.0)
        return leveled
