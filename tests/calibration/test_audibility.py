import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.audibility import SHIPPED, audible_db, write_audibility
from calibration.facts import facts_path
from core.space import Parameter, ParameterSpace
from synths.space_files import load_space, space_names


def made(synth="my box", n=3):
    rows = [Parameter(name=f"p{k}", label="", low=0, high=1, control_change=k) for k in range(n)]
    return ParameterSpace("made-up", synth, rows)


@pytest.mark.parametrize("name", space_names())
def test_our_spaces_have_a_figure_for_every_parameter(name, tmp_path):
    space = load_space(name)
    figures = audible_db(space, tmp_path)
    assert facts_path("audible", space.synth, SHIPPED).is_file()
    assert (
        figures.shape == (len(space),) and figures.min() > 0.0 and len(set(figures.tolist())) > len(space) / 2
    )


def test_a_model_that_knows_nothing_of_it_has_the_figures_of_its_synth(tmp_path):
    whole = load_space("vital-32")
    copied = ParameterSpace.from_dict(whole.to_dict())
    other = ParameterSpace("turned", "vital", list(whole)[::-1])
    assert audible_db(copied, tmp_path).tolist() == audible_db(whole, tmp_path).tolist()
    assert audible_db(other, tmp_path).tolist() == audible_db(whole, tmp_path)[::-1].tolist()


def test_a_synth_of_which_nothing_is_known_sends_all_alike(tmp_path):
    assert audible_db(made(), tmp_path).tolist() == [1.0, 1.0, 1.0]


def test_the_players_own_synth_comes_first_and_a_gap_counts_as_the_middle(tmp_path):
    write_audibility("vital", {"p0": 4.0, "p2": 2.0}, tmp_path)
    assert audible_db(made("vital"), tmp_path).tolist() == [4.0, 3.0, 2.0]


@given(st.lists(st.floats(0.0, 99.0, allow_subnormal=False), min_size=3, max_size=3))
def test_what_is_hardly_heard_is_still_sent(tmp_path_factory, figures):
    folder = tmp_path_factory.mktemp("facts")
    write_audibility("my box", {f"p{k}": db for k, db in enumerate(figures)}, folder)
    found = audible_db(made(), folder)
    assert (found > 0.0).all() and np.isfinite(found).all()
    assert (
        np.argsort(found, kind="stable") == np.argsort(np.maximum(figures, max(figures) / 100), kind="stable")
    ).all()


@pytest.mark.parametrize(
    "rows", ["[1, 2]", "{p0: loud, p1: .nan, p2: -1}", "{p0: true}", "nothing", "{p0: .inf}"]
)
def test_a_file_of_somebody_elses_making_is_left_alone(tmp_path, rows):
    facts_path("audible", "my box", tmp_path).write_text(f"device: my box\nrange_db: {rows}\n")
    assert audible_db(made(), tmp_path).tolist() == [1.0, 1.0, 1.0]
