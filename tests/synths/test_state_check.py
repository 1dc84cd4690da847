import numpy as np
import pytest

from synths.space_files import load_space
from synths.state_check import MEDIAN_SHARE, WORST_SHARE, StateCheck, check_state, main, random_patches
from tests.support.needs import needs_amsynth, needs_vst3_tools
from tests.support.tiny_plugin import build_tiny_plugin, write_tiny_space


def check(median, worst):
    distances = np.array([median, median, median, worst])
    return StateCheck(np.zeros(4), distances, np.array([median]), 1.0)


def test_the_bounds_are_as_stated():
    assert check(0.9 * MEDIAN_SHARE, 0.9 * WORST_SHARE).within_bounds
    assert not check(1.1 * MEDIAN_SHARE, 0.9 * WORST_SHARE).within_bounds
    assert not check(0.9 * MEDIAN_SHARE, 1.1 * WORST_SHARE).within_bounds


def test_patches_are_of_the_space_and_of_the_seed():
    space = load_space("vital-16")
    patches = random_patches(space, 5, 3)
    assert patches == random_patches(space, 5, 3) != random_patches(space, 5, 4)
    for patch in patches:
        space.encode(patch)


def test_vital_carries_nothing_over():
    found = check_state(load_space("vital-32"), n_patches=4, seed=1)
    assert found.within_bounds
    assert np.median(found.residue_db) < -50


@pytest.mark.real
@needs_amsynth
def test_amsynth_carries_nothing_over():
    found = check_state(load_space("amsynth-16"), n_patches=6, seed=1)
    assert found.within_bounds
    assert found.residue_db.max() < -60


@pytest.fixture(scope="module")
def tiny_space(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugin")
    build_tiny_plugin(folder)
    return write_tiny_space(folder)


@pytest.mark.real
@needs_vst3_tools
def test_a_plug_in_that_forgets_nothing_is_found_out(tiny_space, monkeypatch, caplog, capsys):
    monkeypatch.setenv("FLOW_SYNTH_PLUGINS", str(tiny_space.parent))
    assert main(["--space", str(tiny_space), "--patches", "3"]) == 0
    assert "two patches apart" in capsys.readouterr().out
    monkeypatch.setenv("TINY_SYNTH", "forgetful")
    assert main(["--space", str(tiny_space), "--patches", "3"]) == 1
    assert "carries something over" in caplog.text


def test_an_unknown_space_is_one_line(caplog):
    assert main(["--space", "vital-17"]) == 2
    assert "did you mean" in caplog.text
