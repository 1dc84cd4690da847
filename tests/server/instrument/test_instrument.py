import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ProtocolError
from server.instrument.instrument import Engine
from server.instrument.preset_map import Bank
from server.osc.wire import Vector
from tests.support.live import instrument, read

patches = st.lists(
    st.one_of(st.floats(0.0, 1.0, width=32), st.sampled_from([0.0, 1.0])), min_size=32, max_size=32
)


def make(folder, seed=0) -> Engine:
    loaded = instrument(folder)
    return Engine(loaded, Bank(loaded, []), seed)


@pytest.fixture
def engine(tiny):
    return make(tiny)


@settings(max_examples=300)
@given(patches)
def test_the_latent_of_a_patch_gives_the_patch_back(tiny, values):
    engine = make_once(tiny)
    engine.apply(Vector("/flow/patch", tuple(values)))
    exact = engine.present().copy()
    latent = read(engine.knobs()[1])[1:]
    engine.apply(Vector("/flow/latent", latent))
    assert np.array_equal(exact, np.array(values, np.float32))
    assert np.abs(engine.present() - exact).max() < 1e-3


_made = {}


def make_once(folder) -> Engine:
    return _made.setdefault(folder, make(folder))


def test_all_low_and_all_high(engine):
    for end in (0.0, 1.0):
        engine.apply(Vector("/flow/patch", (end,) * 32))
        engine.apply(Vector("/flow/latent", read(engine.knobs()[1])[1:]))
        assert np.abs(engine.present() - end).max() < 1e-3


@given(st.integers(0, 7), st.floats(0.0, 1.0, width=32))
def test_a_macro_shows_what_it_was_turned_to_and_moves_no_other(tiny, k, value):
    engine = make(tiny)
    before = engine.dials
    engine.apply(Vector("/flow/macro", (k, value)))
    after = engine.dials
    assert after[k] == pytest.approx(value, abs=1e-6)
    assert np.allclose(np.delete(after, k), np.delete(before, k), atol=1e-6)


def test_sending_the_dials_back_moves_nothing_even_past_their_ends(engine):
    engine.apply(Vector("/flow/latent", tuple(np.full(32, 3.0))))
    before, dials = engine.latent.copy(), read(engine.knobs()[0])[1:]
    assert 0.0 in dials or 1.0 in dials
    engine.apply(Vector("/flow/macros", dials))
    assert np.array_equal(engine.latent, before)


def test_hours_of_turning_do_not_drift(engine):
    start = engine.latent.copy()
    rng = np.random.default_rng(0)
    home = engine.dials
    for k in rng.integers(8, size=20_000):
        engine.apply(Vector("/flow/macro", (int(k), float(rng.uniform()))))
    engine.apply(Vector("/flow/macros", tuple(home)))
    assert np.allclose(engine.latent, start, atol=1e-4)


@pytest.mark.parametrize("move", ["preset", "place", "vary", "path"])
def test_frozen_macros_keep_their_place(engine, move):
    engine.apply(Vector("/flow/latent", tuple(np.linspace(-3, 3, 32))))
    engine.path.add(engine.latent, engine.present())
    engine.path.add(-engine.latent, 1 - engine.present())
    engine.frozen = {0, 5}
    place = engine.model.macros.directions @ engine.latent
    {
        "preset": lambda: engine.load_preset("Lead 1"),
        "place": lambda: engine.apply(Vector("/flow/place", (0.3, 0.6))),
        "vary": lambda: engine.vary(1.0),
        "path": lambda: engine.play_path(0.7),
    }[move]()
    after = engine.model.macros.directions @ engine.latent
    assert np.allclose(after[[0, 5]], place[[0, 5]], atol=1e-5)
    assert not np.allclose(after[[1, 2, 3, 4, 6, 7]], place[[1, 2, 3, 4, 6, 7]], atol=1e-2)


@pytest.mark.parametrize("address", ["/flow/latent", "/flow/patch"])
def test_an_exact_point_wins_over_frozen_macros(engine, address):
    engine.frozen = {0, 1, 2}
    engine.apply(Vector(address, (0.25,) * 32))
    if address == "/flow/latent":
        assert np.allclose(engine.latent, 0.25)
    else:
        assert np.all(engine.present() == 0.25)


def test_same_seed_same_variations(tiny):
    def varied(seed):
        engine = make(tiny, seed)
        engine.vary(0.5)
        return engine.latent

    assert np.array_equal(varied(3), varied(3))
    assert not np.array_equal(varied(3), varied(4))


def test_variations_are_gaussian(engine):
    start = engine.latent.copy()
    steps = []
    for _ in range(500):
        engine.apply(Vector("/flow/latent", tuple(start)))
        engine.vary(0.5)
        steps.append(engine.latent - start)
    # 16,000 draws: the standard deviation is known to 0.6 %, the mean to 0.004.
    assert np.std(steps) == pytest.approx(0.5, rel=0.03)
    assert abs(np.mean(steps)) < 0.02


def test_a_preset_is_where_the_map_says(engine):
    presets = engine.model.presets
    engine.load_preset("Pad 2")
    assert np.allclose(engine.latent, presets.latents[2])
    assert np.allclose(engine.present(), presets.patches[2], atol=1e-6)


def test_an_unknown_preset_changes_nothing(engine):
    before = engine.latent.copy()
    with pytest.raises(ProtocolError, match="did you mean 'Pad 2'"):
        engine.load_preset("pad 2")
    assert np.array_equal(engine.latent, before)


def test_a_path_has_its_ends_and_equal_speed(engine):
    points = [np.full(32, v) for v in (0.0, 1.0, 1.0, 4.0)]
    for point in points:
        engine.apply(Vector("/flow/latent", tuple(point)))
        engine.path.add(engine.latent, engine.present())
    for position, expected in [(0.0, 0.0), (0.125, 0.5), (0.25, 1.0), (0.5, 2.0), (1.0, 4.0)]:
        engine.play_path(position)
        assert np.allclose(engine.latent, expected, atol=1e-6), position


def test_a_path_in_parameters_is_straight_there(engine):
    for value in (0.2, 0.8):
        engine.apply(Vector("/flow/patch", (value,) * 32))
        engine.path.add(engine.latent, engine.present())
    engine.path.in_parameters = True
    engine.play_path(0.5)
    assert np.allclose(engine.present(), 0.5, atol=1e-6)
    assert np.allclose(engine.model.flow.decode(engine.latent), 0.5, atol=1e-4)


def test_a_path_needs_two_points_and_has_an_end(engine):
    with pytest.raises(ProtocolError, match="two points"):
        engine.play_path(0.5)
    for _ in range(64):
        engine.path.add(engine.latent, engine.present())
    engine.play_path(0.5)  # a path of no length stays where it is
    with pytest.raises(ProtocolError, match="64"):
        engine.path.add(engine.latent, engine.present())


def test_another_model_of_the_same_parameters_keeps_the_sound(engine, models):
    engine.apply(Vector("/flow/patch", tuple(np.linspace(0, 1, 32))))
    sound = engine.present().copy()
    engine.frozen = {1}
    other = instrument(models / "other")
    engine.adopt(other, Bank(other, []))
    assert np.array_equal(engine.present(), sound) and not engine.frozen
    assert np.allclose(other.model.flow.decode(engine.latent), sound, atol=1e-3)


def test_a_model_of_other_parameters_starts_where_it_rests(engine, models):
    small = instrument(models / "small")
    engine.adopt(small, Bank(small, []))
    assert engine.present().shape == (16,)
    assert np.array_equal(engine.latent, small.model.macros.resting)


def test_a_point_that_is_not_finite_never_leaves(engine):
    good = engine.latent
    engine._go(np.full(32, np.nan), np.full(32, 0.5, np.float32))
    with pytest.raises(ProtocolError, match="nearer"):
        engine.frame()
    engine.step_back()
    assert np.array_equal(engine.latent, good)


def test_what_cannot_be_decoded_leaves_the_last_good_point(engine, monkeypatch):
    engine.apply(Vector("/flow/macro", (0, 0.9)))
    good = engine.present().copy()
    monkeypatch.setattr(engine, "_decode", lambda z: (z * np.nan).astype(np.float32))
    engine.apply(Vector("/flow/macro", (0, 0.1)))
    with pytest.raises(ProtocolError, match="nearer"):
        engine.frame()
    engine.step_back()
    assert np.array_equal(engine.patch, good)
    assert engine.dials[0] == pytest.approx(0.9)
