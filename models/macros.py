"""Macros: what the dials turn, and the one arithmetic of turning them.

A macro of the model's chart changes parameters of the synth (`models/steering/chart.py`); a straight one is a
direction of the latent space.

A position is 0 to 1 along a dial. Everything here is float64, so that hours of turning do not let a point
drift; only what a decoder reads is float32.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models.steering.chart import Chart
from models.steering.level_arrays import LEVEL_DB
from models.steering.pace import Pace
from models.steering.point import FreeFlow, Point

__all__ = ["N_DIALS", "ChartMacro", "LoudnessCurve", "Macro", "Macros", "StraightMacro"]

N_DIALS = 8  # macros that are on dials at a time; a model may know more


class LoudnessCurve:
    """What the level latent is given along a macro, so that turning the macro does not change the loudness.

    Values at even positions of the dial, with lines between them; beyond the ends, the ends.

    Args:
        values: From position 0 to 1, two at least, in units of the level latent.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.values = tuple(float(value) for value in values)
        assert len(self.values) > 1
        self._last = len(self.values) - 1
        # A line for each step, as value at position 0 and slope: one product and one sum a look-up.
        self._lines = [
            (a - k * (b - a), (b - a) * self._last)
            for k, (a, b) in enumerate(zip(self.values, self.values[1:], strict=False))
        ]
        self._lines.append(self._lines[-1])  # for a dial that rounding brings to the end

    def at(self, position: float) -> float:
        """Return the value at a position. Called for every turn of a macro, so it is plain Python."""
        if position >= 1.0:
            return self.values[-1]
        if not position > 0.0:
            return self.values[0]
        start, slope = self._lines[int(position * self._last)]
        return start + position * slope


class Macro(ABC):
    """One thing that a dial changes in a sound, while everything else stays as it is."""

    __slots__ = ()

    @abstractmethod
    def position_of(self, point: Point) -> float:
        """Return the dial's position at a point; below 0 or above 1 where that lies past an end."""

    @abstractmethod
    def turned(self, point: Point, position: float) -> Point:
        """Return the point with the dial at a position."""

    @abstractmethod
    def point(self, z: np.ndarray) -> Point:
        """Return the point of a latent `(D,)`."""

    def position(self, z: np.ndarray) -> float:
        """Return the dial's position at a latent `(D,)`; below 0 or above 1 where that lies past an end."""
        return self.position_of(self.point(z))

    def turn(self, z: np.ndarray, position: float) -> np.ndarray:
        """Return the latent `(D,)` with the dial at a position."""
        return self.turned(self.point(z), position).latent

    def keep(self, z: np.ndarray, there: np.ndarray) -> np.ndarray:
        """Return the latent `there` with the dial where it is at `z`, also past an end."""
        return self.turn(there, self.position(z))

    def walk(self, z: np.ndarray, n: int) -> np.ndarray:
        """Return latents `(n, D)`: `z` with the dial at n even positions from 0 to 1."""
        return np.stack([self.turn(z, position) for position in np.linspace(0.0, 1.0, n).tolist()])


@dataclass(frozen=True, eq=False, slots=True)
class StraightMacro(Macro):
    """A direction of the latent space. A latent is moved along it; everything across it stays as it is.

    Attributes:
        direction: Unit vector, float64 `(D,)`.
        low: Distance along the direction where the dial is at 0.
        span: From there to where the dial is at 1.
        rises: How far what each macro is named for changes from 0 to 1, `(M,)`, in its spreads over presets
            (median of those measured); 0 where nobody measured it. None where nothing was.
        loudness: What the last latent, the level, is given along the dial; None where nothing is. The
            direction is then 0 there.
    """

    direction: np.ndarray
    low: float
    span: float
    loudness: LoudnessCurve | None = None

    def position_of(self, point: Point) -> float:
        """Return the dial's position at a point; below 0 or above 1 where that lies past an end."""
        return (float(self.direction.dot(point.latent)) - self.low) / self.span

    def turned(self, point: Point, position: float) -> Point:
        """Return the point with the dial at a position. Called for every turn, so it is plain."""
        direction, low, span, loudness = self.direction, self.low, self.span, self.loudness
        z = point.latent
        along = float(direction.dot(z))
        turned: np.ndarray = z + (low + position * span - along) * direction
        if loudness is not None:
            # By differences: the way back takes the same off again, so a macro never leaves a trace.
            turned[-1] = z.item(-1) + (loudness.at(position) - loudness.at((along - low) / span))
        return point.at_latent(turned)

    def point(self, z: np.ndarray) -> Point:
        """Return the point of a latent `(D,)`."""
        return Point(None, z)


@dataclass(frozen=True, eq=False, slots=True)
class ChartMacro(Macro):
    """A macro of the model's chart, which changes parameters of the synth.

    Attributes:
        chart: The chart.
        k: Index of the macro there.
        low: Position there of the dial's 0.
        span: From there to the dial's 1.
        flow: Latents to the chart's free values and back.
        loudness: What the level is given along the dial besides what the chart does; None where nothing is.
        pace: How the dial's positions lie on that way; None where they lie evenly.
    """

    chart: Chart
    k: int
    low: float
    span: float
    flow: FreeFlow
    loudness: LoudnessCurve | None = None
    pace: Pace | None = None

    def position_of(self, point: Point) -> float:
        """Return the dial's position at a point; below 0 or above 1 where that lies past an end."""
        at = self.chart.position(self.k, point.free, point.landmark_on(self.chart))
        way = (at - self.low) / self.span
        return way if self.pace is None else self.pace.inverse(way)

    def turned(self, point: Point, position: float) -> Point:
        """Return the point with the dial at a position."""
        way = position if self.pace is None else self.pace.at(position)
        near = point.landmark_on(self.chart)
        free = self.chart.turn(self.k, point.free, self.low + way * self.span, near)
        if self.loudness is not None:
            step = self.loudness.at(position) - self.loudness.at(self.position_of(point))
            free[-1] += LEVEL_DB * step
        return point.turned_to(free)

    def point(self, z: np.ndarray) -> Point:
        """Return the point of a latent `(D,)`."""
        return Point(self.flow, z)


@dataclass(frozen=True, kw_only=True)
class Macros:
    """Macros of a model, in order.

    Attributes:
        names: M names, by what the macro does to the sound.
        directions: Of the straight ones; orthonormal rows `(M, D)`. Zeros for those of the chart.
        low, high: Where each dial is at 0 and at 1, `(M,)`: distance along the direction, or position on the
            chart.
        resting: Latent that the server starts from, `(D,)`.
        descriptor_names: Names of the descriptors measured along each macro.
        descriptor_curves: `(M, n_descriptors, 50)`, measured on real renders around `resting`.
        rises: How far what each macro is named for changes from 0 to 1, `(M,)`, in its spreads over presets
            (median of those measured); 0 where nobody measured it. None where nothing was.
        loudness: What the last latent, the level, is given along each dial; empty where nothing is. The
            folder of an adopted preset holds it; `calibration.macros` measures it on a player's own synth.
        paces: How the positions of each dial of the chart lie on its way; empty where all lie evenly.
        chart: What the other macros do; None where all are straight.
        charted: Index of each macro on the chart, -1 for a straight one; empty where all are straight.
        flow: Latents to the chart's values and back; None without a chart.
    """

    names: tuple[str, ...]
    directions: np.ndarray
    low: np.ndarray
    high: np.ndarray
    resting: np.ndarray
    descriptor_names: tuple[str, ...]
    descriptor_curves: np.ndarray
    rises: np.ndarray | None = None
    loudness: tuple[LoudnessCurve, ...] = ()
    paces: tuple[Pace, ...] = ()
    chart: Chart | None = None
    charted: tuple[int, ...] = ()
    flow: FreeFlow | None = None

    def __len__(self) -> int:
        """Return the number of macros, M."""
        return len(self.names)

    def __getitem__(self, k: int) -> Macro:
        """Return macro k."""
        return self._each[k]

    def __iter__(self) -> Iterator[Macro]:
        """Iterate over the macros in order."""
        return iter(self._each)

    def select(self, indices: Sequence[int]) -> "Macros":
        """Return some of the macros, in the order of their indices."""
        rows = list(indices)
        return replace(
            self,
            names=tuple(self.names[k] for k in rows),
            directions=self.directions[rows],
            low=self.low[rows],
            high=self.high[rows],
            descriptor_curves=self.descriptor_curves[rows],
            rises=None if self.rises is None else self.rises[rows],
            loudness=tuple(self.loudness[k] for k in rows) if self.loudness else (),
            paces=tuple(self.paces[k] for k in rows) if self.paces else (),
            charted=tuple(self.charted[k] for k in rows) if self.charted else (),
        )

    def with_direction(self, name: str, direction: np.ndarray, low: float, high: float) -> "Macros":
        """Return the macros with one more at the end: straight, with no descriptors measured along it.

        Args:
            name: Of the macro.
            direction: Unit vector `(D,)`; it need not be orthogonal to the others.
            low: Distance along it where the dial is at 0.
            high: And at 1.
        """
        unknown = np.full((1, *self.descriptor_curves.shape[1:]), np.nan, np.float32)
        return replace(
            self,
            names=(*self.names, name),
            directions=np.vstack([self.directions, direction[None].astype(np.float32)]),
            low=np.append(self.low, np.float32(low)),
            high=np.append(self.high, np.float32(high)),
            descriptor_curves=np.concatenate([self.descriptor_curves, unknown]),
            rises=None if self.rises is None else np.append(self.rises, np.float32(0.0)),
            loudness=(*self.loudness, LoudnessCurve((0.0, 0.0))) if self.loudness else (),
            paces=(*self.paces, Pace((0.0, 1.0))) if self.paces else (),
            charted=(*self.charted, -1) if self.charted else (),
        )

    @cached_property
    def _each(self) -> tuple[Macro, ...]:
        low = self.low.astype(np.float64)
        rows = zip(
            self.directions.astype(np.float64),
            low.tolist(),
            (self.high.astype(np.float64) - low).tolist(),
            self.loudness or (None,) * len(self),
            self.paces or (None,) * len(self),
            self.charted or (-1,) * len(self),
            strict=True,
        )
        return tuple(self._made(*row) for row in rows)

    def _made(
        self,
        direction: np.ndarray,
        low: float,
        span: float,
        loudness: LoudnessCurve | None,
        pace: Pace | None,
        at: int,
    ) -> Macro:
        if at < 0:
            return StraightMacro(direction, low, span, loudness)
        assert self.chart is not None and self.flow is not None
        return ChartMacro(self.chart, at, low, span, self.flow, loudness, pace)

    def positions(self, z: np.ndarray) -> np.ndarray:
        """Return the position of every dial at a latent `(D,)`: float64 `(M,)`, each held within 0 to 1."""
        return self.positions_of(Point(self.flow, z))

    def positions_of(self, point: Point) -> np.ndarray:
        """Return the position of every dial at a point: float64 `(M,)`, each held within 0 to 1."""
        return np.clip([macro.position_of(point) for macro in self], 0.0, 1.0)

    def narrowed(self, low: np.ndarray, high: np.ndarray) -> "Macros":
        """Return the macros with dials that go over a part of the present ones.

        Args:
            low: Present position of each dial that is to be its 0, `(M,)`.
            high: And its 1, `(M,)`.
        """
        start = self.low.astype(np.float64)
        span = self.high.astype(np.float64) - start
        n = self.descriptor_curves.shape[-1]
        dial = np.linspace(0.0, 1.0, n)
        curves = [
            [np.interp(np.linspace(a, b, n), dial, curve) for curve in of_macro]
            for a, b, of_macro in zip(low, high, self.descriptor_curves, strict=True)
        ]
        paces = self.paces
        if paces:  # these then say which part it is, where there is a way
            on_way = np.array(self.charted) >= 0
            parts = zip(self.paces, low.tolist(), high.tolist(), on_way, strict=True)
            paces = tuple(pace.part(a, b) if there else pace for pace, a, b, there in parts)
            low, high = np.where(on_way, 0.0, low), np.where(on_way, 1.0, high)
        return replace(
            self,
            paces=paces,
            low=(start + low * span).astype(np.float32),
            high=(start + high * span).astype(np.float32),
            descriptor_curves=np.array(curves, np.float32),
        )
