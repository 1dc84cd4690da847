"""The points that were played, for undo and redo."""

import numpy as np

__all__ = ["PointHistory"]

_MAX_POINTS = 200
_SAME = 1e-3  # latents nearer than this are one point: the server sends them back in float32


class PointHistory:
    """Points in the order they came to rest, and which of them is the current one."""

    def __init__(self) -> None:
        self._points: list[np.ndarray] = []
        self._at = -1
        self._asked: list[np.ndarray] = []  # gone to, and not yet confirmed by the server

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self._points)

    @property
    def can_undo(self) -> bool:
        """Whether there is a point before."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a point that was undone."""
        return self._at < len(self._points) - 1

    def add(self, latent: tuple[float, ...]) -> None:
        """Add a point that came to rest, unless it is the current one; undone points are dropped."""
        point = np.asarray(latent)
        if self._points and len(self._points[0]) != len(point):
            self.clear()
        for k, asked in enumerate(self._asked):
            if _same(point, asked):
                del self._asked[: k + 1]
                return
        if self._at >= 0 and _same(point, self._points[self._at]):
            return
        self._asked = []
        self._points = [*self._points[: self._at + 1], point][-_MAX_POINTS:]
        self._at = len(self._points) - 1

    def undo(self) -> tuple[float, ...] | None:
        """Step back; return the point to go to, or None at the first."""
        if not self.can_undo:
            return None
        return self._step(-1)

    def redo(self) -> tuple[float, ...] | None:
        """Step forward again; return the point to go to, or None at the last."""
        if not self.can_redo:
            return None
        return self._step(1)

    def clear(self) -> None:
        """Drop all points; those of another model mean nothing here."""
        self._points, self._at, self._asked = [], -1, []

    def _step(self, by: int) -> tuple[float, ...]:
        self._at += by
        self._asked.append(self._points[self._at])
        return tuple(self._points[self._at].tolist())


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.abs(a - b).max(initial=0.0) < _SAME)
