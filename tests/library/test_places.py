"""Places by sound, and what sounds alike."""

from dataclasses import replace

import numpy as np
import pytest

from library.codes import CODE_BYTES
from library.places import Anchors, alike, nearest, places_alone, places_among
from tests.library.test_index import heard


def of_level(level, k=0):
    """A sound whose code is one value throughout, for distances that can be told."""
    return replace(heard(k), code=np.full(CODE_BYTES, level, np.uint8))


PRESETS = {"a": of_level(10, 1), "b": of_level(12, 2), "c": of_level(60, 3), "quiet": heard(4, silent=True)}


def test_what_sounds_most_alike_comes_first():
    near = alike(PRESETS, "a", 5)
    assert [one.key for one in near] == ["b", "c"]
    assert near[0].distance_db == pytest.approx(0.58, abs=0.01) and near[1].distance_db > 10.0
    assert alike(PRESETS, "quiet", 5) == [] and len(alike(PRESETS, "a", 1)) == 1
    assert [one.key for one in nearest(PRESETS, np.full(CODE_BYTES, 55, np.uint8), 2)] == ["c", "b"]
    assert nearest({}, np.zeros(CODE_BYTES, np.uint8), 2) == []


def test_a_preset_lies_by_what_it_sounds_like():
    places = np.array([[0.1, 0.2], [0.9, 0.8], [0.5, 0.1]])
    anchors = Anchors(places, np.stack([np.full(CODE_BYTES, level, np.uint8) for level in (10, 60, 200)]))
    found = places_among(list(PRESETS.values()), anchors)
    assert found[0] == pytest.approx(places[0], abs=0.01) and found[2] == pytest.approx(places[1], abs=0.01)
    assert np.isnan(found[3]).all() and (found[:3] >= 0.1).all() and (found[:3] <= 0.9).all()
    one = Anchors(places[:1], anchors.codes[:1])
    assert places_among([PRESETS["c"]], one)[0] == pytest.approx(places[0])


def test_alone_presets_fill_the_map_the_same_each_time():
    many = [heard(k) for k in range(40)] + [heard(99, silent=True)]
    found = places_alone(many)
    assert np.isnan(found[-1]).all() and (found[:-1] >= 0.0).all() and (found[:-1] <= 1.0).all()
    assert (np.ptp(found[:-1], axis=0) > 0.9).all()
    assert np.array_equal(found[:-1], places_alone(many)[:-1])
    assert places_alone([heard(1)]).tolist() == [[0.5, 0.5]] and places_alone([]).shape == (0, 2)
    same = places_alone([heard(1), heard(1)])
    assert np.isfinite(same).all()
