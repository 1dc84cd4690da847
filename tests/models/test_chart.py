"""The chart of macros: dials are coordinates, whatever the order in which they are turned."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CheckpointError
from models.folder import ModelFolder, write_macros
from models.macros import ChartMacro, LoudnessCurve
from models.steering.chart import Chart
from models.steering.point import Point
from tests.support.tiny_model import tiny_leveler, write_charted_model

positions = st.floats(0.0, 1.0)
numbers = st.integers(0, 9)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return ModelFolder.load(write_charted_model(tmp_path_factory.mktemp("models") / "charted"))


@pytest.fixture(scope="module")
def latents():
    return np.random.default_rng(0).normal(size=(3, 32))


def points(model, latents):
    return [Point(model.flow, z) for z in latents]


def test_a_folder_gives_its_chart_back(model):
    assert len(model.vocabulary) == 10
    assert len(model.macros) == 8
    assert all(isinstance(macro, ChartMacro) for macro in model.vocabulary)
    chart = model.vocabulary.chart
    again = Chart.from_tensors(chart.tensors(), 31, model.flow.leveler)
    for name in ("leads", "courses", "gains"):
        np.testing.assert_allclose(getattr(again, name), getattr(chart, name), atol=1e-6)


@given(numbers, positions)
def test_a_dial_is_where_it_was_turned_to_and_the_others_stay(model, latents, k, position):
    macros, point = model.vocabulary, points(model, latents)[0]
    before = [macro.position_of(point) for macro in macros]
    turned = macros[k].turned(point, position)
    after = [macro.position_of(turned) for macro in macros]
    assert after[k] == pytest.approx(position, abs=1e-9)
    assert np.delete(after, k) == pytest.approx(np.delete(before, k), abs=1e-9)


@given(st.permutations(range(10)), st.lists(positions, min_size=10, max_size=10))
def test_the_order_of_turns_does_not_matter(model, latents, order, places):
    macros, point = model.vocabulary, points(model, latents)[1]
    one = two = macros[0].turned(point, places[0])  # within the ends from now on
    for k in range(10):
        one = macros[k].turned(one, places[k])
    for k in order:
        two = macros[k].turned(two, places[k])
    np.testing.assert_allclose(one.free, two.free, atol=1e-9)


@given(numbers, positions)
def test_the_way_back_ends_where_it_began(model, latents, k, position):
    macro, point = model.vocabulary[k], points(model, latents)[2]
    back = macro.turned(macro.turned(point, position), macro.position_of(point))
    np.testing.assert_allclose(back.free, point.free, atol=1e-9)


@given(numbers, positions)
def test_a_turn_of_the_latent_is_the_same_turn(model, latents, k, position):
    macro, z = model.vocabulary[k], latents[0]
    turned = macro.turned(Point(model.flow, z), position)
    patch = model.flow.patch_of(turned.free)
    np.testing.assert_allclose(model.flow.decode(macro.turn(z, position)), patch, atol=1e-4)
    assert macro.position(turned.latent) == pytest.approx(position, abs=1e-4)


def test_a_chart_is_level_where_its_levelers_say_so(model, latents):
    chart = model.vocabulary.chart
    free = model.flow.free_of(latents[0])
    turned = chart.turn(3, free, 0.9)
    rise = chart.called_for(turned) - chart.called_for(free)
    assert turned[-1] - free[-1] == pytest.approx(rise)
    assert rise != 0.0


def test_a_curve_measured_on_a_synth_adds_to_the_level(model, latents):
    curves = tuple(LoudnessCurve((0.0, 0.1 * k)) for k in range(8))
    plain, leveled = model.macros, replace(model.macros, loudness=curves)
    point = Point(model.flow, latents[0])
    for k in range(8):
        start = plain[k].turned(point, 0.0)
        more = leveled[k].turned(start, 1.0).free[-1] - plain[k].turned(start, 1.0).free[-1]
        assert more == pytest.approx(6.0 * 0.1 * k)


def test_dials_over_a_part_of_their_way_begin_and_end_there(model, latents):
    macros = model.macros.narrowed(np.full(8, 0.25), np.full(8, 0.75))
    point = Point(model.flow, latents[0])
    ends = [macros[2].turned(point, end).free for end in (0.0, 1.0)]
    whole = [model.macros[2].turned(point, end).free for end in (0.25, 0.75)]
    np.testing.assert_allclose(ends, whole, atol=1e-6)


def test_other_macros_are_written_into_a_folder_and_nothing_else_changes(model, tmp_path):
    out = write_charted_model(tmp_path / "other")
    write_macros(out, model.vocabulary.select([3, 1, 2]))
    again = ModelFolder.load(out)
    assert again.vocabulary.names == tuple(model.vocabulary.names[k] for k in (3, 1, 2))
    assert again.vocabulary.charted == (3, 1, 2)
    assert {k for k in model.files if model.files[k] != again.files[k]} == {
        "macros.yaml",
        "macros.safetensors",
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"leads": np.array([1, 1])}, "share a lead"),
        ({"courses": np.array([[0.0, 1.0, 0.5], [0.0, 1.0, 2.0]])}, "turns back"),
        ({"gains": np.ones((31, 2))}, "do not fit"),
    ],
)
def test_a_chart_that_cannot_be_is_refused(change, says):
    parts = {
        "leads": np.array([1, 2]),
        "courses": np.array([[0.0, 1.0, 2.0], [1.0, 0.0, -1.0]]),
        "gains": np.zeros((31, 2)),
    }
    Chart(**parts, leveler=tiny_leveler(31))
    with pytest.raises(CheckpointError, match=says):
        Chart(**{**parts, **change})


def test_tensors_of_another_model_are_refused(model):
    with pytest.raises(CheckpointError, match="another model"):
        Chart.from_tensors(model.vocabulary.chart.tensors(), 30)
    with pytest.raises(CheckpointError, match="lacks"):
        Chart.from_tensors({"chart.leads": np.array([0])}, 31)
    assert Chart.from_tensors({}, 31) is None
