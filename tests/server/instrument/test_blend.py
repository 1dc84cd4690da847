import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.instrument.blend import N_NEAR, blend

within = st.floats(0.0, 1.0, width=32)


def cloud(seed: int, n: int, d: int = 5):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(n, 2)), rng.normal(size=(n, d))


@given(st.integers(0, 99), st.integers(1, 30))
def test_at_an_anchor_it_is_the_anchors_value(seed, n):
    anchors, values = cloud(seed, n)
    for anchor, value in zip(anchors, values, strict=True):
        assert np.array_equal(blend(anchor, anchors, values), value)


@given(st.integers(0, 99), st.integers(1, 30), within, within)
def test_it_lies_within_the_values_of_the_anchors(seed, n, x, y):
    anchors, values = cloud(seed, n)
    value = blend(np.array((x, y)), anchors, values)
    assert (value >= values.min(axis=0) - 1e-12).all() and (value <= values.max(axis=0) + 1e-12).all()


@given(st.integers(0, 99), st.integers(2, 30), within, within, within, within)
def test_it_has_no_jump_along_any_line(seed, n, x0, y0, x1, y1):
    """Between two places where it differs, there is always one where it has a value in between."""
    anchors, values = cloud(seed, n)
    start, end = np.array((x0, y0)), np.array((x1, y1))
    a, b = blend(start, anchors, values), blend(end, anchors, values)
    for _ in range(50):  # halve the way towards the greater difference
        middle = (start + end) / 2
        c = blend(middle, anchors, values)
        if np.abs(a - c).max() > np.abs(c - b).max():
            end, b = middle, c
        else:
            start, a = middle, c
    assert np.abs(a - b).max() < 1e-3


def test_neighbours_come_and_go_without_a_jump():
    """Across a place where the nearest four change, a step of a millionth moves it by about as little."""
    anchors, values = cloud(3, 40)
    rng = np.random.default_rng(4)
    for _ in range(2000):
        point = rng.uniform(size=2)
        order = np.argsort(((anchors - point) ** 2).sum(axis=1))
        a, b = anchors[order[N_NEAR - 1]], anchors[order[N_NEAR]]
        # Onto the line where the fourth and the fifth are equally far, and a hair to either side.
        normal = (b - a) / np.linalg.norm(b - a)
        point = point + ((a + b) / 2 - point) @ normal * normal
        before, after = (blend(point + side * 1e-6 * normal, anchors, values) for side in (-1, 1))
        least = np.sqrt(((anchors - point) ** 2).sum(axis=1)).min()
        assert np.abs(before - after).max() < 1e-4 / max(least, 1e-3)


@given(st.integers(0, 99), within, within, st.randoms())
def test_the_order_of_anchors_is_all_the_same(seed, x, y, random):
    anchors, values = cloud(seed, 12)
    order = list(range(12))
    random.shuffle(order)
    point = np.array((x, y))
    assert blend(point, anchors, values) == pytest.approx(blend(point, anchors[order], values[order]))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 9])
def test_half_way_between_equals_is_their_mean(n):
    angle = 2 * np.pi * np.arange(n) / n
    anchors, values = np.stack([np.cos(angle), np.sin(angle)], axis=1), np.eye(n)
    assert blend(np.zeros(2), anchors, values) == pytest.approx(np.full(n, 1 / n))


def test_anchors_at_one_place_are_no_trouble():
    anchors, values = np.full((6, 2), 0.5), np.arange(6.0)[:, None]
    assert blend(np.array((0.5, 0.5)), anchors, values) == 0.0
    assert blend(np.array((0.1, 0.9)), anchors, values) == pytest.approx(2.5)
