import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ProtocolError
from server.instrument.instrument import Instrument
from server.instrument.preset_map import PresetMap
from server.osc.hot_reader import ControlMessage
from tests.support.live import load, read

patches = st.lists(
    st.one_of(st.floats(0.0, 1.0, width=32), st.sampled_from([0.0, 1.0])), min_size=32, max_size=32
)


def make(folder, seed=0) -> Instrument:
    loaded = load(folder)
    return Instrument(loaded, PresetMap(loaded, []), seed)


@pytest.fixture
def instrument(tiny):
    return make(tiny)


@settings(max_examples=300)
@given(patches)
def test_the_latent_of_a_patch_gives_the_patch_back(tiny, values):
    instrument = make_once(tiny)
    instrument.apply(ControlMessage("/flow/patch", tuple(values)))
    exact = instrument.current_patch().copy()
    latent = read(instrument.knobs()[1])[1:]
    instrument.apply(ControlMessage("/flow/latent", latent))
    assert np.array_equal(exact, np.array(values, np.float32))
    assert np.abs(instrument.current_patch() - exact).max() < 1e-3


_made = {}


def make_once(folder) -> Instrument:
    return _made.setdefault(folder, make(folder))


def test_all_low_and_all_high(instrument):
    for end in (0.0, 1.0):
        instrument.apply(ControlMessage("/flow/patch", (end,) * 32))
        instrument.apply(ControlMessage("/flow/latent", read(instrument.knobs()[1])[1:]))
        assert np.abs(instrument.current_patch() - end).max() < 1e-3


@given(st.integers(0, 7), st.floats(0.0, 1.0, width=32))
def test_a_macro_shows_what_it_was_turned_to_and_moves_no_other(tiny, k, value):
    instrument = make(tiny)
    before = instrument.dials
    instrument.apply(ControlMessage("/flow/macro", (k, value)))
    after = instrument.dials
    assert after[k] == pytest.approx(value, abs=1e-6)
    assert np.allclose(np.delete(after, k), np.delete(before, k), atol=1e-6)


def test_sending_the_dials_back_moves_nothing_even_past_their_ends(instrument):
    instrument.apply(ControlMessage("/flow/latent", tuple(np.full(32, 3.0))))
    before, dials = instrument.latent.copy(), read(instrument.knobs()[0])[1:]
    assert 0.0 in dials or 1.0 in dials
    instrument.apply(ControlMessage("/flow/macros", dials))
    assert np.array_equal(instrument.latent, before)


def test_hours_of_turning_do_not_drift(instrument):
    start = instrument.latent.copy()
    rng = np.random.default_rng(0)
    home = instrument.dials
    for k in rng.integers(8, size=20_000):
        instrument.apply(ControlMessage("/flow/macro", (int(k), float(rng.uniform()))))
    instrument.apply(ControlMessage("/flow/macros", tuple(home)))
    assert np.allclose(instrument.latent, start, atol=1e-4)


@pytest.mark.parametrize("move", ["preset", "place", "vary", "path"])
def test_frozen_macros_keep_their_place(instrument, move):
    instrument.apply(ControlMessage("/flow/latent", tuple(np.linspace(-3, 3, 32))))
    instrument.path.add(instrument.latent, instrument.current_patch(), (0.5, 0.5))
    instrument.path.add(-instrument.latent, 1 - instrument.current_patch(), (0.5, 0.5))
    instrument.frozen = {0, 5}
    place = instrument.model.macros.directions @ instrument.latent
    {
        "preset": lambda: instrument.load_preset("Lead 1"),
        "place": lambda: instrument.apply(ControlMessage("/flow/place", (0.3, 0.6))),
        "vary": lambda: instrument.vary(1.0),
        "path": lambda: instrument.play_path(0.7),
    }[move]()
    after = instrument.model.macros.directions @ instrument.latent
    assert np.allclose(after[[0, 5]], place[[0, 5]], atol=1e-5)
    assert not np.allclose(after[[1, 2, 3, 4, 6, 7]], place[[1, 2, 3, 4, 6, 7]], atol=1e-2)


@pytest.mark.parametrize("address", ["/flow/latent", "/flow/patch"])
def test_an_exact_point_wins_over_frozen_macros(instrument, address):
    instrument.frozen = {0, 1, 2}
    instrument.apply(ControlMessage(address, (0.25,) * 32))
    if address == "/flow/latent":
        assert np.allclose(instrument.latent, 0.25)
    else:
        assert np.all(instrument.current_patch() == 0.25)


def test_same_seed_same_variations(tiny):
    def varied(seed):
        instrument = make(tiny, seed)
        instrument.vary(0.5)
        return instrument.latent

    assert np.array_equal(varied(3), varied(3))
    assert not np.array_equal(varied(3), varied(4))


def test_variations_are_gaussian(instrument):
    start = instrument.latent.copy()
    steps = []
    for _ in range(500):
        instrument.apply(ControlMessage("/flow/latent", tuple(start)))
        instrument.vary(0.5)
        steps.append(instrument.latent - start)
    # 16,000 draws: the standard deviation is known to 0.6 %, the mean to 0.004.
    assert np.std(steps) == pytest.approx(0.5, rel=0.03)
    assert abs(np.mean(steps)) < 0.02


def test_a_preset_is_where_the_map_says(instrument):
    presets = instrument.model.presets
    instrument.load_preset("Pad 2")
    assert np.allclose(instrument.latent, presets.latents[2])
    assert np.allclose(instrument.current_patch(), presets.patches[2], atol=1e-6)


def test_an_unknown_preset_changes_nothing(instrument):
    before = instrument.latent.copy()
    with pytest.raises(ProtocolError, match="did you mean 'Pad 2'"):
        instrument.load_preset("pad 2")
    assert np.array_equal(instrument.latent, before)


def test_a_path_has_its_ends_and_equal_speed(instrument):
    points = [np.full(32, v) for v in (0.0, 1.0, 1.0, 4.0)]
    for point in points:
        instrument.apply(ControlMessage("/flow/latent", tuple(point)))
        instrument.path.add(instrument.latent, instrument.current_patch(), (0.5, 0.5))
    for position, expected in [(0.0, 0.0), (0.125, 0.5), (0.25, 1.0), (0.5, 2.0), (1.0, 4.0)]:
        instrument.play_path(position)
        assert np.allclose(instrument.latent, expected, atol=1e-6), position


def test_a_path_in_parameters_is_straight_there(instrument):
    for value in (0.2, 0.8):
        instrument.apply(ControlMessage("/flow/patch", (value,) * 32))
        instrument.path.add(instrument.latent, instrument.current_patch(), (0.5, 0.5))
    instrument.path.in_parameters = True
    instrument.play_path(0.5)
    assert np.allclose(instrument.current_patch(), 0.5, atol=1e-6)
    assert np.allclose(instrument.model.flow.decode(instrument.latent), 0.5, atol=1e-4)


def test_a_path_needs_two_points_and_has_an_end(instrument):
    with pytest.raises(ProtocolError, match="two points"):
        instrument.play_path(0.5)
    for _ in range(64):
        instrument.path.add(instrument.latent, instrument.current_patch(), (0.5, 0.5))
    instrument.play_path(0.5)  # a path of no length stays where it is
    with pytest.raises(ProtocolError, match="64"):
        instrument.path.add(instrument.latent, instrument.current_patch(), (0.5, 0.5))


def test_another_model_of_the_same_parameters_keeps_the_sound(instrument, models):
    instrument.apply(ControlMessage("/flow/patch", tuple(np.linspace(0, 1, 32))))
    sound = instrument.current_patch().copy()
    instrument.frozen = {1}
    other = load(models / "other")
    instrument.adopt(other, PresetMap(other, []))
    assert np.array_equal(instrument.current_patch(), sound) and not instrument.frozen
    assert np.allclose(other.model.flow.decode(instrument.latent), sound, atol=1e-3)


def test_a_model_of_other_parameters_starts_where_it_rests(instrument, models):
    small = load(models / "small")
    instrument.adopt(small, PresetMap(small, []))
    assert instrument.current_patch().shape == (16,)
    assert np.array_equal(instrument.latent, small.model.macros.resting)


def test_a_point_that_is_not_finite_never_leaves(instrument):
    good = instrument.latent
    instrument._go(np.full(32, np.nan), np.full(32, 0.5, np.float32))
    with pytest.raises(ProtocolError, match="nearer"):
        instrument.frame()
    instrument.restore_last_good()
    assert np.array_equal(instrument.latent, good)


def test_what_cannot_be_decoded_leaves_the_last_good_point(instrument, monkeypatch):
    instrument.apply(ControlMessage("/flow/macro", (0, 0.9)))
    good = instrument.current_patch().copy()
    monkeypatch.setattr(instrument, "_decode", lambda z: (z * np.nan).astype(np.float32))
    instrument.apply(ControlMessage("/flow/macro", (0, 0.1)))
    with pytest.raises(ProtocolError, match="nearer"):
        instrument.frame()
    instrument.restore_last_good()
    assert np.array_equal(instrument.patch, good)
    assert instrument.dials[0] == pytest.approx(0.9)
