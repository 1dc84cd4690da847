"""Round trips to the server and back, from the panel's computer, measured for some seconds."""

from dataclasses import dataclass
from time import perf_counter, sleep

import numpy as np

from core.errors import BridgeError
from server.client import Client

__all__ = ["RoundTrips", "measure_round_trips"]

_GAP_S = 0.01


@dataclass(frozen=True)
class RoundTrips:
    """Round trips of `/flow/ping`, in milliseconds.

    Attributes:
        times_ms: Of each answer, in order.
        n_lost: Pings that were not answered within half a second.
    """

    times_ms: np.ndarray
    n_lost: int

    @property
    def p50_ms(self) -> float:
        """Median, in ms; NaN without answers."""
        return float(np.percentile(self.times_ms, 50)) if len(self.times_ms) else float("nan")

    @property
    def p99_ms(self) -> float:
        """99th percentile, in ms; NaN without answers."""
        return float(np.percentile(self.times_ms, 99)) if len(self.times_ms) else float("nan")

    @property
    def jitter_ms(self) -> float:
        """Mean difference from one answer to the next, in ms; NaN with fewer than two."""
        return float(np.abs(np.diff(self.times_ms)).mean()) if len(self.times_ms) > 1 else float("nan")


def measure_round_trips(host: str, port: int, seconds: float = 10.0) -> RoundTrips:
    """Ping the server a hundred times a second. For a worker thread: it waits.

    A ping goes the way of a macro, through socket, guard and loop, but without a decode, so nothing sounds
    different meanwhile. The decode is in the server's own figures.

    Raises:
        DeviceError: No server answers.
    """
    times: list[float] = []
    n_lost = n = 0
    with Client(port, host, kind="panel", name="Latency test") as client:
        end = perf_counter() + seconds
        while perf_counter() < end:
            n += 1
            start = perf_counter()
            client.send("/flow/ping", n)
            try:
                answer = client.wait_for("/flow/pong", 0.5)
                while answer is not None and answer[0] != n:  # late, for an earlier ping
                    answer = client.wait_for("/flow/pong", 0.5)
            except BridgeError:
                answer = None
            if answer is None:
                n_lost += 1
            else:
                times.append((perf_counter() - start) * 1e3)
            sleep(_GAP_S)
    return RoundTrips(np.array(times), n_lost)
