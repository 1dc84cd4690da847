"""Adds the voices up. Pure numpy, and the same to the sample whatever the blocks."""

import numpy as np

from sounding.master import Master
from sounding.playback import Playback

__all__ = ["Mixer"]

_BLOCK = 128  # frames: how often the pitch follows the wheel


class Mixer:
    """Plays any number of playbacks.

    Args:
        sample_rate: Hz.

    Attributes:
        master: Volume and limiter.
        n_frames: How many it has put out.
    """

    def __init__(self, sample_rate: int) -> None:
        self.master = Master(sample_rate)
        self.n_frames = 0
        self._playing: list[Playback] = []

    @property
    def n_delay(self) -> int:
        """Frames by which a voice is heard later than it was added."""
        return self.master.n_delay

    def add(self, playback: Playback) -> None:
        """Play a voice from the next frame on, until it is over; one that plays already goes on."""
        if playback not in self._playing:
            self._playing.append(playback)

    def fill(self, out: np.ndarray) -> None:
        """Write the next frames into `out`, float32 `(n, 2)`."""
        start = 0
        while start < len(out):
            # Blocks lie where they lie in the stream, however it is asked for.
            n = min(_BLOCK - self.n_frames % _BLOCK, len(out) - start)
            out[start : start + n] = self.master.process(self._mixed(n))
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
        return mixed
