"""Statistics of figures: mean, median, spread, confidence, and whether two lists differ.

References:
    Cohen, "Statistical power analysis for the behavioral sciences", 1988: effect sizes and power.
    Efron and Tibshirani, "An introduction to the bootstrap", 1993, ch. 13: percentile intervals.
    Holm, "A simple sequentially rejective multiple test procedure", 1979.
    Lehmann, "Nonparametrics", 1975: the efficiency of Wilcoxon's test is 3 / pi where differences are normal.
    Wilcoxon, "Individual comparisons by ranking methods", 1945.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats

__all__ = [
    "Anova",
    "PairedTest",
    "Summary",
    "anova",
    "compare_pairs",
    "compare_with_zero",
    "measured",
    "sounds_needed",
    "spread_over_runs",
    "summarise",
    "variance_ratio",
]

_RESAMPLES = 2_000
_POWER, _LEVEL = 0.8, 0.05
_MOST_SOUNDS = 1_000_000  # of what would take more nothing can be said


@dataclass(frozen=True)
class Summary:
    """Summary of a list of figures.

    Attributes:
        mean, std, median: Over the list; std divides by n - 1 and is 0 for a single figure.
        low, high: 95 % bootstrap interval of the mean.
        n: Length of the list.
        median_low, median_high: 95 % bootstrap interval of the median.
    """

    mean: float
    std: float
    median: float
    low: float
    high: float
    n: int
    median_low: float
    median_high: float


@dataclass(frozen=True)
class Anova:
    """One-way analysis of variance: F, its p-value, and degrees of freedom.

    `eta_squared` is the share of the variance that lies between groups.
    """

    f: float
    p: float
    between: int
    within: int

    @property
    def eta_squared(self) -> float:
        """Effect size: 0.01 is small, 0.06 medium, 0.14 large (Cohen)."""
        explained = self.f * self.between
        return explained / (explained + self.within)


@dataclass(frozen=True)
class PairedTest:
    """Comparison of two answers to the same targets.

    Attributes:
        difference: Mean of the first minus the second.
        low, high: Its 95 % bootstrap interval.
        wins: Share of targets on which the first is lower.
        p: P-value of Wilcoxon's signed-rank test, with Holm's correction for all pairs tested together.
        effect: Mean difference over its standard deviation: 0.2 is small, 0.5 medium, 0.8 large (Cohen).
        needed: Sounds it would take to tell this difference; None if there is none, or far too many.
    """

    difference: float
    low: float
    high: float
    wins: float
    p: float
    effect: float
    needed: int | None


def measured(values: np.ndarray) -> np.ndarray:
    """Return the figures that there are: a target without pitch has no pitch error, which is nan."""
    values = np.asarray(values, np.float64)
    return values[~np.isnan(values)]


def summarise(values: np.ndarray, seed: int = 0) -> Summary:
    """Summarise figures `(n,)`, of which at least one is not nan; the same seed gives the same interval."""
    values = measured(values)
    low, high = _interval(values, seed)
    around = _interval(values, seed, np.median)
    std = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return Summary(float(values.mean()), std, float(np.median(values)), low, high, len(values), *around)


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
    return compare_with_zero({k: np.asarray(v, np.float64) - reference for k, v in answers.items()}, seed)


def compare_with_zero(differences: Mapping[str, np.ndarray], seed: int = 0) -> dict[str, PairedTest]:
    """Test lists of differences `(n,)` between answers to the same targets, all together; nan is left out."""
    found = {name: measured(values) for name, values in differences.items()}
    raw = {name: 1.0 if not np.any(d) else float(scipy.stats.wilcoxon(d).pvalue) for name, d in found.items()}
    corrected, floor = {}, 0.0
    for rank, name in enumerate(sorted(raw, key=lambda key: raw[key])):
        floor = max(floor, min(1.0, raw[name] * (len(raw) - rank)))
        corrected[name] = floor
    return {
        name: PairedTest(
            float(d.mean()),
            *_interval(d, seed),
            float((d < 0).mean()),
            corrected[name],
            _effect(d),
            sounds_needed(_effect(d)),
        )
        for name, d in found.items()
    }


def sounds_needed(effect: float) -> int | None:
    """Return the sounds by which a paired difference is told with a power of 80 % at 5 %.

    The normal approximation of a paired t-test, and Wilcoxon's efficiency; None beyond a million.
    """
    if effect == 0.0:
        return None
    z = scipy.stats.norm.ppf(1.0 - _LEVEL / 2.0) + scipy.stats.norm.ppf(_POWER)
    n = float((z / effect) ** 2 * np.pi / 3.0)
    return int(np.ceil(n)) if n <= _MOST_SOUNDS else None


def _effect(differences: np.ndarray) -> float:
    spread = float(differences.std(ddof=1)) if len(differences) > 1 else 0.0
    return float(differences.mean()) / spread if spread > 0.0 else 0.0


def variance_ratio(true_patches: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Return variance of predicted over variance of true values, per parameter `(P,)`; near 0 is collapse."""
    return np.asarray(patches.var(axis=0) / np.maximum(true_patches.var(axis=0), 1e-9))


def _interval(
    values: np.ndarray, seed: int, middle: Callable[..., np.ndarray] = np.mean
) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    rows = rng.integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.percentile(middle(values[rows], axis=1), (2.5, 97.5))
    return float(low), float(high)
