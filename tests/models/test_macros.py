from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.folder import ModelFolder, write_folder
from models.folder_files import read_tensors
from models.macros import N_DIALS, LoudnessCurve
from tests.support.tiny_model import write_tiny_model

# Directions are unit vectors to float32 only, hence the tolerances.
positions = st.floats(0.0, 1.0)
numbers = st.integers(0, 7)
CURVES = tuple(LoudnessCurve((0.1 * k, -0.2, 0.3)) for k in range(8))


@pytest.fixture(scope="module", params=["plain", "as loud"])
def macros(request, tmp_path_factory):
    folder = write_tiny_model(tmp_path_factory.mktemp("models") / "leveled", leveled=True)
    read = ModelFolder.load(folder).macros
    return replace(read, loudness=CURVES) if request.param == "as loud" else read


@pytest.fixture(scope="module")
def latents():
    return np.random.default_rng(0).normal(size=(2, 32))


@given(numbers, positions)
def test_a_macro_is_where_it_was_turned_to(macros, latents, k, position):
    z = macros[k].turn(latents[0], position)
    assert z.dtype == np.float64
    assert macros[k].position(z) == pytest.approx(position, abs=1e-6)
    assert macros.positions(z)[k] == pytest.approx(position, abs=1e-6)


@given(numbers, positions)
def test_a_macro_leaves_the_others_alone_and_the_way_back_ends_where_it_began(macros, latents, k, position):
    z = latents[0]
    turned = macros[k].turn(z, position)
    others = np.delete(np.arange(8), k)
    assert np.allclose(macros.positions(turned)[others], macros.positions(z)[others], atol=1e-6)
    back = macros[k].turn(turned, macros[k].position(z))
    assert np.allclose(back, z, rtol=0.0, atol=1e-6)


def test_positions_are_held_within_0_and_1_and_one_macros_is_not(macros):
    far = macros[2].turn(np.zeros(32), 1.0) + 3.0 * macros[2].direction
    assert macros.positions(far)[2] == 1.0
    assert macros[2].position(far) == pytest.approx(1.0 + 3.0 / macros[2].span)


@given(numbers)
def test_a_kept_macro_stays_along_its_direction_also_past_an_end(macros, latents, k):
    macro = macros[k]
    for z in (latents[0], latents[0] + 5.0 * macro.direction):
        kept = macro.keep(z, latents[1])
        assert macro.position(kept) == pytest.approx(macro.position(z), abs=1e-6)
        # Across the direction it is the other point, but for the level.
        moved = (kept - latents[1])[:-1]
        assert np.allclose(moved, (moved @ macro.direction[:-1]) * macro.direction[:-1], rtol=0.0, atol=1e-6)


def test_keeping_what_is_there_already_moves_nothing(macros, latents):
    for macro in macros:
        assert np.allclose(macro.keep(latents[0], latents[0]), latents[0], atol=1e-12)


def test_a_walk_goes_from_end_to_end(macros, latents):
    walk = macros[5].walk(latents[0], 5)
    assert walk.shape == (5, 32)
    for z, position in zip(walk, (0.0, 0.25, 0.5, 0.75, 1.0), strict=True):
        assert np.array_equal(z, macros[5].turn(latents[0], position))


def test_a_turn_writes_into_nothing(macros, latents):
    before = latents.copy()
    macros[0].turn(latents[0], 0.9)
    macros[0].keep(latents[0], latents[1])
    assert np.array_equal(latents, before)


def test_narrowed_macros_span_a_part_and_their_curves_go_along(macros, latents):
    low, high = np.full(8, 0.25), np.full(8, 0.75)
    narrowed = macros.narrowed(low, high)
    for whole, part in zip(macros, narrowed, strict=True):
        for position in (0.0, 0.5, 1.0):
            z = whole.turn(latents[0], 0.25 + 0.5 * position)
            assert part.position(z) == pytest.approx(position, abs=1e-6)
    middle = macros.descriptor_curves[:, :, 24:26].mean(axis=-1)
    assert np.allclose(narrowed.descriptor_curves[:, :, 24:26].mean(axis=-1), middle, atol=1e-6)


def test_some_of_the_macros_turn_as_they_did_among_all(macros, latents):
    some = macros.select([5, 0, 2])
    assert some.names == tuple(macros.names[k] for k in (5, 0, 2))
    assert len(some.loudness) in (0, 3)
    for k, among_all in enumerate((5, 0, 2)):
        np.testing.assert_array_equal(some[k].turn(latents[0], 0.3), macros[among_all].turn(latents[0], 0.3))


def test_the_first_eight_of_a_folder_are_on_dials(tmp_path):
    folder = write_tiny_model(tmp_path / "wordy")
    model = ModelFolder.load(folder)
    assert len(model.macros) == N_DIALS
    more = model.vocabulary.select([*range(8), 3, 1])
    write_folder(
        folder,
        space=model.space,
        weights=read_tensors(folder / "weights.safetensors"),
        macros=replace(more, names=tuple("abcdefghij")),
        presets=model.presets,
        settings=model.settings,
    )
    model = ModelFolder.load(folder)
    assert model.vocabulary.names == tuple("abcdefghij")
    assert model.macros.names == tuple("abcdefgh")
