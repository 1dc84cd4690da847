"""One sound of a flow: as a latent or as free values, and as the other when that is asked for."""

from typing import Protocol

import numpy as np

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

    __slots__ = ("_flow", "_free", "_latent", "is_free")

    def __init__(
        self, flow: FreeFlow | None, latent: np.ndarray | None = None, free: np.ndarray | None = None
    ) -> None:
        assert (latent is None) != (free is None)
        self._flow, self._latent, self._free = flow, latent, free
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

    def at_free(self, free: np.ndarray) -> "Point":
        """Return another point of the same flow, by its free values."""
        return Point(self._flow, free=free)
