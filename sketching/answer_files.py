"""What an answer is written as: a sound, a patch in words, and the synth's own preset."""

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.playing.gestures import Gestures
from core.sound_file import write_sound
from core.space import ParameterSpace
from synths.catalog import facts_of
from synths.engine import Note

__all__ = ["make_folder", "write_answer", "write_text"]


def write_answer(
    out: Path,
    name: str,
    *,
    space: ParameterSpace,
    note: Note,
    patch: np.ndarray,
    audio: np.ndarray,
    sample_rate: int,
    gestures: Gestures | None = None,
) -> list[Path]:
    """Write `NAME.wav`, `NAME.yaml` and, where one is known, the synth's own preset file: `NAME.vital`.

    Args:
        out: Folder that exists.
        name: Of the files.
        space: Of the patch.
        note: What was played.
        patch: Normalized values `(P,)`.
        audio: Mono, as it was played.
        sample_rate: Hz.
        gestures: It was played with.

    Returns:
        The files.

    Raises:
        ConfigError: A file cannot be written.
    """
    sound, page = (out / f"{name}.{ending}" for ending in ("wav", "yaml"))
    write_sound(sound, audio, sample_rate)
    values = space.decode(patch)
    facts: dict[str, Any] = {
        "space": space.name,
        "synth": space.synth,
        "note": note.note,
        "velocity": note.velocity,
        "patch": {key: round(value, 6) for key, value in values.items()},
        "shown": {p.caption: f"{p.plain(values[p.name]):.4g} {p.unit}".strip() for p in space},
    }
    if gestures:
        facts["gestures"] = gestures.to_dict()
    write_text(page, yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=100))
    preset_file = facts_of(space).preset_file
    if preset_file is None:
        return [sound, page]
    preset = out / f"{name}{preset_file.suffix}"
    preset_file.write(preset, space, patch, name, gestures)
    return [sound, page, preset]


def make_folder(out: Path) -> None:
    """Make a folder for answers, if it is not there.

    Raises:
        ConfigError: It cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{out} cannot be made: {error.strerror}; pick another --out.") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all.

    Raises:
        ConfigError: It cannot be written.
    """
    try:
        write_atomically(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; pick another --out.") from error
