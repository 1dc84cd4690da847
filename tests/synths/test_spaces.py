import json

import pytest
import vita

from core.errors import ConfigError
from synths.base_patch import BASE_PATCH, ROUTING, base_patch
from synths.space_files import load_space, space_names

WHOLE = load_space("vital-64")
NAMES = list(space_names("vital"))
SCALES = {
    "linear": "Linear",
    "quadratic": "Quadratic",
    "quartic": "Quartic",
    "exponential": "Exponential",
    "square_root": "SquareRoot",
    "indexed": "Indexed",
}


@pytest.fixture(scope="module")
def synth():
    synth = vita.Synth()
    assert synth.load_json(BASE_PATCH.read_text())
    return synth


def test_smaller_spaces_are_the_beginning_of_larger_ones():
    assert [len(load_space(name)) for name in NAMES] == [16, 32, 64]
    for name in NAMES:
        space = load_space(name)
        assert space.parameters == WHOLE.parameters[: len(space)]
        assert space.name == name


def test_an_unknown_space_names_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'vital-32'"):
        load_space("vital-23")


@pytest.mark.parametrize("parameter", WHOLE, ids=lambda parameter: parameter.name)
def test_a_parameter_is_as_the_engine_describes_it(parameter, synth):
    details = synth.get_control_details(parameter.name)
    assert parameter.low == pytest.approx(details.min, rel=1e-5)
    assert parameter.high == pytest.approx(details.max, rel=1e-5)
    assert parameter.label == details.display_name
    assert details.scale.name == SCALES[parameter.scale]
    assert parameter.offset == pytest.approx(details.post_offset)
    assert bool(details.is_discrete) == (parameter.scale == "indexed")


def test_control_changes_are_unique_and_free():
    numbers = [parameter.control_change for parameter in WHOLE]
    assert len(set(numbers)) == 64
    # Modulation wheel, volume, pan, expression, pedals and bank select have meanings of their own;
    # 120 up are channel mode messages (MIDI 1.0).
    assert not {0, 1, 7, 10, 11, 32, 64, 65, 66, 67, 120, 121, 122, 123, 124, 125, 126, 127} & set(numbers)
    assert all(0 <= number <= 119 for number in numbers)


def test_what_a_parameter_is_heard_through_is_in_the_whole_space():
    for parameter in WHOLE:
        assert all(name in WHOLE for name in parameter.silent_unless), parameter.name
        assert parameter.name not in parameter.silent_unless


def test_the_committed_base_patch_is_the_one_that_is_built():
    assert json.loads(BASE_PATCH.read_text()) == json.loads(json.dumps(base_patch()))


def test_the_base_patch_holds_the_neutral_values(synth):
    controls = synth.get_controls()
    for parameter in WHOLE:
        raw = controls[parameter.name].value()
        assert parameter.normalized_raw(raw) == pytest.approx(parameter.neutral, abs=1e-5), parameter.name


def test_the_engine_wires_the_modulations(synth):
    rows = json.loads(synth.to_json())["settings"]["modulations"]
    wired = {k: (row["source"], row["destination"]) for k, row in enumerate(rows, 1) if row["source"]}
    assert wired == {slot: (source, destination) for slot, source, destination, _ in ROUTING}
    controls = synth.get_controls()
    for slot, _, _, bipolar in ROUTING:
        assert controls[f"modulation_{slot}_bipolar"].value() == float(bipolar)
        assert controls[f"modulation_{slot}_amount"].value() == 0.0


def test_captions_name_the_routing():
    # The caption is what a musician reads in place of "Modulation 4 Amount".
    for slot, source, _, _ in ROUTING:
        parameter = WHOLE[f"modulation_{slot}_amount"]
        assert parameter.caption.startswith({"env": "Env ", "lfo": "LFO "}[source[:3]] + source[-1])
