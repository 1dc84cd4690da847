"""What one preset sounds like, played by Vital's engine as its file has it.

Each preset is played by an instance of its own, so nothing of an earlier one is left in it. It takes 85 MB.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.loudness import SILENCE_LUFS, momentary_loudness
from core.ruler.soft_mss import soft_multi_scale_mel_distance
from library.codes import CODE_BYTES, sound_code
from synths.engine import Note
from synths.vital_preset import read_checked

__all__ = ["SAMPLE_RATE", "Heard", "hear_preset", "shown"]

SAMPLE_RATE = 22_050  # Hz
_SILENT_LUFS = -70.0
_LONGEST = 64  # characters
_JOINERS = "\u200c\u200d"  # in Persian, and in emoji of several people
NOTE = Note()


@dataclass(frozen=True, kw_only=True, eq=False)
class Heard:
    """What a preset sounds like at C4, velocity 100, held for 3 s.

    Attributes:
        author, style: As in its file, or empty.
        loudness: LUFS of the loudest 400 ms.
        repeat_db: How far a second render is from the first, dB of soft MSS: random phases, free LFOs.
        descriptors: Float32 `(12,)`, see `core.descriptors`.
        code: Uint8 `(CODE_BYTES,)`, see `library.codes`; empty if it is silent.
    """

    author: str
    style: str
    loudness: float
    repeat_db: float
    descriptors: np.ndarray
    code: np.ndarray

    @property
    def is_silent(self) -> bool:
        """Whether nothing is heard at this note, as of a preset that plays other keys."""
        return not len(self.code)


def hear_preset(path: Path) -> Heard:
    """Play a preset twice, and return what it sounds like; see `synths.vital_own` for which note is heard.

    Raises:
        PatchError: It is missing, damaged, or no preset.
        RenderError: The engine refuses it.
    """
    from synths.vital_own import OwnVitalEngine  # slow to import, and only the process that hears needs it

    content = read_checked(path)
    author, style = (shown(content.get(key)) for key in ("author", "preset_style"))
    engine = OwnVitalEngine(SAMPLE_RATE, path, content)
    first, second = (engine.render({}, NOTE).mean(axis=0) for _ in range(2))
    loudness = momentary_loudness(first, SAMPLE_RATE)
    if loudness < _SILENT_LUFS:
        return Heard(
            author=author,
            style=style,
            loudness=SILENCE_LUFS,
            repeat_db=0.0,
            descriptors=np.zeros(len(DESCRIPTOR_NAMES), np.float32),
            code=np.zeros(0, np.uint8),
        )
    code = sound_code(first, SAMPLE_RATE)
    assert len(code) == CODE_BYTES
    return Heard(
        author=author,
        style=style,
        loudness=loudness,
        repeat_db=soft_multi_scale_mel_distance(first, second, SAMPLE_RATE),
        descriptors=describe(first, SAMPLE_RATE, NOTE.held_seconds),
        code=code,
    )


def shown(word: Any) -> str:
    """Return a word of a file as it can be shown: one short line, or nothing where it is no text."""
    text = unicodedata.normalize("NFC", word) if isinstance(word, str) else ""
    return " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in text).split())[:_LONGEST]
