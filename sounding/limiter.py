"""A limiter that looks ahead: no sample over the ceiling, and no change below it."""

import numpy as np

__all__ = ["CEILING", "Limiter"]

CEILING = 10.0 ** (-1.0 / 20.0)  # -1 dBFS; no sample exceeds it
_RELEASE_S = 0.15  # from silence back to full level
_LOOK_AHEAD_S = 0.0015


class Limiter:
    """Turns the sound down just before it would exceed the ceiling, and slowly up again.

    The gain at each sample is the mean, over the look-ahead, of the smallest gain that any sample within it
    needs; so it has fallen by the time the peak comes, without a step.

    Args:
        sample_rate: Hz.

    Attributes:
        n_delay: Frames by which the sound is later.
    """

    def __init__(self, sample_rate: int) -> None:
        self.n_delay = max(2, int(_LOOK_AHEAD_S * sample_rate))
        self._rise = 1.0 / (_RELEASE_S * sample_rate)
        self._delayed = np.zeros((self.n_delay, 2), np.float32)
        self._wanted = np.ones(self.n_delay)  # gains of the frames that wait
        self._smallest = np.ones(self.n_delay - 1)

    def process(self, audio: np.ndarray) -> np.ndarray:
        """Return as many frames `(n, 2)` as came, the oldest first."""
        n, delay = len(audio), self.n_delay
        audio = np.nan_to_num(audio, posinf=CEILING, neginf=-CEILING)
        peak = np.abs(audio).max(axis=1)
        joined = np.concatenate([self._delayed, audio])
        self._delayed = joined[n:]
        loud = float(peak.max(initial=0.0)) > CEILING
        if not loud and self._wanted.min() >= 1.0 and self._smallest.min() >= 1.0:
            return joined[:n]
        needed = np.minimum(1.0, CEILING / np.maximum(peak, 1e-9))
        wanted = np.concatenate([self._wanted, self._risen(needed)])
        windows = np.lib.stride_tricks.sliding_window_view(wanted, delay + 1)
        smallest = np.concatenate([self._smallest, windows.min(axis=1)])
        gain = np.lib.stride_tricks.sliding_window_view(smallest, delay).mean(axis=1)
        self._wanted, self._smallest = wanted[n:], smallest[n:]
        return np.clip(joined[:n] * gain[:, None], -CEILING, CEILING).astype(np.float32)

    def _risen(self, needed: np.ndarray) -> np.ndarray:
        """Return gains that fall at once and rise slowly: the least over the past of gain and rise since."""
        ramp = self._rise * np.arange(1, len(needed) + 1)
        least = np.minimum.accumulate(np.concatenate([[self._wanted[-1]], needed - ramp]))[1:]
        return np.minimum(1.0, least + ramp)
