"""The presets of a player's folders that are near a sound, as a library that heard them tells."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.space import ParameterSpace
from library.codes import sound_code
from library.heard import SAMPLE_RATE
from library.shelf import Shelf
from sketching.own.search import NearPreset
from synths.catalog import facts_of

__all__ = ["OwnLibrary"]

logger = logging.getLogger(__name__)
_N_NEAR = 8


@dataclass(eq=False)
class OwnLibrary:
    """Presets that lie in folders, of which some were heard.

    Attributes:
        folders: Where they lie; they may be missing.
        index: File of what was heard; it may be missing.
    """

    folders: Sequence[Path] = ()
    index: Path = Path()
    _shelf: Shelf | None = field(default=None, init=False)
    _read: tuple[int, int] = field(default=(0, 0), init=False)  # time and size of the index that was read

    def near(self, audio: np.ndarray, note: int, space: ParameterSpace) -> list[NearPreset]:
        """Return the presets that are nearest to a sound, nearest first.

        Args:
            audio: The sound from its onset, mono, at the rate that presets are heard at.
            note: MIDI note that it has.
            space: Of the model that answers.

        Returns:
            None where nothing was heard, or where presets of that synth cannot be played as they are.
        """
        shelf = self.shelf()
        if shelf is None or facts_of(space).make_over is None:
            return []
        found = []
        for one in shelf.like_sound(sound_code(audio, SAMPLE_RATE, note), _N_NEAR):
            preset = shelf.presets[one.key]
            repeat_db = 0.0 if preset.heard is None else preset.heard.repeat_db
            found.append(NearPreset(preset.name, preset.path, one.distance_db, repeat_db))
        return sorted(found, key=lambda preset: preset.expected_db + preset.repeat_db)

    def shelf(self) -> Shelf | None:
        """Return what was heard, read again if that is news; None where there is nothing."""
        if not self.folders:
            return None
        try:
            facts = self.index.stat()
            if self._shelf is None or self._read != (facts.st_mtime_ns, facts.st_size):
                there = [folder for folder in self.folders if folder.is_dir()]
                self._shelf = Shelf.read(there, self.index, None, self._shelf)
                self._read = (facts.st_mtime_ns, facts.st_size)
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("what was heard of presets cannot be read: %s", error)
            return None
        return self._shelf
