import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from synths.engine import Note
from synths.space_files import load_space, space_names
from synths.vital import VitalEngine
from training.data.canonical import Exchange, canonical
from training.data.draw import Prior

NOTE = Note(held_seconds=0.4, seconds=0.6)
PRIORS = {name: Prior.for_space(load_space(name)) for name in space_names("vital")}
WHOLE = PRIORS["vital-64"]
SPACE = WHOLE.space
AT = {name: SPACE.index(name) for name in SPACE.names}
(EXCHANGE,) = WHOLE.exchanges


@st.composite
def vectors(draw, space):
    """Random values of which any may be neutral, for that is where the canonical form does its work."""
    unit = st.floats(0, 1, width=32, allow_subnormal=False)
    values = draw(npst.arrays(np.float32, len(space), elements=unit))
    stays = draw(npst.arrays(bool, len(space)))
    return np.where(stays, space.neutral, values).astype(np.float32)


@pytest.mark.parametrize("name", PRIORS)
@given(data=st.data())
def test_doing_it_twice_changes_nothing(name, data):
    prior = PRIORS[name]
    once = canonical(data.draw(vectors(prior.space)), prior.space, prior.exchanges)
    prior.space.check(once)
    assert np.array_equal(canonical(once, prior.space, prior.exchanges), once)


@given(vectors(SPACE))
def test_what_is_heard_stays_and_the_given_vector_too(vector):
    given_ = vector.copy()
    result = canonical(vector, SPACE)
    assert np.array_equal(vector, given_)
    changed = [SPACE[int(k)] for k in np.flatnonzero(result != vector)]
    for parameter in changed:
        assert result[AT[parameter.name]] == np.float32(parameter.neutral)
        heard_through = [AT[name] for name in parameter.silent_unless]
        assert heard_through and all(
            result[k] == pytest.approx(SPACE.neutral[k], abs=1e-6) for k in heard_through
        )


def twins(**changes):
    """A patch whose oscillators are alike but for frame, level and detune."""
    vector = SPACE.neutral
    values = {"osc_1_wave_frame": 0.7, "osc_2_wave_frame": 0.3, "osc_1_level": 0.9, "osc_2_level": 0.6}
    for name, value in {**values, "osc_1_unison_detune": 0.2, "osc_2_unison_detune": 0.1, **changes}.items():
        vector[AT[name]] = value
    return vector


def test_twins_are_put_in_order_with_all_their_pairs():
    result = canonical(twins(), SPACE, WHOLE.exchanges)
    assert result[AT["osc_1_wave_frame"]] == np.float32(0.3)
    for a, b in EXCHANGE.pairs:
        assert (result[a], result[b]) == (twins()[b], twins()[a])
    assert np.array_equal(canonical(result, SPACE, WHOLE.exchanges), result)


@pytest.mark.parametrize("name", [SPACE.names[k] for k in EXCHANGE.when_neutral])
def test_what_only_one_of_them_has_forbids_the_exchange(name):
    vector = twins(**{name: 0.8 if SPACE[name].neutral < 0.7 else 0.2})
    result = canonical(vector, SPACE, WHOLE.exchanges)
    assert result[AT["osc_1_wave_frame"]] == np.float32(0.7)


def test_a_silent_second_oscillator_forbids_the_exchange():
    result = canonical(twins(osc_2_level=0.0), SPACE, WHOLE.exchanges)
    assert result[AT["osc_1_wave_frame"]] == np.float32(0.7)


def test_a_space_that_lacks_one_side_has_no_exchange():
    small = PRIORS["vital-32"].space  # it has no level of oscillator 1
    row = {
        "pairs": [["osc_1_level", "osc_2_level"]],
        "order_by": "osc_1_level",
        "when_neutral": [],
        "when_heard": [],
    }
    assert Exchange.from_dict(row, small) is None
    assert PRIORS["vital-32"].exchanges == []


def residue_db(vector, other):
    a, b = (VitalEngine().render(SPACE.decode(v), NOTE) for v in (vector, other))
    return 10 * np.log10(np.sum((a - b) ** 2) / max(np.sum(a**2), 1e-9) + 1e-20)


def test_twins_swapped_sound_the_same():
    # One patch played by either oscillator alone differs by -48 dB: their idle frequency morphs are of
    # two kinds, and neither leaves a wave exactly as it is.
    assert residue_db(twins(), canonical(twins(), SPACE, WHOLE.exchanges)) < -40


def hidden(vector, rng):
    """The same patch with every control that is not heard set to anything."""
    shaken = vector.copy()
    for parameter in SPACE:
        if parameter.silent_unless and all(
            vector[AT[name]] == np.float32(SPACE[name].neutral) for name in parameter.silent_unless
        ):
            shaken[AT[parameter.name]] = rng.uniform()
    return shaken


def test_what_the_canonical_form_drops_is_not_heard():
    rng = np.random.default_rng(8)
    for _ in range(4):
        vector, _ = WHOLE.draw(rng)
        # Frequency modulation and a moved level let oscillator 2 through; see the next test.
        for name in ("osc_1_distortion_amount", "modulation_9_amount", "modulation_11_amount"):
            vector[AT[name]] = SPACE[name].neutral
        vector = canonical(vector, SPACE)
        assert residue_db(vector, hidden(vector, rng)) < -50


@pytest.mark.parametrize("name", ["osc_2_wave_frame", "osc_2_unison_detune", "osc_2_spectral_morph_amount"])
def test_oscillator_2_is_heard_through_frequency_modulation(name):
    vector = SPACE.neutral
    vector[AT["osc_1_distortion_amount"]] = 0.6
    other = vector.copy()
    other[AT[name]] = 0.9
    assert residue_db(vector, other) < -50 or not np.array_equal(
        canonical(other, SPACE), canonical(vector, SPACE)
    )
