"""Eight points to come back to, kept on disk, and the points between two of them."""

import json
from pathlib import Path
from typing import Any

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.plain_file import is_number, read_json
from core.store.folder_lock import locked
from core.store.kept_files import set_aside

__all__ = ["N_SLOTS", "SLOTS", "Snapshots", "interpolate"]

SLOTS = "ABCDEFGH"
N_SLOTS = len(SLOTS)
_MAX_BYTES = 4 << 20  # eight points of a hundred models have 1 MB
_WAIT_S = 0.5  # for another panel that stores; the page waits as well

_Slots = dict[str, list[float]]


class Snapshots:
    """Points by slot, separately for each model: latents of one mean nothing to another.

    Several panels may share the file: each stores on top of what is there by then.

    Args:
        path: File that keeps them.

    Attributes:
        problem: What was wrong with the file, for the player; empty if nothing was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""
        self._unsaved: dict[tuple[str, str], list[float]] = {}
        self._kept: dict[str, _Slots] = {}
        self._kept = self._read()

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
        self._unsaved[model, slot] = list(point)
        self._lay_over(self._kept)
        with locked(self.path.parent, _WAIT_S):
            kept = self._read()
            self._lay_over(kept)
            write_atomically(self.path, json.dumps(kept, allow_nan=False))
        self._kept, self._unsaved = kept, {}

    def _lay_over(self, kept: dict[str, _Slots]) -> None:
        for (model, slot), point in self._unsaved.items():
            kept.setdefault(model, {})[slot] = point

    def _read(self) -> dict[str, _Slots]:
        """Return what the file holds; of a damaged one, which is set aside, what was known before."""
        try:
            data = read_json(self.path, _MAX_BYTES)
        except FileNotFoundError:
            return {model: dict(slots) for model, slots in self._kept.items()}
        except (OSError, ConfigError) as error:
            self._set_aside(str(error))
            return {model: dict(slots) for model, slots in self._kept.items()}
        kept = _slots(data)
        if kept != data:
            self._set_aside(f"{self.path.name} holds other things than points.")
        return kept

    def _set_aside(self, reason: str) -> None:
        aside = set_aside(self.path)
        if aside is not None:
            self.problem = f"{reason} It lies in {aside.parent} now; snapshots begin with what could be read."


def _slots(data: Any) -> dict[str, _Slots]:
    """Return the points in what a file holds: lists of finite numbers by slot, by model."""
    return {
        model: {
            slot: point
            for slot, point in slots.items()
            if slot in SLOTS and isinstance(point, list) and point and all(map(is_number, point))
        }
        for model, slots in (data.items() if isinstance(data, dict) else ())
        if isinstance(slots, dict)
    }


def interpolate(a: tuple[float, ...], b: tuple[float, ...], position: float) -> tuple[float, ...]:
    """Return the point on the straight line between two latents: a at position 0, b at 1."""
    return tuple((1.0 - position) * x + position * y for x, y in zip(a, b, strict=True))
