"""Adds the voices up: volume, limiter. Pure numpy, and the same to the sample whatever the blocks."""

import numpy as np

from sounding.limiter import Limiter
from sounding.playback import Playback

__all__ = ["FULL", "Mixer"]

FULL = 0.8  # position of the volume at which renders keep their level
_BLOCK = 128  # frames: how often the pitch follows the wheel
_RAMP_S = 0.02  # in which the volume changes


class Mixer:
    """Plays any number of playbacks.

    Args:
        sample_rate: Hz.

    Attributes:
        n_frames: How many it has put out.
    """

    def __init__(self, sample_rate: int) -> None:
        self._limiter = Limiter(sample_rate)
        self._playing: list[Playback] = []
        self._gain = self._wanted_gain = 1.0
        self._ramp = 1.0 / (_RAMP_S * sample_rate)
        self.n_frames = 0

    @property
    def n_delay(self) -> int:
        """Frames by which a voice is heard later than it was added."""
        return self._limiter.n_delay

    def add(self, playback: Playback) -> None:
        """Play a voice from the next frame on, until it is over."""
        self._playing.append(playback)

    def set_volume(self, volume: float) -> None:
        """Set the volume, 0 to 1; at `FULL`, renders keep their level."""
        self._wanted_gain = (volume / FULL) ** 2

    def fill(self, out: np.ndarray) -> None:
        """Write the next frames into `out`, float32 `(n, 2)`."""
        start = 0
        while start < len(out):
            # Blocks lie where they lie in the stream, however it is asked for.
            n = min(_BLOCK - self.n_frames % _BLOCK, len(out) - start)
            out[start : start + n] = self._limiter.process(self._mixed(n))
            self.n_frames += n
            start += n

    def _mixed(self, n: int) -> np.ndarray:
        if self.n_frames % _BLOCK == 0:
            for playback in self._playing:
                playback.glide()
        mixed = np.zeros((n, 2), np.float32)
        for playback in self._playing:
            playback.add_to(mixed)
        self._playing = [playback for playback in self._playing if not playback.is_over]
        if self._gain != self._wanted_gain:
            step = self._ramp * np.arange(1, n + 1)
            gains = self._gain + np.clip(self._wanted_gain - self._gain, -step, step)
            self._gain = float(gains[-1])
            mixed *= gains[:, None].astype(np.float32)
        elif self._gain != 1.0:
            mixed *= np.float32(self._gain)
        return mixed
