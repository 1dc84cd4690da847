import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from core.errors import ConfigError, PatchError
from core.space import Parameter, ParameterSpace, VolumeGain
from synths.space_files import load_space

SPACE = load_space("vital-64")
UNIT = st.floats(0, 1, width=32, allow_subnormal=False)
VECTORS = npst.arrays(np.float32, len(SPACE), elements=UNIT)
SCALES = ("linear", "quadratic", "quartic", "exponential", "square_root", "indexed")


def parameter(**changes):
    return Parameter(**{"name": "a", "label": "A", "low": 0.0, "high": 1.0, **changes})


@given(VECTORS)
def test_encode_undoes_decode(vector):
    assert np.array_equal(SPACE.encode(SPACE.decode(vector)), vector)


@given(VECTORS)
def test_decode_undoes_encode_in_any_order(vector):
    patch = dict(reversed(SPACE.decode(vector).items()))
    assert SPACE.decode(SPACE.encode(patch)) == patch


@pytest.mark.parametrize("each", SPACE, ids=lambda each: each.name)
@given(value=UNIT)
def test_plain_and_normalized_undo_each_other(each, value):
    there = each.plain(value)
    back = each.normalized(there)
    if each.scale == "indexed":
        assert abs(each.raw(back) - each.raw(value)) <= 0.5 + 1e-6
        assert each.plain(back) == there
    else:
        # Fourth roots near zero lose half the digits of a double; 1e-5 is a tenth of a 14-bit step.
        assert back == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("each", SPACE, ids=lambda each: each.name)
def test_plain_never_falls_as_normalized_rises(each):
    plain = [each.plain(value) for value in np.linspace(0, 1, 50)]
    assert all(np.diff(plain) >= 0)


@pytest.mark.parametrize(
    ("changes", "normalized", "plain"),
    [
        ({"low": 8, "high": 136, "offset": -60}, 0.40625, 0.0),
        ({"scale": "quadratic"}, 0.5, 0.25),
        ({"scale": "quartic", "high": 2.0}, 0.5, 1.0),
        ({"scale": "exponential", "low": -7, "high": 9}, 0.5, 2.0),
        ({"scale": "square_root", "high": 6_400.0, "offset": -80}, 0.25, -40.0),
        ({"scale": "indexed", "low": -48, "high": 48}, 0.5051, 0.0),
    ],
)
def test_scales_by_hand(changes, normalized, plain):
    assert parameter(**changes).plain(normalized) == pytest.approx(plain)
    if changes.get("scale") != "indexed":
        assert parameter(**changes).normalized(plain) == pytest.approx(normalized)


@pytest.mark.parametrize("scale", SCALES)
@given(plain=st.floats(-1e6, 1e6, allow_subnormal=False))
def test_any_plain_value_is_held_inside(scale, plain):
    assert 0.0 <= parameter(scale=scale, low=-1.0, high=4.0).normalized(plain) <= 1.0


# -- errors


def test_unknown_and_missing_names():
    patch = SPACE.decode(SPACE.neutral)
    with pytest.raises(PatchError, match=r"no parameter 'filter_1_cutof'; did you mean 'filter_1_cutoff'\?"):
        SPACE.encode({**patch, "filter_1_cutof": 0.5})
    with pytest.raises(PatchError, match="did you mean 'env_1_decay'"):
        SPACE.index("env_1_decai")
    with pytest.raises(PatchError, match=r"known: volume"):
        SPACE["@@@@"]
    del patch["osc_1_level"]
    with pytest.raises(PatchError, match="lacks 1 of vital-64's 64 parameters, first 'osc_1_level'"):
        SPACE.encode(patch)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.01, 1.01])
def test_values_outside_name_the_parameter(value):
    vector = SPACE.neutral
    vector[3] = value
    with pytest.raises(PatchError, match=f"'{SPACE.names[3]}' is .*0 to 1"):
        SPACE.check(vector)
    with pytest.raises(ValueError):  # a PatchError is one, for callers that know nothing of us
        SPACE.decode(vector)


def test_a_wrong_length_says_both():
    with pytest.raises(PatchError, match="64 parameters, but 3 values"):
        SPACE.decode(np.zeros(3))
    with pytest.raises(PatchError):
        SPACE.check(np.zeros((1, 64)))


def test_a_space_survives_yaml(tmp_path):
    import yaml

    path = tmp_path / "space.yaml"
    path.write_text(yaml.safe_dump(SPACE.to_dict()))
    again = ParameterSpace.from_yaml(path)
    assert again.parameters == SPACE.parameters
    assert (again.name, again.synth) == (SPACE.name, SPACE.synth)


def test_a_measured_volume_survives_and_is_one_of_the_parameters():
    gain = VolumeGain(name="a", gain_db=(-80.0, -6.0, 0.0))
    space = ParameterSpace("s", "plugin:S.so", [parameter()], volume=gain)
    assert ParameterSpace.from_dict(space.to_dict()).volume == gain
    with pytest.raises(ConfigError, match="the volume 'b', which is none of its parameters"):
        ParameterSpace("s", "plugin:S.so", [parameter()], volume=VolumeGain(name="b", gain_db=(0.0, 1.0)))
    for gains in ([0.0], [0.0, -1.0], [0.0, float("nan")], [float("-inf"), 0.0], ["loud", 0.0], None):
        data = {**space.to_dict(), "volume": {"name": "a", "gain_db": gains}}
        with pytest.raises(ConfigError, match="is not a parameter space"):
            ParameterSpace.from_dict(data)


def test_the_same_name_twice():
    with pytest.raises(ConfigError, match="lists a twice"):
        ParameterSpace("s", "vital", [parameter(), parameter()])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lable": "A"}, "did you mean 'label'"),
        ({"scale": "cubic"}, "scale is one of"),
        ({"range": None}, "not a parameter space"),
        ({"range": [0]}, "not a parameter space"),
        ({"name": ...}, "not a parameter space"),
        ({"neutral": "high"}, "not a parameter space"),
    ],
)
def test_malformed_rows(change, message):
    row = {"name": "a", "label": "A", "range": [0, 1], "neutral": 0, "cc": 1, **change}
    row = {key: value for key, value in row.items() if value is not ...}
    with pytest.raises(ConfigError, match=message):
        ParameterSpace.from_dict({"name": "s", "synth": "x", "parameters": [row]})


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(ConfigError, match="no parameter space at"):
        ParameterSpace.from_yaml(tmp_path / "none.yaml")
    for text in ("[", "- 1", "name: s", ""):
        (tmp_path / "bad.yaml").write_text(text)
        with pytest.raises(ConfigError, match=r"bad\.yaml"):
            ParameterSpace.from_yaml(tmp_path / "bad.yaml")


def test_places_and_names():
    assert SPACE[0] is SPACE["volume"]
    assert "volume" in SPACE and "loudness" not in SPACE
    assert SPACE.index("volume") == 0
    assert SPACE.neutral.dtype == np.float32
    assert [each.name for each in SPACE] == list(SPACE.names)
