"""Distance and closeness: what people are told about an answer."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CheckpointError
from core.loudness import momentary_loudness
from core.ruler.soft_mss import soft_multi_scale_mel_distance
from sketching import closeness
from sketching.choice import choose
from sketching.closeness import Closeness, closeness_label
from sketching.rendering.distance import distance_db, distance_features

KNOWN = Closeness.of({"very_close": 2.0, "close": 6.0, "related": 11.0, "inspired": 19.0, "unrelated": 34.0})
WORDS = ["very close", "close", "related", "inspired by", "beyond this synth"]


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_closeness_never_rises_with_distance(a, b):
    near, far = sorted((a, b))
    assert 1.0 >= KNOWN(near) >= KNOWN(far) >= 0.0
    assert WORDS.index(closeness_label(KNOWN(near))) <= WORDS.index(closeness_label(KNOWN(far)))


def test_the_example_is_right():
    done = doctest.testmod(closeness)
    assert done.attempted and not done.failed


def test_a_sound_is_closest_to_itself_and_nothing_to_what_cannot_be_heard():
    assert KNOWN(0.0) == 1.0
    assert KNOWN(float("inf")) == KNOWN(float("nan")) == 0.0


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (1.0, "very close"),
        (5.9, "close"),
        (10.9, "related"),
        (18.9, "inspired by"),
        (33.0, "beyond this synth"),
    ],
)
def test_words_begin_where_the_known_distances_lie(distance, words):
    assert closeness_label(KNOWN(distance)) == words


@pytest.mark.parametrize(
    ("distances", "values"),
    [
        ([0.0, 2.0, 1.0], [1.0, 0.5, 0.0]),
        ([0.0, 1.0, 2.0], [1.0, 0.2, 0.5]),
        ([1.0, 2.0], [1.0, 0.0]),
        ([0.0, np.nan], [1.0, 0.0]),
        ([0.0], [1.0]),
        ([0.0, 1.0], [0.9, 0.0]),
        ([], []),
    ],
)
def test_what_does_not_fall_is_refused(distances, values):
    with pytest.raises(CheckpointError, match="measure them again"):
        Closeness.checked(np.array(distances), np.array(values))


@pytest.fixture(scope="module")
def sounds():
    rng = np.random.default_rng(0)
    t = np.arange(22_050) / 22_050
    pluck = np.sin(2 * np.pi * 220 * t) * np.exp(-6 * t)
    pad = np.sin(2 * np.pi * 220 * t) * np.minimum(1.0, 2 * t)
    noise = 0.1 * rng.standard_normal(22_050)
    return {"pluck": pluck, "pad": pad, "noise": noise}


def test_the_distance_is_a_distance(sounds):
    heard = {name: distance_features(audio, 22_050, 1.0) for name, audio in sounds.items()}
    for a in heard.values():
        assert distance_db(a, a) == 0.0
        for b in heard.values():
            assert distance_db(a, b) == distance_db(b, a) >= 0.0
            assert b is a or distance_db(a, b) > 1.0


def test_level_does_not_count(sounds):
    loud, soft = (distance_features(gain * sounds["pluck"], 22_050, 1.0) for gain in (1.0, 0.1))
    assert distance_db(loud, soft) < 0.05


def test_it_is_the_figure_that_answers_are_judged_by(sounds):
    for a in sounds.values():
        for b in sounds.values():
            found = distance_db(*(distance_features(x, 22_050, 1.0) for x in (a, b)))
            assert found == pytest.approx(soft_multi_scale_mel_distance(a, b, 22_050), abs=1e-5)


def test_half_precision_is_enough(sounds):
    pluck, pad = (distance_features(sounds[name], 22_050, 1.0) for name in ("pluck", "pad"))
    assert distance_db(pluck, pad.in_half_precision()) == pytest.approx(distance_db(pluck, pad), abs=0.02)


def test_a_loudness_that_is_known_is_not_measured_again(sounds):
    loudness = momentary_loudness(sounds["pad"], 22_050)
    known = distance_features(sounds["pad"], 22_050, 1.0, loudness=loudness)
    assert distance_db(known, distance_features(sounds["pad"], 22_050, 1.0)) < 1e-6


@pytest.mark.parametrize("audio", [np.zeros(0), np.zeros(5), np.zeros(50_000), np.ones(7)])
def test_any_length_and_silence_are_measured(sounds, audio):
    d = distance_db(distance_features(audio, 22_050, 1.0), distance_features(sounds["pad"], 22_050, 1.0))
    assert np.isfinite(d) and d > 0.0


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_candidates_are_the_nearest_that_are_apart(seed, n):
    rng = np.random.default_rng(seed)
    patches = np.round(rng.random((30, 3)), 1)
    distances = np.where(rng.random(30) < 0.2, np.inf, rng.random(30))
    rows = choose(patches, distances, n, 0.2)
    assert len(rows) <= n and len(set(rows)) == len(rows)
    assert [distances[k] for k in rows] == sorted(distances[k] for k in rows)
    assert rows == [] or distances[rows[0]] == distances.min()
    for k in rows:
        assert all(np.abs(patches[k] - patches[j]).mean() >= 0.2 for j in rows if j != k)
    assert choose(np.zeros((0, 3)), np.zeros(0), n, 0.2) == []
