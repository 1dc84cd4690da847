"""Data of the page's charts: points of lines, and values of heat strips."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.space import ParameterSpace

__all__ = ["Line", "heat_rows", "lines_of", "most_moving"]


@dataclass(frozen=True)
class Line:
    """A curve of a chart 100 wide and 40 high.

    Attributes:
        name: Name shown beside it.
        points: Points of an SVG polyline.
        low, high: What the lower and the upper edge stand for.
    """

    name: str
    points: str
    low: str = ""
    high: str = ""


def lines_of(names: Sequence[str], curves: np.ndarray, *, own_range: bool = False) -> list[Line]:
    """Return a line for each of the curves `(n, n_points)`.

    Args:
        names: Names of the n curves.
        curves: Their values; 0 to 1 unless `own_range`.
        own_range: Whether each is drawn between its own lowest and highest value.
    """
    lines = []
    for name, curve in zip(names, curves, strict=True):
        low, high = (float(curve.min()), float(curve.max())) if own_range else (0.0, 1.0)
        share = (curve - low) / (high - low) if high > low else np.full(len(curve), 0.5)
        x = np.linspace(0.0, 100.0, len(curve))
        points = " ".join(f"{a:.1f},{38.0 - 36.0 * b:.1f}" for a, b in zip(x, share, strict=True))
        lines.append(Line(name, points, f"{low:.3g}", f"{high:.3g}"))
    return lines


def most_moving(space: ParameterSpace, patches: np.ndarray, n: int) -> list[int]:
    """Return the indices of the n parameters that move furthest over patches `(steps, P)`, except volume."""
    spread = patches.std(axis=0)
    order = [int(k) for k in np.argsort(-spread, kind="stable")]
    return [k for k in order if space.names[k] != "volume"][:n]


def heat_rows(space: ParameterSpace, patches: np.ndarray, indices: Sequence[int]) -> list[dict[str, Any]]:
    """Return rows of a heat strip: a caption, and each step's value from 0 to 1 and as the synth shows it."""
    rows: list[dict[str, Any]] = []
    for k in indices:
        parameter = space[k]
        plain = [f"{parameter.plain(float(v)):.3g} {parameter.unit}".strip() for v in patches[:, k]]
        values = [round(float(v), 3) for v in patches[:, k]]
        cells = [{"value": v, "shown": text} for v, text in zip(values, plain, strict=True)]
        rows.append({"name": parameter.caption, "cells": cells})
    return rows
