"""The model that plays: what the server says of it, and what this machine has of it."""

import asyncio
from pathlib import Path
from typing import Any

from panel.osc.mirror import Mirror
from panel.sound.local_model import LocalModel, kind_of, read_local_model

__all__ = ["CurrentModel"]


class CurrentModel:
    """The model that plays.

    Attributes:
        local: What this machine has of it.

    Args:
        mirror: The server's state.
        folder: Of a model that was named by path.
    """

    def __init__(self, mirror: Mirror, folder: Path | None) -> None:
        self.local = LocalModel()
        self._mirror = mirror
        self._folder = folder
        self._known: tuple[str, tuple[str, ...]] | None = None

    @property
    def macro_names(self) -> list[str]:
        """Names of the macros; none until the server has answered."""
        n = self._mirror.welcome.n_macros if self._mirror.welcome else 0
        return [self._mirror.macro_names.get(k, f"Macro {k + 1}") for k in range(n)]

    def note_names(self) -> bool:
        """Note the names of the parameters that the server has sent.

        Returns:
            Whether they are complete now, and those of another model than before.
        """
        welcome, names = self._mirror.welcome, self._mirror.names
        if welcome is None or len(names) < welcome.n_parameters:
            return False
        known = welcome.model, tuple(names[k] for k in sorted(names))
        another = known != self._known
        self._known = known
        return another

    async def read_local(self) -> bool:
        """Read what this machine has of the model, and return whether it still plays then."""
        known = self._known
        assert known is not None
        local = await asyncio.to_thread(read_local_model, *known, self._folder)
        if known != self._known:
            return False
        self.local = local
        self._mirror.presets_revision += 1  # their kinds are known now
        return True

    def preset_columns(self) -> dict[str, list[Any]]:
        """Return the preset map as columns: names, kinds, x, y."""
        presets = list(self._mirror.presets.values())
        return {
            "names": [p.name for p in presets],
            "kinds": [kind_of(p.name, self.local) for p in presets],
            "x": [round(p.x, 4) for p in presets],
            "y": [round(p.y, 4) for p in presets],
        }
