"""The rule of `--minutes`, without a build."""

import pytest

from training.build.budget import SHARES, allotted_seconds, enough_shards

STAGES = list(SHARES)


def test_the_shares_are_those_of_the_page():
    assert SHARES == {"renders": 0.4, "between": 0.04, "proxy": 0.2, "flow": 0.28, "package": 0.08}
    assert sum(SHARES.values()) == pytest.approx(1.0)
    assert allotted_seconds(100.0, STAGES, {}, []) == pytest.approx({s: 6_000 * SHARES[s] for s in STAGES})


def test_what_a_stage_leaves_goes_to_the_others_in_proportion():
    got = allotted_seconds(100.0, STAGES, {"renders": 600.0}, ["renders"])
    assert sum(got.values()) == pytest.approx(5_400.0)
    assert got["flow"] / got["proxy"] == pytest.approx(0.28 / 0.2)
    assert got["flow"] == pytest.approx(5_400.0 * 0.28 / 0.6)


def test_a_stage_that_took_too_long_shortens_the_others():
    got = allotted_seconds(100.0, STAGES, {"renders": 3_000.0}, ["renders"])
    assert got["proxy"] == pytest.approx(3_000.0 * 0.2 / 0.6)
    assert set(allotted_seconds(1.0, STAGES, {"renders": 70.0}, ["renders"]).values()) == {0.0}


def test_a_stage_goes_on_with_the_same_time_as_it_had_before():
    before = allotted_seconds(10.0, STAGES, {"renders": 100.0}, ["renders"])
    later = allotted_seconds(10.0, STAGES, {"renders": 100.0, "between": 3.0}, ["renders"])
    assert later == before


def test_the_share_of_a_stage_that_is_not_there_goes_to_the_others():
    got = allotted_seconds(10.0, [stage for stage in STAGES if stage != "between"], {}, [])
    assert sum(got.values()) == pytest.approx(600.0)
    assert "between" not in got


def test_40_shards_are_rendered_whatever_the_budget():
    assert not enough_shards(39, 0, 40, 2, 1e6, 1.0)
    assert enough_shards(40, 0, 40, 2, 1e6, 1.0)


def test_no_shard_is_begun_that_would_end_long_after_the_time():
    # Two at a time, 10 s each: 99 have ended after 495 s.
    assert not enough_shards(100, 0, 40, 2, 495.0, 505.0)
    assert enough_shards(100, 0, 40, 2, 495.0, 499.0)
    # Shards of an earlier call say nothing about how long one takes.
    assert not enough_shards(100, 99, 40, 2, 0.1, 10.0)
    assert enough_shards(101, 100, 40, 2, 0.0, 0.0)
