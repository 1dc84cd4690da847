"""The model that plays: what the server says of it, and what this machine has of it."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import RenderError
from core.playing.gestures import Gestures
from panel.osc.mirror import Mirror
from panel.sound.local_model import LocalModel, read_local_model
from panel.sound.parameter_text import parameter_text

__all__ = ["CurrentModel"]

_OWN = "Yours"  # kind of the presets that a player saved; static/map/presets.js spells it the same


class CurrentModel:
    """The model that plays.

    Attributes:
        local: What this machine has of it.

    Args:
        mirror: The server's state.
        folder: Of a model that was named by path.
        adopted: Of presets that were adopted.
    """

    def __init__(self, mirror: Mirror, folder: Path | None, adopted: Path | None = None) -> None:
        self.local = LocalModel()
        self._mirror = mirror
        self._folder, self._adopted = folder, adopted
        self._captions: dict[str, str] = {}
        self._known: tuple[str, tuple[str, ...]] | None = None

    @property
    def macro_names(self) -> list[str]:
        """Names of the macros; none until the server has answered."""
        n = self._mirror.welcome.n_macros if self._mirror.welcome else 0
        return [self._mirror.macro_names.get(k, f"Macro {k + 1}") for k in range(n)]

    def caption(self, label: str) -> str:
        """Return what a parameter does, where this machine knows; otherwise the label that hosts show."""
        return self._captions.get(label, label)

    def value_texts(self, patch: np.ndarray) -> list[str]:
        """Return the values of a patch `(P,)` with their units; none where the space is unknown here."""
        space = self.local.space
        if space is None or len(space) != len(patch):
            return []
        return [parameter_text(p, float(v)) for p, v in zip(space, patch, strict=True)]

    @property
    def file_suffix(self) -> str:
        """How the synth's own preset files end; empty where none can be made here."""
        from synths.catalog import facts_of  # takes a moment

        preset_file = facts_of(self.local.space).preset_file if self.local.space is not None else None
        return preset_file.suffix if preset_file is not None else ""

    def preset_file(self, patch: np.ndarray, name: str, gestures: Gestures | None) -> bytes:
        """Return a preset file of the synth. For a worker thread.

        Raises:
            RenderError: None can be made here of this model's patches.
        """
        from synths.catalog import facts_of

        space = self.local.space
        written = facts_of(space).preset_file if space is not None else None
        if space is None or written is None or len(patch) != len(space):
            raise RenderError("No preset file can be made of this sound here. Save it instead.")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"preset{written.suffix}"
            written.write(path, space, patch, name, gestures)
            return path.read_bytes()

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
        local = await asyncio.to_thread(read_local_model, *known, self._folder, self._adopted)
        if known != self._known:
            return False
        self.local = local
        self._captions = {p.label: p.caption for p in local.space} if local.space is not None else {}
        return True

    def preset_columns(self) -> dict[str, list[Any]]:
        """Return the preset map as columns: names, kinds, notes, x, y."""
        listed = sorted(self._mirror.presets.items())
        presets = [preset for _, preset in listed]
        return {
            "names": [p.name for p in presets],
            "kinds": [self._mirror.kinds.get(k, _OWN) for k, _ in listed],
            "notes": [""] * len(presets),
            "x": [round(p.x, 4) for p in presets],
            "y": [round(p.y, 4) for p in presets],
        }
