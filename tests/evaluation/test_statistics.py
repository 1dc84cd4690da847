import numpy as np
import pytest

from evaluation.statistics import (
    anova,
    compare_pairs,
    compare_with_zero,
    measured,
    sounds_needed,
    spread_over_runs,
    summarise,
)

RNG = np.random.default_rng(0)


def test_a_summary_by_hand():
    s = summarise(np.array([1.0, 2.0, 6.0]))
    assert (s.mean, s.median, s.n) == (3.0, 2.0, 3)
    assert s.std == pytest.approx(np.sqrt(7.0))
    assert 1.0 <= s.low <= s.mean <= s.high <= 6.0


def test_one_figure_has_no_spread():
    s = summarise(np.array([4.0]))
    assert (s.mean, s.std, s.low, s.high) == (4.0, 0.0, 4.0, 4.0)


def test_what_was_not_measured_does_not_count():
    some = np.array([1.0, np.nan, 2.0, 6.0])
    assert summarise(some) == summarise(np.array([1.0, 2.0, 6.0]))
    assert list(measured(some)) == [1.0, 2.0, 6.0] and not len(measured(np.array([np.nan])))
    assert spread_over_runs([some]) == (3.0, 0.0)
    groups = [some, some + 1.0]
    assert anova(groups) == anova([measured(g) for g in groups])


def test_the_interval_holds_the_true_mean_nineteen_times_in_twenty():
    hits = 0
    for seed in range(200):
        s = summarise(np.random.default_rng(seed).normal(5.0, 2.0, 60), seed)
        hits += s.low <= 5.0 <= s.high
    assert 180 <= hits <= 198  # binomial, 0.95 less the percentile method's few parts in a hundred


def test_the_interval_agrees_with_the_textbook_for_many_figures():
    values = RNG.normal(0.0, 1.0, 2_000)
    s = summarise(values)
    assert s.high - s.low == pytest.approx(2 * 1.96 / np.sqrt(2_000), rel=0.1)


def test_spread_over_runs_is_of_the_means():
    mean, std = spread_over_runs([np.array([1.0, 3.0]), np.array([4.0])])
    assert mean == 3.0
    assert std == pytest.approx(np.sqrt(2.0))
    assert spread_over_runs([np.array([1.0, 3.0])]) == (2.0, 0.0)


def test_anova_by_hand():
    """Means 2, 4, 6 around 4: between 24 / 2; within 6 / 6."""
    result = anova([np.array([1.0, 2, 3]), np.array([3.0, 4, 5]), np.array([5.0, 6, 7])])
    assert result.f == pytest.approx(12.0)
    assert (result.between, result.within) == (2, 6)
    assert result.p == pytest.approx(0.008, abs=1e-3)


def test_the_effect_is_the_share_of_the_variance_between_groups():
    """24 of 24 + 6, from the analysis above."""
    result = anova([np.array([1.0, 2, 3]), np.array([3.0, 4, 5]), np.array([5.0, 6, 7])])
    assert result.eta_squared == pytest.approx(24 / 30)


def test_the_median_has_an_interval_of_its_own():
    s = summarise(np.append(np.random.default_rng(0).normal(5.0, 1.0, 200), 1e6))
    assert s.median_low < s.median < s.median_high < 6.0 < s.mean and s.high > 1e3


def test_an_effect_takes_as_many_sounds_as_in_the_tables():
    """Cohen's tables: 33 pairs for 0.5 by a t-test at 80 % and 5 %; Wilcoxon's takes pi / 3 as many."""
    assert 31 * np.pi / 3 <= sounds_needed(0.5) <= 34 * np.pi / 3
    assert sounds_needed(-0.5) == sounds_needed(0.5) < sounds_needed(0.1)
    assert sounds_needed(0.0) is None and sounds_needed(1e-9) is None


def test_as_many_sounds_as_were_asked_for_tell_the_difference_four_times_in_five():
    n, hits = sounds_needed(0.4), 0
    for seed in range(200):
        difference = np.random.default_rng(seed).normal(0.4, 1.0, n)
        hits += compare_with_zero({"a": difference})["a"].p < 0.05
    assert 145 <= hits <= 175  # binomial around 160


def test_anova_without_variance_is_none():
    assert anova([np.ones(3), np.ones(3)]) is None
    assert anova([np.arange(3.0)]) is None


def test_pairs_tell_a_small_steady_difference_from_none():
    reference = RNG.normal(10.0, 5.0, 100)
    tests = compare_pairs(
        {"closer": reference - 0.5 + RNG.normal(0, 0.2, 100), "same": reference + RNG.normal(0, 0.2, 100)},
        reference,
    )
    assert tests["closer"].p < 1e-6 and tests["closer"].high < 0 and tests["closer"].wins > 0.95
    assert tests["same"].p > 0.01


def test_holm_corrects_for_the_number_of_pairs():
    reference = RNG.normal(size=30)
    answer = reference + RNG.normal(0.3, 1.0, 30)
    alone = compare_pairs({"a": answer}, reference)["a"].p
    several = compare_pairs({k: answer for k in "abc"}, reference)
    assert several["a"].p == pytest.approx(min(1.0, 3 * alone))
    assert several["c"].p == several["a"].p  # never smaller than one before it


def test_an_answer_equal_to_the_reference_is_no_difference():
    test = compare_pairs({"a": np.ones(5)}, np.ones(5))["a"]
    assert (test.difference, test.wins, test.p) == (0.0, 0.0, 1.0)
