"""Eight points to come back to, kept on disk, and the points between two of them."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from core.atomic_file import write_atomically

__all__ = ["N_SLOTS", "SLOTS", "Snapshots", "interpolate"]

SLOTS = "ABCDEFGH"
N_SLOTS = len(SLOTS)


@dataclass
class Snapshots:
    """Points by slot, separately for each model: latents of one mean nothing to another.

    Args:
        path: File that keeps them; one that cannot be read counts as empty.
    """

    path: Path
    _kept: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            self._kept = {
                str(model): {
                    slot: [float(v) for v in point] for slot, point in slots.items() if slot in SLOTS
                }
                for model, slots in data.items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            self._kept = {}

    def filled(self, model: str) -> set[str]:
        """Return the slots that hold a point."""
        return set(self._kept.get(model, {}))

    def point(self, model: str, slot: str, n_latent: int) -> tuple[float, ...] | None:
        """Return a slot's point, or None if it holds none of that many dimensions."""
        point = self._kept.get(model, {}).get(slot)
        return tuple(point) if point is not None and len(point) == n_latent else None

    def store(self, model: str, slot: str, point: tuple[float, ...]) -> None:
        """Store a point in a slot, and on disk.

        Raises:
            OSError: The file cannot be written; the point is kept until the panel stops.
        """
        assert slot in SLOTS
        self._kept.setdefault(model, {})[slot] = list(point)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, json.dumps(self._kept))


def interpolate(a: tuple[float, ...], b: tuple[float, ...], position: float) -> tuple[float, ...]:
    """Return the point on the straight line between two latents: a at position 0, b at 1."""
    return tuple((1.0 - position) * x + position * y for x, y in zip(a, b, strict=True))
