"""How the server fares: counters, and how long a frame takes, from datagram received to frame sent."""

from dataclasses import dataclass, field

import numpy as np

__all__ = ["FrameTimes", "Health"]

_N_KEPT = 4096
_FRESH_S = 0.1  # percentiles are worked out at most this often


class FrameTimes:
    """The last 4,096 times, in a ring."""

    def __init__(self) -> None:
        self._ring = np.zeros(_N_KEPT)
        self._n = 0
        self._told: tuple[float, float] = (0.0, 0.0)
        self._told_at = float("-inf")

    def add(self, seconds: float) -> None:
        """Note the time that one frame took."""
        self._ring[self._n % _N_KEPT] = seconds
        self._n += 1

    def percentiles_ms(self, now: float) -> tuple[float, float]:
        """Return p50 and p99 in milliseconds; 0 while there is no frame."""
        if self._n and now - self._told_at > _FRESH_S:
            p50, p99 = np.percentile(self._ring[: min(self._n, _N_KEPT)], [50, 99])
            self._told = (float(p50) * 1e3, float(p99) * 1e3)
            self._told_at = now
        return self._told


@dataclass
class Health:
    """Counters since the start, and frame times.

    Attributes:
        frame_times: From datagram received to frame sent.
        n_received: Datagrams.
        n_refused: Messages that were not taken.
    """

    frame_times: FrameTimes = field(default_factory=FrameTimes)
    n_received: int = 0
    n_refused: int = 0
