"""Landmarks of a chart: near them dials are level and end where sounds do, and stay coordinates."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CheckpointError
from models.folder import ModelFolder, write_macros
from models.steering.landmarks import Landmarks
from models.steering.point import Point
from tests.support.tiny_model import write_charted_model

N_MACROS = 10
positions = st.floats(0.0, 1.0)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return ModelFolder.load(write_charted_model(tmp_path_factory.mktemp("models") / "plain"))


@pytest.fixture(scope="module")
def latents():
    return np.random.default_rng(0).normal(size=(4, 32))


@pytest.fixture(scope="module")
def landmarks(plain, latents):
    rng = np.random.default_rng(1)
    chart = plain.vocabulary.chart
    ends = np.sort(rng.uniform(size=(4, N_MACROS, 2)), axis=2)
    ends[..., 1] = np.minimum(ends[..., 0] + 0.3, 1.0)
    ends[..., 0] = ends[..., 1] - 0.3
    return Landmarks(
        np.stack([chart.rest(plain.flow.free_of(z)) for z in latents]),
        rng.uniform(-9.0, 9.0, size=(4, N_MACROS, 5)),
        ends,
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory, plain, landmarks):
    path = write_charted_model(tmp_path_factory.mktemp("models") / "marked")
    macros = plain.vocabulary
    write_macros(path, replace(macros, chart=replace(macros.chart, landmarks=landmarks)))
    return ModelFolder.load(path)


def test_a_folder_gives_its_landmarks_back(model, landmarks):
    again = model.vocabulary.chart.landmarks
    np.testing.assert_allclose(again.rests, landmarks.rests, atol=1e-6)
    np.testing.assert_allclose(again.volume_db, landmarks.volume_db, atol=0.25)
    np.testing.assert_allclose(again.ends, landmarks.ends, atol=0.002)


@given(st.integers(0, 9), positions, st.floats(0.0, 1.5))
def test_a_dial_is_where_it_was_turned_to_and_the_others_stay(model, latents, k, position, away):
    macros, point = model.vocabulary, Point(model.flow, latents[0] + away * (latents[1] - latents[0]))
    before = [macro.position_of(point) for macro in macros]
    after = [macro.position_of(macros[k].turned(point, position)) for macro in macros]
    assert after[k] == pytest.approx(position, abs=1e-9)
    assert np.delete(after, k) == pytest.approx(np.delete(before, k), abs=1e-9)


@given(st.permutations(range(N_MACROS)), st.lists(positions, min_size=N_MACROS, max_size=N_MACROS))
def test_the_order_of_turns_does_not_matter_and_the_way_back_ends_where_it_began(model, latents, order, to):
    macros, start = model.vocabulary, Point(model.flow, latents[1])
    one = two = start
    for k in range(N_MACROS):
        one = macros[k].turned(one, to[k])
    for k in order:
        two = macros[k].turned(two, to[k])
    np.testing.assert_allclose(one.free, two.free, atol=1e-9)
    for k in order:
        one = macros[k].turned(one, macros[k].position_of(start))
    np.testing.assert_allclose(one.free, start.free, atol=1e-9)


def test_a_point_remembers_its_landmark_as_one_made_anew_finds_it(model, latents):
    macro, point = model.vocabulary[4], Point(model.flow, latents[2])
    there = macro.turned(point, 0.7)
    anew = Point(model.flow, free=there.free)
    np.testing.assert_allclose(macro.turned(there, 0.2).free, macro.turned(anew, 0.2).free, atol=1e-9)


@given(st.integers(0, 3), st.integers(0, 9), positions)
def test_at_a_landmark_a_dial_goes_over_its_part_and_the_volume_is_given_what_it_lacks(
    model, plain, latents, n, k, position
):
    marked = model.vocabulary.chart.landmarks
    low, high = marked.ends[n, k]
    point = Point(model.flow, latents[n])
    start, there = (model.vocabulary[k].turned(point, at).free for at in (0.0, position))
    ways = low, low + position * (high - low)
    whole = [plain.vocabulary[k].turned(Point(plain.flow, latents[n]), way).free for way in ways]
    np.testing.assert_allclose(there[:-1], whole[1][:-1], atol=1e-4)
    given_db = np.interp(ways, np.linspace(0.0, 1.0, 5), marked.volume_db[n, k])
    more = (there[-1] - start[-1]) - (whole[1][-1] - whole[0][-1])
    assert more == pytest.approx(given_db[1] - given_db[0], abs=1e-3)


def test_a_landmark_fades_out_before_the_next_one_begins(landmarks):
    at, radius = landmarks.rests[0], landmarks.radius
    apart = [np.linalg.norm(rest - at) for rest in landmarks.rests[1:]]
    assert 2.0 * radius <= min(apart) * (1.0 + 1e-9)
    aside = np.zeros_like(at)
    aside[0] = 1.0
    half = landmarks.near(at + 0.5 * radius * aside)
    np.testing.assert_allclose(half.volume_db, 0.5 * landmarks.volume_db[0])
    np.testing.assert_allclose(half.low, 0.5 * landmarks.ends[0, :, 0])
    np.testing.assert_allclose(half.high, 0.5 + 0.5 * landmarks.ends[0, :, 1])
    assert landmarks.near(at + radius * aside) is None


def test_far_from_all_landmarks_dials_are_as_without(model, plain):
    z = 3.0 * np.random.default_rng(9).normal(size=32)
    assert model.vocabulary.chart.landmark(model.flow.free_of(z)) is None
    np.testing.assert_array_equal(model.vocabulary[3].turn(z, 0.4), plain.vocabulary[3].turn(z, 0.4))


@pytest.mark.parametrize(
    ("part", "change", "says"),
    [
        ("rests", lambda x: x[:2], "do not fit"),
        ("rests", lambda x: np.repeat(x[:1], len(x), axis=0), "are alike"),
        ("ends", lambda x: x[..., ::-1], "no way"),
        ("ends", lambda x: x * 2.0 - 0.5, "no way"),
        ("ends", lambda x: x[:, :3], "do not fit"),
        ("volume_db", lambda x: x[..., :1], "do not fit"),
    ],
)
def test_landmarks_that_cannot_be_are_refused(landmarks, part, change, says):
    with pytest.raises(CheckpointError, match=says):
        replace(landmarks, **{part: change(getattr(landmarks, part))})


def test_landmarks_that_are_cut_are_refused(landmarks):
    tensors = landmarks.tensors()
    del tensors["chart.landmarks.ends"]
    with pytest.raises(CheckpointError, match="lack 'ends'"):
        Landmarks.from_tensors(tensors)
    assert Landmarks.from_tensors({}) is None
