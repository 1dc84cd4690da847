"""Statistics of figures: mean, median, spread, confidence, and whether two lists differ.

References:
    Efron and Tibshirani, "An introduction to the bootstrap", 1993, ch. 13: percentile intervals.
    Holm, "A simple sequentially rejective multiple test procedure", 1979.
    Wilcoxon, "Individual comparisons by ranking methods", 1945.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats

__all__ = [
    "Anova",
    "PairedTest",
    "Summary",
    "anova",
    "compare_pairs",
    "measured",
    "spread_over_runs",
    "summarise",
    "variance_ratio",
]

_RESAMPLES = 2_000


@dataclass(frozen=True)
class Summary:
    """Summary of a list of figures.

    Attributes:
        mean, std, median: Over the list; std divides by n - 1 and is 0 for a single figure.
        low, high: 95 % bootstrap interval of the mean.
        n: Length of the list.
    """

    mean: float
    std: float
    median: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Anova:
    """One-way analysis of variance: F, its p-value, and degrees of freedom."""

    f: float
    p: float
    between: int
    within: int


@dataclass(frozen=True)
class PairedTest:
    """Comparison of two answers to the same targets.

    Attributes:
        difference: Mean of the first minus the second.
        low, high: Its 95 % bootstrap interval.
        wins: Share of targets on which the first is lower.
        p: P-value of Wilcoxon's signed-rank test, with Holm's correction for all pairs tested together.
    """

    difference: float
    low: float
    high: float
    wins: float
    p: float


def measured(values: np.ndarray) -> np.ndarray:
    """Return the figures that there are: a target without pitch has no pitch error, which is nan."""
    values = np.asarray(values, np.float64)
    return values[~np.isnan(values)]


def summarise(values: np.ndarray, seed: int = 0) -> Summary:
    """Summarise figures `(n,)`, of which at least one is not nan; the same seed gives the same interval."""
    values = measured(values)
    low, high = _interval(values, seed)
    std = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return Summary(float(values.mean()), std, float(np.median(values)), low, high, len(values))


def spread_over_runs(values: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return the mean over seeds or folds of each one's mean, and the standard deviation between them.

    Args:
        values: Figures of each run, `(n,)`, of which those that are nan are left out; a single run has
            spread 0.
    """
    means = np.array([float(measured(v).mean()) for v in values])
    return float(means.mean()), float(means.std(ddof=1)) if len(means) > 1 else 0.0


def anova(groups: Sequence[np.ndarray]) -> Anova | None:
    """Compute a one-way analysis of variance over groups of figures, as in the paper, nan left out.

    It assumes that groups are independent, though they answer the same targets; `compare_pairs` does not.

    Returns:
        The analysis, or None for fewer than two groups or groups without any variance.
    """
    groups = [g for g in map(measured, groups) if len(g) > 1]
    if len(groups) < 2 or all(float(np.ptp(g)) == 0.0 for g in groups):
        return None
    result = scipy.stats.f_oneway(*groups)
    within = sum(len(g) for g in groups) - len(groups)
    return Anova(float(result.statistic), float(result.pvalue), len(groups) - 1, within)


def compare_pairs(
    answers: Mapping[str, np.ndarray], reference: np.ndarray, seed: int = 0
) -> dict[str, PairedTest]:
    """Compare several answers with one reference, target by target; lower is better.

    Args:
        answers: Figures `(n,)` by name, on the same targets in the same order.
        reference: Figures of the reference, `(n,)`.
        seed: Seed of the bootstrap.
    """
    differences = {name: np.asarray(v, np.float64) - reference for name, v in answers.items()}
    raw = {
        name: 1.0 if not np.any(d) else float(scipy.stats.wilcoxon(d).pvalue)
        for name, d in differences.items()
    }
    corrected, floor = {}, 0.0
    for rank, name in enumerate(sorted(raw, key=lambda key: raw[key])):
        floor = max(floor, min(1.0, raw[name] * (len(raw) - rank)))
        corrected[name] = floor
    return {
        name: PairedTest(float(d.mean()), *_interval(d, seed), float((d < 0).mean()), corrected[name])
        for name, d in differences.items()
    }


def variance_ratio(true_patches: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Return variance of predicted over variance of true values, per parameter `(P,)`; near 0 is collapse."""
    return np.asarray(patches.var(axis=0) / np.maximum(true_patches.var(axis=0), 1e-9))


def _interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    rows = rng.integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.percentile(values[rows].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)
