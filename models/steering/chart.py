"""The chart of a model's macros: what each dial does to a patch, and how a patch sets the dials.

Parameters fall into three groups. Each macro has a *lead*, a parameter of its own that the dial sets alone
along a *course*; it also moves *followers*, which may follow several macros; the rest stays. With the
parameters as free values u (before they are squashed into 0 to 1) and the dials' positions t,

    u_lead = course(t)        u_followers = r + gains @ t        volume_db = e + levelers(all others)

where r and e are what no dial changes. So positions, r and e are coordinates of all patches: the order in
which dials are turned does not matter, the way back ends where it began, and any patch has its positions. A
dial goes over the same range of its lead wherever it starts, so its ends lie within what training has seen.
Near a landmark, where the dials have been heard (`models/steering/landmarks.py`), it may go over a part of
it, and the volume is given what the levelers are wrong by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.errors import CheckpointError
from models.steering.free_values import squash
from models.steering.landmarks import Landmark, Landmarks
from models.steering.level_arrays import LEVEL_PARTS, LevelArrays

__all__ = ["Chart"]


@dataclass(frozen=True, eq=False)
class Chart:
    """Leads, courses and followers of M macros, among C parameters without the volume.

    Attributes:
        leads: Index of each macro's lead, `(M,)`; all differ.
        courses: Free value of the lead at even positions of the dial, `(M, K)`; strictly rising or falling.
        gains: What a dial adds to each free value from 0 to 1, `(C, M)`; 0 for leads.
        leveler: What is added to the volume that the flow's own leveler calls for; None where nothing levels
            the macros.
        base: The flow's own leveler; None if it has none.
        landmarks: Where the dials have been heard; None if nowhere.
    """

    leads: np.ndarray
    courses: np.ndarray
    gains: np.ndarray
    leveler: LevelArrays | None = None
    base: LevelArrays | None = None
    landmarks: Landmarks | None = None

    def __post_init__(self) -> None:
        self._check()
        # Float64 once and for all: hours of turning do not drift, and no turn converts anything.
        object.__setattr__(self, "courses", self.courses.astype(np.float64))
        object.__setattr__(self, "gains", self.gains.astype(np.float64))
        for name in ("leveler", "base"):
            if (arrays := getattr(self, name)) is not None:
                exact = {part: getattr(arrays, part).astype(np.float64) for part in LEVEL_PARTS}
                object.__setattr__(self, name, replace(arrays, **exact))

    def _check(self) -> None:
        steps = np.diff(self.courses, axis=1)
        even = np.all(steps > 0.0, axis=1) | np.all(steps < 0.0, axis=1)
        if len(set(self.leads.tolist())) < len(self.leads) or not np.all(even):
            raise CheckpointError("two macros share a lead, or a course turns back.")
        if self.gains.shape[1] != len(self.leads) or np.any(self.gains[self.leads]):
            raise CheckpointError("the gains of the macros' chart do not fit its leads.")

    def landmark(self, free: np.ndarray) -> Landmark | None:
        """Return what is known near free values `(D,)`; turning dials does not change it."""
        return None if self.landmarks is None else self.landmarks.near(self.rest(free))

    def rest(self, free: np.ndarray) -> np.ndarray:
        """Return what no dial changes of free values `(D,)`: `(C - M,)`, each in 0 to 1."""
        positions = np.clip([self._way(k, free) for k in range(len(self.leads))], 0.0, 1.0)
        still = squash(free[: len(self.gains)] - self.gains @ positions)
        return np.delete(still, self.leads)

    def position(self, k: int, free: np.ndarray, near: Landmark | None = None) -> float:
        """Return the position of macro k at free values `(D,)`, below 0 or above 1 past the ends.

        Args:
            k: The macro.
            free: The free values.
            near: What is known there.
        """
        way = self._way(k, free)
        return way if near is None else (way - near.low[k]) / (near.high[k] - near.low[k])

    def _way(self, k: int, free: np.ndarray) -> float:
        """Return the position on the whole way of the lead's course."""
        course, value, last = self.courses[k], float(free[self.leads[k]]), self.courses.shape[1] - 1
        if course[-1] < course[0]:
            course, value = -course, -value
        j = min(max(int(course.searchsorted(value, "right")) - 1, 0), last - 1)
        return (j + float((value - course[j]) / (course[j + 1] - course[j]))) / last

    def _lead_at(self, k: int, way: float) -> float:
        """Return the lead's free value at a position on its whole way, also past the ends."""
        course, last = self.courses[k], self.courses.shape[1] - 1
        j = min(max(int(way * last), 0), last - 1)
        return float(course[j] + (way * last - j) * (course[j + 1] - course[j]))

    def turn(self, k: int, free: np.ndarray, position: float, near: Landmark | None = None) -> np.ndarray:
        """Return the free values `(D,)` with macro k at a position, as loud as before.

        Args:
            k: The macro.
            free: The free values.
            position: The position.
            near: What is known there.
        """
        before, way = self._way(k, free), position
        if near is not None:
            way = near.low[k] + position * (near.high[k] - near.low[k])
        # Past an end a dial moves its lead alone: followers stay within what has been seen.
        step = min(max(way, 0.0), 1.0) - min(max(before, 0.0), 1.0)
        turned = free.copy()
        turned[: len(self.gains)] += self.gains[:, k] * step
        turned[self.leads[k]] = self._lead_at(k, way)
        if self.leveler is not None:
            turned[-1] += self.called_for(turned) - self.called_for(free)
            if near is not None:
                turned[-1] += near.volume_at(k, way) - near.volume_at(k, before)
        return turned

    def called_for(self, free: np.ndarray) -> float:
        """Return the volume in dB that free values `(D,)` call for; only differences mean something."""
        values = squash(free[: len(self.gains)])
        levelers = (each for each in (self.leveler, self.base) if each is not None)
        return sum(float(each.called_for(values)[0]) for each in levelers)

    def select(self, rows: Sequence[int]) -> "Chart":
        """Return the chart of some of the macros, in the order given; nothing was heard of it yet."""
        k = list(rows)
        return replace(
            self, leads=self.leads[k], courses=self.courses[k], gains=self.gains[:, k], landmarks=None
        )

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays as a model folder keeps them."""
        kept = {
            "chart.leads": self.leads.astype(np.int32),
            "chart.courses": self.courses.astype(np.float32),
            "chart.gains": self.gains.astype(np.float32),
        }
        if self.leveler is not None:
            kept |= {f"chart.{name}": part for name, part in self.leveler.tensors().items()}
        if self.landmarks is not None:
            kept |= self.landmarks.tensors()
        return kept

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, np.ndarray], n_parameters: int, base: LevelArrays | None = None
    ) -> "Chart | None":
        """Read tensors named `chart.<part>`; None if there are none.

        Raises:
            CheckpointError: Some are missing, or do not fit each other or the parameters.
        """
        own = {name.removeprefix("chart."): t for name, t in tensors.items() if name.startswith("chart.")}
        if not own:
            return None
        try:
            leads, courses, gains = own["leads"], own["courses"], own["gains"]
        except KeyError as error:
            raise CheckpointError(f"the macros' chart lacks {error}.") from error
        if len(courses) != len(leads) or len(gains) != n_parameters or leads.max() >= n_parameters:
            raise CheckpointError("the macros' chart belongs to another model.")
        leveler = LevelArrays.from_tensors({**own, "shift": gains[:, 0]})
        return cls(leads, courses, gains, leveler, base, Landmarks.from_tensors(tensors))
