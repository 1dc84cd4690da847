"""A synth's programs in a table that a person can read: a line each, a column for every control."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.atomic_file import write_atomically
from core.errors import ConfigError
from core.space import ParameterSpace, Patch

__all__ = ["read_programs", "write_programs"]


def write_programs(path: Path, programs: Sequence[Patch]) -> None:
    """Write programs, patches of the same controls, as comma-separated values."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(programs[0])
    table.writerows([f"{value:.6g}" for value in program.values()] for program in programs)
    write_atomically(path, text.getvalue())


def read_programs(path: Path, space: ParameterSpace) -> np.ndarray:
    """Read programs as patches of a space, `(n, P)`; other controls are passed over.

    Raises:
        ConfigError: The file is missing, lacks a parameter of the space, or has a value that is none.
    """
    try:
        names, *rows = csv.reader(io.StringIO(path.read_text("utf-8")))
        columns = [names.index(name) for name in space.names]
        values = np.array([[float(row[k]) for k in columns] for row in rows], np.float32)
        return np.stack([space.check(row) for row in values])
    except (OSError, ValueError, IndexError) as error:
        raise ConfigError(
            f"{path} holds no programs of {space.name} ({error}). Delete it to start over."
        ) from None
