"""What was measured of a model's macros on a player's synth, and the model adjusted to it."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from calibration.facts import facts_path, read_facts, write_facts
from models.folder import ModelFolder
from models.macros import LoudnessCurve, Macros
from models.steering.level_arrays import LEVEL_DB

__all__ = ["MacroFacts", "calibrated", "in_words", "read_macro_facts", "synth_name", "write_macro_facts"]

_KIND = "macros"
_SHORTEST = 0.1  # of the dial; a shorter part must be a mistake
_LOUDEST_DB = 60.0
_MOST_DB = 12.0  # of correction; needing more, it is another sound
_MOST_POSITIONS = 1_000


@dataclass(frozen=True, kw_only=True)
class MacroFacts:
    """What was measured along one macro.

    Attributes:
        name: Of the macro.
        low, high: The part of the dial, as the model has it, in which something is heard.
        loudness_db: How loudness runs over that part alike in all sounds, against its mean, at even places.
    """

    name: str
    low: float
    high: float
    loudness_db: tuple[float, ...]

    @property
    def loudness_range_db(self) -> float:
        """Loudest minus softest."""
        return max(self.loudness_db) - min(self.loudness_db)


def synth_name(model: ModelFolder, midi_port: str | None = None) -> str:
    """Return the name of a model and the synth it was measured on: our engine, or the one at a port."""
    return f"{model.name} on {model.space.synth}" if midi_port is None else f"{model.name} at {midi_port}"


def read_macro_facts(
    model: ModelFolder, midi_port: str | None = None, folder: Path | None = None
) -> tuple[MacroFacts, ...] | None:
    """Read what was measured of a model's macros; None if nothing was, or only for another training.

    Measurements at the port take precedence over those of our own engine.
    """
    names = [synth_name(model)] if midi_port is None else [synth_name(model, midi_port), synth_name(model)]
    for name in names:
        facts = read_facts(_KIND, name, folder)
        if facts is not None and facts.get("model") == _training(model):
            return _rows(facts.get("macros"), model.macros)
    return None


def write_macro_facts(
    model: ModelFolder,
    rows: Sequence[MacroFacts],
    midi_port: str | None = None,
    folder: Path | None = None,
) -> Path:
    """Save what was measured; deleting the file undoes it.

    Raises:
        ConfigError: The folder cannot be written.
    """
    plain = [{**asdict(row), "loudness_db": list(row.loudness_db)} for row in rows]
    return write_facts(
        _KIND, synth_name(model, midi_port), {"model": _training(model), "macros": plain}, folder
    )


def macro_facts_path(model: ModelFolder, midi_port: str | None = None) -> Path:
    """Return the file that `write_macro_facts` writes."""
    return facts_path(_KIND, synth_name(model, midi_port))


def _training(model: ModelFolder) -> str:
    """Return what tells one training of a model from another: the checksum of its macros."""
    return str(model.files.get("macros.safetensors", ""))[:16]


def _rows(rows: Any, macros: Macros) -> tuple[MacroFacts, ...] | None:
    """Check rows that somebody may have edited; None if they make no sense."""
    if not isinstance(rows, list) or len(rows) != len(macros):
        return None
    found = []
    for row, name in zip(rows, macros.names, strict=True):
        try:
            facts = MacroFacts(
                name=str(row["name"]),
                low=float(row["low"]),
                high=float(row["high"]),
                loudness_db=tuple(float(db) for db in row["loudness_db"]),
            )
        except (KeyError, TypeError, ValueError):
            return None
        heard = 0.0 <= facts.low and facts.low + _SHORTEST <= facts.high <= 1.0
        said = 1 < len(facts.loudness_db) <= _MOST_POSITIONS
        if facts.name != name or not heard or not said:
            return None
        if not all(math.isfinite(db) and abs(db) <= _LOUDEST_DB for db in facts.loudness_db):
            return None
        found.append(facts)
    return tuple(found)


def calibrated(model: ModelFolder, rows: Sequence[MacroFacts]) -> ModelFolder:
    """Return the model with dials that span what is heard and, given a level, keep the loudness even.

    Measured are the macros that the model has on its dials; the rest of its vocabulary stays as it is.
    """
    macros, n_more = model.vocabulary, len(model.vocabulary) - len(rows)
    low = np.array([row.low for row in rows] + [0.0] * n_more)
    high = np.array([row.high for row in rows] + [1.0] * n_more)
    even = model.flow.has_level and not np.any(macros.directions[:, -1])  # no macro touches the level itself
    corrections = [*map(_correction, rows), *[LoudnessCurve((0.0, 0.0))] * n_more]
    vocabulary = replace(macros.narrowed(low, high), loudness=tuple(corrections) if even else ())
    return replace(model, vocabulary=vocabulary, macros=vocabulary.select(range(len(rows))))


def _correction(row: MacroFacts) -> LoudnessCurve:
    return LoudnessCurve([-min(max(db, -_MOST_DB), _MOST_DB) / LEVEL_DB for db in row.loudness_db])


def in_words(rows: Sequence[MacroFacts], evens: bool) -> str:
    """Return one line that says what a calibration does."""
    trimmed = [row.name for row in rows if row.low > 0.0 or row.high < 1.0]
    parts = [f"{len(trimmed)} of {len(rows)} macros span only what is heard"] if trimmed else []
    if evens:
        most = max(row.loudness_range_db for row in rows)
        n = sum(row.loudness_range_db > 0.0 for row in rows)
        parts += [f"loudness is evened along {n}, by up to {most:.1f} dB"] if n else []
    return "; ".join(parts) or "nothing to correct"
