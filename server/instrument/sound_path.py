"""A path through the sounds: points in order, travelled at equal speed."""

from collections.abc import Callable, Iterator

import numpy as np

from core.errors import ProtocolError
from server.osc.builder import osc_message

__all__ = ["MAX_POINTS", "SoundPath"]

MAX_POINTS = 64

Place = tuple[float, float]


class SoundPath:
    """Points to travel through, straight in the latent space or in the parameters."""

    def __init__(self) -> None:
        self.in_parameters = False
        self._latents: list[np.ndarray] = []
        self._patches: list[np.ndarray] = []
        self._places: list[Place] = []

    def copy(self) -> "SoundPath":
        """Return a path with the same points."""
        other = SoundPath()
        other.in_parameters = self.in_parameters
        other._latents, other._patches = list(self._latents), list(self._patches)
        other._places = list(self._places)
        return other

    def moved(
        self, latent_of: Callable[[np.ndarray], np.ndarray], place_of: Callable[[np.ndarray], Place]
    ) -> "SoundPath":
        """Return the path through the same patches, where each `(P,)` has another latent `(D,)` and place."""
        other = self.copy()
        other._latents = [latent_of(patch).astype(np.float64) for patch in self._patches]
        other._places = [place_of(latent) for latent in other._latents]
        return other

    def __len__(self) -> int:
        """Count the points."""
        return len(self._latents)

    def add(self, latent: np.ndarray, patch: np.ndarray, place: Place) -> None:
        """Add a point at the end: its latent `(D,)`, its patch `(P,)` and where it is on the map.

        Raises:
            ProtocolError: The path is full.
        """
        if len(self) >= MAX_POINTS:
            raise ProtocolError(f"a path has at most {MAX_POINTS} points; send /flow/path/clear.")
        self._latents.append(latent.copy())
        self._patches.append(patch.copy())
        self._places.append(place)

    def clear(self) -> None:
        """Forget all points."""
        self._latents.clear()
        self._patches.clear()
        self._places.clear()

    def messages(self, since: int = 0) -> Iterator[bytes]:
        """Yield `/flow/path`, and `/flow/path/point` for each point from one on."""
        yield osc_message("/flow/path", len(self), int(self.in_parameters))
        for k, place in enumerate(self._places[since:], since):
            yield osc_message("/flow/path/point", k, *place)

    def at(self, position: float) -> np.ndarray:
        """Return the point at `position`, 0 to 1 of the path's length.

        Returns:
            A patch `(P,)` if the path runs in parameters, else a latent `(D,)`.

        Raises:
            ProtocolError: The path has fewer than two points.
        """
        if len(self) < 2:
            raise ProtocolError(
                f"the path has {len(self)} of the two points it needs; go to a sound and send /flow/path/add."
            )
        points = np.stack(self._patches if self.in_parameters else self._latents)
        lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
        ends = np.cumsum(lengths)
        along = position * ends[-1]
        k = min(int(np.searchsorted(ends, along)), len(lengths) - 1)
        if lengths[k] == 0.0:
            return np.array(points[k])
        share = min(max(1.0 - (ends[k] - along) / lengths[k], 0.0), 1.0)
        return np.asarray((1.0 - share) * points[k] + share * points[k + 1])
