"""Which of a microphone's channels somebody sings into: the input of an interface is rarely the first."""

import numpy as np

__all__ = ["LiveChannel", "loudest_channel"]

_LOUDER = 4.0  # times the power: two channels of one voice are not swapped
_FORGETS_PER_S = 1e-6  # of the power of a moment, what is left after a second: a click is soon forgotten


class LiveChannel:
    """Turns blocks of all channels into one of the channel that is live, while they come in.

    Until somebody is heard it is the loudest; after that it changes only to one that is clearly louder and
    above the gate, so that it stays through pauses.

    Args:
        sample_rate: Hz.
        gate_db: Level above which somebody is heard, dB of full scale.
        chosen: The channel that the player chose, counted from 1; 0 for none.
    """

    def __init__(self, sample_rate: int, gate_db: float, chosen: int = 0) -> None:
        self._sample_rate = sample_rate
        self._gate = 10.0 ** (gate_db / 10.0)
        self._chosen = chosen
        self._at = max(chosen - 1, 0)
        self._powers: np.ndarray | None = None
        self._is_heard = False

    @property
    def heard(self) -> int:
        """The channel in which somebody was heard, counted from 1; 0 for none yet."""
        return self._at + 1 if self._is_heard else 0

    def push(self, block: np.ndarray) -> np.ndarray:
        """Return one channel `(n,)` of a block `(n, n_channels)` of finite samples."""
        if not len(block):
            return np.zeros(0, np.float32)
        now = (block.astype(np.float64) ** 2).mean(axis=0)
        left = _FORGETS_PER_S ** (len(block) / self._sample_rate)
        self._powers = now if self._powers is None else np.maximum(now, left * self._powers)
        if not self._chosen:
            best = loudest_channel(self._powers, self._at)
            if not self._is_heard or self._powers[best] >= self._gate:
                self._at = best
        self._is_heard = self._is_heard or bool(self._powers[self._at] >= self._gate)
        return np.ascontiguousarray(block[:, self._at], np.float32)


def loudest_channel(powers: np.ndarray, present: int = 0) -> int:
    """Return the channel to hear: the present one, unless another has four times its power.

    >>> loudest_channel(np.array([1.0, 3.0])), loudest_channel(np.array([1.0, 5.0]))
    (0, 1)
    """
    best = int(np.argmax(powers))
    return best if powers[best] > _LOUDER * powers[present] else present
