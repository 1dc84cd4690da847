"""How much each control of a synth is heard: what a patch is sent in the order of.

Figures come with the spaces for the synths we know; `python -m evaluation.packaging.audible` measures any
other.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from calibration.facts import read_facts, write_facts
from core.space import ParameterSpace
from synths.catalog import SPACES_FOLDER

__all__ = ["SHIPPED", "audible_db", "write_audibility"]

SHIPPED = SPACES_FOLDER  # figures by synth, so a model that was packaged before them has them, too
_KIND = "audible"
_LEAST = 0.01  # of the loudest control: what was never heard is sent last, but it is sent


def audible_db(space: ParameterSpace, folder: Path | None = None) -> np.ndarray:
    """Give what a move of each parameter through its whole range is heard, dB of log-mel, `(P,)`.

    Figures of the player's own synth come before those that are shipped. A parameter without one counts as
    the middle of the others, and all count alike where there are none.

    Args:
        space: Whose parameters.
        folder: Of the calibrations; None for the system's own.

    Returns:
        Positive and finite.
    """
    rows = _figures(space.synth, folder) or _figures(space.synth, SHIPPED) or {}
    known = {name: rows[name] for name in space.names if name in rows}
    if not known or max(known.values()) <= 0.0:
        return np.ones(len(space))
    middle = float(np.median(list(known.values())))
    figures = np.array([known.get(name, middle) for name in space.names])
    return np.maximum(figures, _LEAST * figures.max())


def _figures(synth: str, folder: Path | None) -> dict[str, float]:
    rows = (read_facts(_KIND, synth, folder) or {}).get("range_db")
    items = rows.items() if isinstance(rows, Mapping) else ()
    return {
        str(name): float(db)
        for name, db in items
        if isinstance(db, int | float) and not isinstance(db, bool) and 0.0 <= db < 1e3
    }


def write_audibility(synth: str, range_db: Mapping[str, float], folder: Path | None = None) -> Path:
    """Keep what was measured of a synth.

    Raises:
        ConfigError: The folder cannot be written.
    """
    return write_facts(_KIND, synth, {"range_db": dict(range_db)}, folder)
