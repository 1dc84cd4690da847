"""Two hundred drawn gestures: what learning makes of them, and what the page says of it."""

import doctest
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.learning import learn, main, table
from benchmarks.rig.gestures import BYSTANDERS, KINDS, NOISES, draw_gestures
from server.midi.learning import span
from server.midi.learning.span import span_of

PAGE = Path(__file__).parents[4] / "docs" / "midi.md"


@pytest.fixture(scope="module")
def outcomes():
    return [(gesture, learn(gesture)) for gesture in draw_gestures(200)]


def test_nearly_all_are_right_and_none_is_bound_wrongly(outcomes):
    assert sum(outcome.right for _, outcome in outcomes) >= 196
    wrong = [(g.kind, g.noise, g.bystander) for g, o in outcomes if not o.right and o.learned != "a word"]
    assert not wrong
    assert {g.kind for g, _ in outcomes} == set(KINDS) and {g.noise for g, _ in outcomes} == set(NOISES)
    assert {g.bystander for g, _ in outcomes} == set(BYSTANDERS)


def test_the_page_has_the_table(outcomes, capsys):
    assert table(outcomes) in PAGE.read_text()
    assert main(["--gestures", "18", "--misses"]) == 0 and "| pad | 1 |" in capsys.readouterr().out


@pytest.mark.parametrize("seed", [11, 12])
def test_nothing_is_bound_wrongly_with_other_gestures(seed):
    outcomes = [learn(gesture) for gesture in draw_gestures(150, seed)]
    assert sum(one.right for one in outcomes) >= 147
    assert not [one for one in outcomes if one.is_wrong]


def test_what_is_bound_wrongly_is_bound_with_a_word_of_doubt():
    """These draws hold encoders that leap so that their steps look like another kind's, or like positions."""
    drawn = {6_001: 1_543, 6_002: 389, 6_006: 1_146}
    outcomes = [learn(next(islice(draw_gestures(2_000, seed), k, None))) for seed, k in drawn.items()]
    assert all(one.is_wrong and "the macro moves in leaps" in one.doubt for one in outcomes)


def test_ranges():
    assert not doctest.testmod(span).failed
    assert span_of([-0.5, 0.4]) == (-0.5, 0.4) and span_of([3.0]) == (3.0, 3.0)
    assert span_of([-1.0, 0.97]) == (-1.0, 1.0) and span_of([0.0, 1023.0]) == (0.0, 1023.0)
