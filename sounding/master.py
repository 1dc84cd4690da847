"""What every sound goes through last: the volume and the limiter."""

import numpy as np

from sounding.limiter import Limiter

__all__ = ["FULL", "Master"]

FULL = 0.8  # position of the volume at which renders keep their level
_RAMP_S = 0.02  # in which the volume changes


class Master:
    """Volume and limiter.

    Args:
        sample_rate: Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._limiter = Limiter(sample_rate)
        self._gain = self._wanted_gain = 1.0
        self._ramp = 1.0 / (_RAMP_S * sample_rate)

    @property
    def n_delay(self) -> int:
        """Frames by which the sound is later."""
        return self._limiter.n_delay

    def set_volume(self, volume: float) -> None:
        """Set the volume, 0 to 1; at `FULL`, renders keep their level."""
        self._wanted_gain = (volume / FULL) ** 2

    def process(self, audio: np.ndarray) -> np.ndarray:
        """Return as many frames `(n, 2)` as came; `audio` may be changed."""
        if self._gain != self._wanted_gain:
            step = self._ramp * np.arange(1, len(audio) + 1)
            gains = self._gain + np.clip(self._wanted_gain - self._gain, -step, step)
            self._gain = float(gains[-1])
            audio = audio * gains[:, None].astype(np.float32)
        elif self._gain != 1.0:
            audio = audio * np.float32(self._gain)
        return self._limiter.process(audio)
