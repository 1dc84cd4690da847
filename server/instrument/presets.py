"""The player's own presets as the loop knows them: those that are saved, and those that are about to be.

What is on disk is said and listed; what is not there yet can be loaded, but is neither. No name from the
network is ever a path: `preset_folder.py` decides how files are called.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from core.errors import ProtocolError
from server.instrument.preset_file import Preset, check_name
from server.instrument.preset_folder import MAX_PRESETS, Change, PresetFolder

__all__ = ["PresetStore"]

logger = logging.getLogger(__name__)

_MOST_NAMED = 5  # files that a warning lists


class PresetStore:
    """The player's presets. `folder` is for one worker thread; everything else for the loop.

    Args:
        folder: Where the files are; made when the first is saved.

    Attributes:
        presets: Those on disk, by name.
        unsaved: Those that are to be saved, or could not be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = PresetFolder(folder)
        self.presets = dict(self.folder.open().there)
        self.unsaved: dict[str, Preset] = {}
        self._warn()

    def _warn(self) -> None:
        left_out = self.folder.left_out
        if not left_out:
            return
        shown = " ".join(f"{one.path.name}: {one.reason}" for one in left_out[:_MOST_NAMED])
        n = len(left_out)
        logger.warning(
            "%d file%s in %s left out: %s%s Say `python -m server.presets list` to see %s.",
            n,
            " is" if n == 1 else "s are",
            self.folder.path,
            shown,
            " ..." if n > _MOST_NAMED else "",
            "it" if n == 1 else "all of them",
        )

    def current(self) -> dict[str, Preset]:
        """Return what can be loaded: what is saved, and over it what is to be."""
        return {**self.presets, **self.unsaved}

    def hold(self, preset: Preset) -> Callable[[], Change]:
        """Hold a preset in memory, so that it can be loaded at once, and return what saves it: for a worker.

        Raises:
            ProtocolError: The name is not allowed, or there are too many.
        """
        check_name(preset.name)
        known = preset.name in self.presets or preset.name in self.unsaved
        if not known and len(self.presets) + len(self.unsaved) >= MAX_PRESETS:
            raise ProtocolError(
                f"there are {MAX_PRESETS} presets, and no more are kept. Delete some: /flow/preset/delete."
            )
        self.unsaved[preset.name] = preset
        return lambda: self.folder.save(preset)

    def release(self, preset: Preset) -> None:
        """Forget what was held in memory, as it is on disk or was deleted."""
        if self.unsaved.get(preset.name) is preset:  # not one that was held after it
            del self.unsaved[preset.name]

    def apply(self, change: Change) -> None:
        """Take over what is other on disk."""
        for name in change.gone:
            self.presets.pop(name, None)
        self.presets.update(change.there)
