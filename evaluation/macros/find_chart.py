"""From what patches sound like to a chart of macros: leads, and what follows them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from core.descriptors import DESCRIPTOR_NAMES
from core.errors import ConfigError
from core.ruler.vocabulary import MEANINGS
from core.space import ParameterSpace
from evaluation.macros.fit_macro import FittedMacro, alone, fit_macro
from evaluation.macros.heard_patches import OUTPUTS, HeardPatches
from evaluation.macros.surrogate import Surrogate
from models.macros import N_DIALS
from models.steering.chart import Chart
from models.steering.free_values import squash, unsquash
from models.steering.level_arrays import VolumeScale
from synths.space_files import SPACES_FOLDER

__all__ = ["FoundChart", "find_chart", "turned_values"]

logger = logging.getLogger(__name__)

_COURSE_POINTS = 17


@dataclass(frozen=True)
class FoundChart:
    """A chart and the names of its macros."""

    names: tuple[str, ...]
    chart: Chart


def find_chart(
    space: ParameterSpace,
    known: HeardPatches,
    presets: np.ndarray,
    surrogate: Surrogate,
    *,
    steps: int = 140,
    seed: int = 0,
) -> FoundChart:
    """Find the macros of a space; nothing levels them yet.

    Args:
        space: The space.
        known: Training patches.
        presets: Values without the volume `(N, C)` whose descriptors say how much is much.
        surrogate: Patches to `OUTPUTS`, and to the volume where the space has one.
        steps: Of the descent for each macro.
        seed: Of all draws.
    """
    scale, values = VolumeScale.of(space), known.values
    names = [p.name for k, p in enumerate(space) if scale is None or k != scale.index]
    low, high = np.percentile(values, (1, 99), axis=0)
    with torch.no_grad():
        at_presets = surrogate(torch.as_tensor(presets, dtype=torch.float32))
    spread = np.maximum(at_presets[:, : len(OUTPUTS)].std(dim=0).numpy(), 1e-6)
    told = _told(SPACES_FOLDER / f"{space.synth}-macros.yaml")
    leads = _leads(told, names, surrogate, values, spread, low, high)
    if len(leads) < N_DIALS:
        leads |= _spare(space, names, {lead for lead, _ in leads.values()}, low, high, N_DIALS - len(leads))
    still = {p.name for p in space if p.scale == "indexed"} | set((told or {}).get("keep_still", ()))
    kept = {*(lead for lead, _ in leads.values()), *(names.index(name) for name in still & set(names))}
    found: dict[str, FittedMacro] = {}
    for name, (lead, ends) in leads.items():
        if name not in MEANINGS:
            found[name] = alone(lead, ends, len(names))
            continue
        logger.info("macro %s, led by %s", name, names[lead])
        found[name] = fit_macro(
            surrogate,
            values,
            spread,
            OUTPUTS,
            MEANINGS[name],
            lead,
            ends=ends,
            kept=kept,
            loudest_db=None if scale is None else float(np.sqrt(scale.high) + scale.offset),
            steps=steps,
            seed=seed,
        )
    return FoundChart(tuple(found), _chart_of(list(found.values())))


def _chart_of(macros: Sequence[FittedMacro]) -> Chart:
    """Return the chart of macros, without a leveler."""
    courses = [unsquash(np.linspace(*macro.ends, _COURSE_POINTS)) for macro in macros]
    return Chart(
        np.array([macro.lead for macro in macros]),
        np.array(courses),
        np.stack([macro.gains for macro in macros], axis=1),
    )


def turned_values(
    chart: Chart, values: np.ndarray, n: int, rng: np.random.Generator, *, at_once: int = 3
) -> np.ndarray:
    """Return what dials make of some of the patches `(N, C)`, `(n, C)`: up to `at_once` are turned."""
    turned = []
    for start in values[rng.integers(len(values), size=n)]:
        free = unsquash(start.astype(np.float64))
        n_turned = min(int(rng.integers(1, at_once + 1)), len(chart.leads))
        for k in rng.choice(len(chart.leads), n_turned, replace=False):
            free = chart.turn(int(k), free, float(rng.uniform()))
        turned.append(squash(free))
    return np.array(turned, np.float32)


Lead = tuple[int, tuple[float, float]]


def _leads(
    told: Mapping[str, Any] | None,
    names: Sequence[str],
    surrogate: Surrogate,
    values: np.ndarray,
    spread: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> dict[str, Lead]:
    """Return the lead of each macro and the values at its ends, rising in what the macro promises."""
    rises = _rises(surrogate, values[:512], low, high) / spread
    found: dict[str, Lead] = {}
    for name, meaning in MEANINGS.items():
        taken = {lead for lead, _ in found.values()}
        if told is not None:
            if (row := told["leads"].get(name)) is None or row["control"] not in names:
                continue
            lead = names.index(row["control"])
            ends = tuple(row.get("ends", (low[lead], high[lead])))
        elif meaning.descriptor in DESCRIPTOR_NAMES:
            rise = np.abs(rises[:, OUTPUTS.index(meaning.descriptor)])
            lead = int(np.argmax([0.0 if k in taken else r for k, r in enumerate(rise)]))
            ends = low[lead], high[lead]
        else:  # of a synth that nobody described, what training renders tell is enough
            continue
        if lead in taken or not ends[0] < ends[1]:
            continue
        down = meaning.sign * rises[lead, OUTPUTS.index(meaning.descriptor)] < 0.0
        first, last = (float(end) for end in (reversed(ends) if down else ends))
        found[name] = lead, (first, last)
    return found


def _spare(
    space: ParameterSpace, names: Sequence[str], taken: set[int], low: np.ndarray, high: np.ndarray, n: int
) -> dict[str, Lead]:
    """Return macros of a single parameter each, under its own name, for dials that would turn nothing."""
    free = [k for k, name in enumerate(names) if k not in taken and low[k] < high[k]]
    return {space[space.index(names[k])].caption: (k, (float(low[k]), float(high[k]))) for k in free[:n]}


def _rises(surrogate: Surrogate, values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the mean change of each descriptor as each parameter goes from low to high, `(C, n)`."""
    x = torch.as_tensor(values, dtype=torch.float32)
    rows = []
    with torch.no_grad():
        for k in range(x.shape[1]):
            ends = [x.clone(), x.clone()]
            ends[0][:, k], ends[1][:, k] = float(low[k]), float(high[k])
            rows.append((surrogate(ends[1]) - surrogate(ends[0]))[:, : len(OUTPUTS)].mean(dim=0).numpy())
    return np.stack(rows)


def _told(path: Path) -> Mapping[str, Any] | None:
    """Return what a file says of a synth's macros; None if there is none."""
    if not path.exists():
        return None
    try:
        data: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        unknown = [name for name in data["leads"] if name not in MEANINGS]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} does not list leads of macros: {error!r}.") from error
    if unknown:
        raise ConfigError(f"{path}: nobody knows what '{unknown[0]}' promises; see the vocabulary.")
    return data
