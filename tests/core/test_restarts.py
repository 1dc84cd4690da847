"""How often a process that ends is started again."""

from core.system.restarts import Restarts


def test_as_many_as_said_within_the_time_and_later_as_many_again():
    restarts = Restarts(3, 60.0)
    assert [restarts.allow(now) for now in (0.0, 1.0, 2.0, 3.0, 59.9)] == [True, True, True, False, False]
    assert [restarts.allow(now) for now in (60.0, 60.5, 61.0)] == [True, False, True]


def test_one_that_ends_now_and_then_always_starts_again():
    restarts = Restarts(2, 60.0)
    assert all(restarts.allow(40.0 * k) for k in range(100))
