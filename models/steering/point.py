"""One sound of a flow: as a latent or as free values, and as the other when that is asked for."""

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from models.steering.chart import Chart
    from models.steering.landmarks import Landmark

__all__ = ["FreeFlow", "Point"]


class FreeFlow(Protocol):
    """Latents to free values and back: all that a chart's macros need of a flow."""

    def free_of(self, z: np.ndarray) -> np.ndarray:
        """Return the free values `(D,)` of a latent."""
        ...

    def latent_of(self, free: np.ndarray) -> np.ndarray:
        """Undo `free_of`."""
        ...


class Point:
    """A point that never changes. Turning macros of a chart costs no pass of the flow while points are free.

    Args:
        flow: Latents to free values and back; None if nobody asks for the other.
        latent: The point, float64 `(D,)`; or
        free: its free values.
    """

    __slots__ = ("_flow", "_free", "_latent", "_landmark", "_landmark_known", "is_free")

    def __init__(
        self, flow: FreeFlow | None, latent: np.ndarray | None = None, free: np.ndarray | None = None
    ) -> None:
        assert (latent is None) != (free is None)
        self._flow, self._latent, self._free = flow, latent, free
        self._landmark: Landmark | None = None
        self._landmark_known = False
        self.is_free = latent is None

    @property
    def latent(self) -> np.ndarray:
        """The latent, float64 `(D,)`."""
        if self._latent is None:
            assert self._flow is not None and self._free is not None
            self._latent = self._flow.latent_of(self._free)
        return self._latent

    @property
    def free(self) -> np.ndarray:
        """The free values, float64 `(D,)`."""
        if self._free is None:
            assert self._flow is not None and self._latent is not None
            self._free = self._flow.free_of(self._latent)
        return self._free

    @property
    def is_finite(self) -> bool:
        """Whether what it was made from is finite numbers."""
        made_from = self._free if self.is_free else self._latent
        assert made_from is not None
        return bool(float(made_from.dot(made_from)) < np.inf)

    def at_latent(self, latent: np.ndarray) -> "Point":
        """Return another point of the same flow."""
        return Point(self._flow, latent)

    def landmark_on(self, chart: "Chart") -> "Landmark | None":
        """Return what is known of the dials near the point, on the chart of its model; None if nothing is."""
        if not self._landmark_known:
            self._landmark, self._landmark_known = chart.landmark(self.free), True
        return self._landmark

    def turned_to(self, free: np.ndarray) -> "Point":
        """Return the point that a dial of the chart leads to, by its free values."""
        turned = Point(self._flow, free=free)
        # No dial changes what is known, so it is found once for a whole turn.
        turned._landmark, turned._landmark_known = self._landmark, self._landmark_known
        return turned
