"""Landmarks of a chart: patches at which somebody measured how loud its dials really are.

A leveler that fits in a few kB is wrong by a dB or more, and nothing but renders tells where a dial makes a
sound silent. So at some patches, such as the presets of the map, every dial is heard from end to end. What
was heard is kept as a curve of what the volume lacks, and as the part of the dial's way that is worth having.

What no dial changes (`Chart.rest`) tells how far a patch is from a landmark. So that stays the same whichever
dials are turned, and they lead to the same patch in any order. Around a landmark what was measured there
fades out before the next one begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.errors import CheckpointError

__all__ = ["N_STEPS", "STEP_DB", "Landmark", "Landmarks"]

STEP_DB = 0.5  # of a curve's values, as a folder and the devices keep them
N_STEPS = 255  # of a dial's way, likewise
_PREFIX = "chart.landmarks."


@dataclass(frozen=True, eq=False, slots=True)
class Landmark:
    """What is known of the dials near one.

    Attributes:
        volume_db: What the volume is given at even positions of each dial's whole way, `(M, K)`.
        low, high: Part of its way that each dial goes over, M each.
    """

    volume_db: np.ndarray
    low: tuple[float, ...]
    high: tuple[float, ...]

    def volume_at(self, k: int, way: float) -> float:
        """Return the dB that the volume is given at a position of dial k's whole way, held within it."""
        curve = self.volume_db[k]
        at = min(max(way, 0.0), 1.0) * (len(curve) - 1)
        j = min(int(at), len(curve) - 2)
        return float(curve[j] + (at - j) * (curve[j + 1] - curve[j]))


@dataclass(frozen=True, eq=False)
class Landmarks:
    """N landmarks of a chart of M dials.

    Attributes:
        rests: What no dial changes at each, `(N, R)`; no two are alike.
        volume_db: What the volume is given there at even positions of each dial's way, `(N, M, K)`.
        ends: Positions of each dial's way at which it begins and ends there, `(N, M, 2)`, within 0 to 1.
    """

    rests: np.ndarray
    volume_db: np.ndarray
    ends: np.ndarray

    def __post_init__(self) -> None:
        n, m, k = self.volume_db.shape
        if len(self.rests) != n or self.ends.shape != (n, m, 2) or n < 2 or k < 2:
            raise CheckpointError("the landmarks of the macros' chart do not fit each other.")
        if (
            not np.all(self.ends[..., 0] < self.ends[..., 1])
            or self.ends.min() < 0.0
            or self.ends.max() > 1.0
        ):
            raise CheckpointError("a dial has no way at a landmark of the macros' chart.")
        if not self.radius > 0.0:
            raise CheckpointError("two landmarks of the macros' chart are alike.")

    @cached_property
    def radius(self) -> float:
        """How far from a landmark it is still of use: half of the way between the two nearest."""
        others = (np.delete(self.rests, n, 0) - rest for n, rest in enumerate(self.rests))
        return 0.5 * float(min(np.linalg.norm(apart, axis=1).min() for apart in others))

    def near(self, rest: np.ndarray) -> Landmark | None:
        """Return what is known near a patch of which no dial changes `rest`, `(R,)`; None if nothing is."""
        apart = np.square(self.rests - rest).sum(axis=1)
        n = int(apart.argmin())
        share = 1.0 - float(apart[n]) ** 0.5 / self.radius
        if share <= 0.0:
            return None
        low, high = share * self.ends[n, :, 0], 1.0 - share * (1.0 - self.ends[n, :, 1])
        return Landmark(share * self.volume_db[n], tuple(low.tolist()), tuple(high.tolist()))

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays as a model folder keeps them: in halves of a dB and 255ths of a way."""
        return {
            f"{_PREFIX}rests": self.rests.astype(np.float32),
            f"{_PREFIX}volume": np.clip(np.round(self.volume_db / STEP_DB), -127, 127).astype(np.int8),
            f"{_PREFIX}ends": np.round(self.ends * N_STEPS).astype(np.uint8),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> "Landmarks | None":
        """Read tensors named `chart.landmarks.<part>`; None if there are none.

        Raises:
            CheckpointError: Some are missing, or do not fit each other.
        """
        own = {name.removeprefix(_PREFIX): t for name, t in tensors.items() if name.startswith(_PREFIX)}
        if not own:
            return None
        try:
            rests, volume, ends = (own[part].astype(np.float64) for part in ("rests", "volume", "ends"))
        except KeyError as error:
            raise CheckpointError(f"the landmarks of the macros' chart lack {error}.") from error
        return cls(rests, volume * STEP_DB, ends / N_STEPS)
