"""What patches of an adopted preset sound like: rendered and described, several at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import local

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.distances import mel_powers
from core.loudness import level, momentary_loudness
from core.playing.note import Note
from core.ruler.soft_mss import SOFT_LUFS, soft_mel_distance, soft_mels
from core.space import ParameterSpace
from synths.catalog import load_engine

__all__ = ["NOTE", "SPREADS", "Ears", "Heard"]

NOTE = Note()
SAMPLE_RATE = 22_050
# Standard deviation of each descriptor over 6,400 training renders of vital-32: how much is much.
SPREADS = {
    "centroid": 1.41,
    "bandwidth": 0.47,
    "rolloff": 1.62,
    "flatness": 21.7,
    "flux": 1.58,
    "attack": 2.54,
    "decay": 33.7,
    "tail": 35.8,
    "pitch_strength": 0.26,
    "movement": 2.10,
    "brightness_change": 0.91,
}
_COLUMNS = [DESCRIPTOR_NAMES.index(name) for name in SPREADS]
_SCALE = np.array(list(SPREADS.values()))


@dataclass(frozen=True, eq=False)
class Heard:
    """One render.

    Attributes:
        mels: What soft MSS compares.
        traits: Descriptors in spreads, in the order of `SPREADS`.
        lufs: Loudness of the loudest 400 ms.
    """

    mels: tuple[np.ndarray, ...]
    traits: np.ndarray
    lufs: float

    def distance(self, other: "Heard") -> float:
        """Return soft MSS, dB."""
        return soft_mel_distance(self.mels, other.mels)


class Ears:
    """Hears patches of a space.

    Args:
        space: The parameters.
        workers: How many renders at once.
        told: Is called after each render.
    """

    def __init__(
        self, space: ParameterSpace, workers: int = 2, told: Callable[[], None] = lambda: None
    ) -> None:
        self._space, self._told = space, told
        self._own = local()
        self._pool = ThreadPoolExecutor(max(1, workers))

    def hear(self, patches: Sequence[np.ndarray]) -> list[Heard]:
        """Render and describe patches `(n, P)`."""
        found = []
        for heard in self._pool.map(self._one, patches):
            found.append(heard)
            self._told()
        return found

    def close(self) -> None:
        """End the workers."""
        self._pool.shutdown(cancel_futures=True)

    def _one(self, patch: np.ndarray) -> Heard:
        if not hasattr(self._own, "engine"):
            self._own.engine = load_engine(self._space, SAMPLE_RATE)
        audio = self._own.engine.render(self._space.decode(patch), NOTE).mean(axis=0)
        lufs = momentary_loudness(audio, SAMPLE_RATE)
        levelled = level(audio, SAMPLE_RATE, SOFT_LUFS, loudness=lufs)
        return Heard(
            mels=soft_mels(mel_powers(levelled, SAMPLE_RATE)),
            traits=describe(audio, SAMPLE_RATE, NOTE.held_seconds)[_COLUMNS] / _SCALE,
            lufs=lufs,
        )
