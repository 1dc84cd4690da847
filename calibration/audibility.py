"""How audible each control of a synth is: the order in which the values of a patch are sent.

The spaces of the synths we know come with figures; any other synth is measured by
`python -m evaluation.packaging.measure_audibility`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from calibration.facts import read_facts, write_facts
from core.space import ParameterSpace
from synths.space_files import SPACES_FOLDER

__all__ = ["SHIPPED", "audible_db", "is_measured", "write_audibility"]

SHIPPED = SPACES_FOLDER  # by synth, so that models packaged before there were figures have them too
_KIND = "audible"
_LEAST = 0.01  # of the most audible control: one that was never heard is sent last, but it is sent


def audible_db(space: ParameterSpace, folder: Path | None = None) -> np.ndarray:
    """Return how far moving each parameter through its range changes the sound, dB of log-mel, `(P,)`.

    Figures measured on the player's own synth take precedence over the shipped ones. A parameter without a
    figure counts as the median of the others; without any figures, all count alike.

    Args:
        space: The parameters.
        folder: Where calibrations are kept; None for the system's own folder.

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


def is_measured(space: ParameterSpace, folder: Path | None = None) -> bool:
    """Whether there are figures of a space's synth, the player's own or shipped ones."""
    return bool(_figures(space.synth, folder) or _figures(space.synth, SHIPPED))


def _figures(synth: str, folder: Path | None) -> dict[str, float]:
    rows = (read_facts(_KIND, synth, folder) or {}).get("range_db")
    items = rows.items() if isinstance(rows, Mapping) else ()
    return {
        str(name): float(db)
        for name, db in items
        if isinstance(db, int | float) and not isinstance(db, bool) and 0.0 <= db < 1e3
    }


def write_audibility(synth: str, range_db: Mapping[str, float], folder: Path | None = None) -> Path:
    """Save what was measured on a synth.

    Raises:
        ConfigError: The folder cannot be written.
    """
    return write_facts(_KIND, synth, {"range_db": dict(range_db)}, folder)
